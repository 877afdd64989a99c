"""Signature Version 4 of a POST, with the signing key of the day kept.

botocore signs anything; this signs one shape of request, in a fifth of the time.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote

_ALGORITHM = "AWS4-HMAC-SHA256"


def signed(
    credentials: Any, region: str, service: str, host: str, path: str, headers: Mapping[str, str], body: bytes,
    at: float | None = None,
) -> dict[str, str]:  # fmt: skip
    """The headers to send, names in lower case.

    Args:
        credentials: frozen ones of botocore (``access_key``, ``secret_key``, ``token``).
        path: as it is sent, without a query.
        headers: to be sent and signed.
        at: epoch seconds, now by default.
    """
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(at))
    sent = {name.lower(): value for name, value in headers.items()} | {"host": host, "x-amz-date": moment}
    if credentials.token:
        sent["x-amz-security-token"] = credentials.token
    names = sorted(sent)
    named = ";".join(names)
    lines = "".join(f"{name}:{' '.join(sent[name].split())}\n" for name in names)
    canonical = f"POST\n{quote(path, safe='/~')}\n\n{lines}\n{named}\n{hashlib.sha256(body).hexdigest()}"
    scope = f"{moment[:8]}/{region}/{service}/aws4_request"
    text = f"{_ALGORITHM}\n{moment}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = _hmac(_key(credentials.secret_key, moment[:8], region, service), text).hex()
    credential = f"Credential={credentials.access_key}/{scope}"
    sent["authorization"] = f"{_ALGORITHM} {credential}, SignedHeaders={named}, Signature={signature}"
    return sent


@lru_cache(maxsize=8)
def _key(secret: str, day: str, region: str, service: str) -> bytes:
    key = _hmac(f"AWS4{secret}".encode(), day)
    for part in (region, service, "aws4_request"):
        key = _hmac(key, part)
    return key


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
