"""Signature Version 4, to sign and to check.

Source: AWS IAM User Guide, "Create a signed AWS API request". Standard library only; signing keys are derived once a
day, region and service.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
#: RFC 3986's unreserved characters; ``quote`` leaves letters and digits as they are anyway.
_UNRESERVED = "-_.~"


class Credentials(NamedTuple):
    """A long-term access key."""

    access_key_id: str
    secret_access_key: str

    def for_boto3(self) -> dict[str, Any]:
        """Arguments of a boto3 client or session."""
        return {"aws_access_key_id": self.access_key_id, "aws_secret_access_key": self.secret_access_key}


class CredentialScope(NamedTuple):
    """``{date}/{region}/{service}/aws4_request``."""

    date: str
    region: str
    service: str

    def __str__(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/aws4_request"


@lru_cache(maxsize=512)
def signing_key(secret: str, scope: CredentialScope) -> bytes:
    """The key that signs within one day, region and service."""
    key = f"AWS4{secret}".encode()
    for part in (*scope, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


@lru_cache(maxsize=512)
def canonical_path(path: str, service: str) -> str:
    """``path`` is as sent, without empty or dot segments; S3 signs it so, all others encode it once more."""
    return path if service == "s3" else quote(path, safe=f"{_UNRESERVED}/")


def canonical_query(query: str) -> str:
    """Names and values encoded once and in order."""
    if not query:
        return ""
    pairs = (
        (quote(name, safe=_UNRESERVED), quote(value, safe=_UNRESERVED))
        for name, value in parse_qsl(query, keep_blank_values=True)
    )
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def signature(secret: str, scope: CredentialScope, amz_date: str, canonical_request: str) -> str:
    """In hexadecimal; ``canonical_request`` is its six parts joined by newlines."""
    hashed = hashlib.sha256(canonical_request.encode()).hexdigest()
    to_sign = f"{ALGORITHM}\n{amz_date}\n{scope}\n{hashed}"
    return hmac.digest(signing_key(secret, scope), to_sign.encode(), "sha256").hex()


def signed_headers(
    credentials: Credentials, region: str, service: str, method: str, host: str, target: str, body: bytes = b"",
    others: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, str]:  # fmt: skip
    """The headers that sign a request to ``host`` (with its port) for ``target`` (path and query as sent), now.

    ``others``: further headers of the request that are signed; all that begin with ``x-amz-`` have to be.
    """
    amz_date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    scope = CredentialScope(amz_date[:8], region, service)
    payload, (path, _, query) = hashlib.sha256(body).hexdigest(), target.partition("?")
    signed = {"host": host, "x-amz-content-sha256": payload, "x-amz-date": amz_date}
    signed |= {name.lower(): " ".join(value.split()) for name, value in others.items()}
    names = ";".join(sorted(signed))
    headers = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
    canonical = (method, canonical_path(path, service), canonical_query(query), headers, names, payload)
    found = signature(credentials.secret_access_key, scope, amz_date, "\n".join(canonical))
    credential = f"{credentials.access_key_id}/{scope}"
    return {
        "authorization": f"{ALGORITHM} Credential={credential}, SignedHeaders={names}, Signature={found}",
        "x-amz-content-sha256": payload,
        "x-amz-date": amz_date,
    }
