"""Signed URLs and signed cookies.

Sources: "Use signed URLs", "Use signed cookies", "Create a signed URL using a canned policy / a custom policy". The
signature is RSA with SHA-1 over the policy; Base64 with ``+``, ``=``, ``/`` written as ``-``, ``_``, ``~``.
"""

from __future__ import annotations

import base64
import ipaddress
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

#: Query parameters that CloudFront takes for itself and removes before it asks the cache or the origin.
PARAMETERS = frozenset(("Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm"))


class RefusedError(Exception):
    """A private object was asked for without a valid signature. ``code`` and ``text`` are those of CloudFront's XML."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text


ACCESS_DENIED = RefusedError("AccessDenied", "Access denied")


@dataclass(frozen=True, slots=True)
class Signed:
    """The viewer's signature, from the query string or from cookies."""

    key_pair_id: str
    signature: str
    policy: str = ""
    expires: str = ""
    algorithm: str = "SHA1"


def decode(text: str) -> bytes:
    """CloudFront's URL-safe Base64.

    Raises:
        ValueError: it is not Base64 of this kind.
    """
    return base64.b64decode(text.replace("-", "+").replace("_", "=").replace("~", "/"), validate=True)


def encode(content: bytes) -> str:
    return base64.b64encode(content).decode().replace("+", "-").replace("=", "_").replace("/", "~")


def canned_policy(resource: str, expires: int) -> str:
    """The policy that stands behind ``Expires=…``; no white space, the order of keys matters."""
    condition = {"DateLessThan": {"AWS:EpochTime": expires}}
    statement = {"Statement": [{"Resource": resource, "Condition": condition}]}
    return json.dumps(statement, separators=(",", ":"), ensure_ascii=False)


def split_query(query: str) -> tuple[str, dict[str, str]]:
    """The query string without CloudFront's own parameters, and those parameters."""
    if "Signature=" not in query and "Key-Pair-Id=" not in query and "Policy=" not in query:
        return query, {}
    kept: list[str] = []
    own: dict[str, str] = {}
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if name in PARAMETERS:
            own[name] = unquote(value)
        else:
            kept.append(part)
    return "&".join(kept), own


def presented(own: Mapping[str, str], cookies: Mapping[str, str]) -> Signed:
    """The viewer's signature; a signed URL takes precedence over signed cookies.

    Raises:
        RefusedError: MissingKey, or AccessDenied when a part is missing.
    """
    if "Signature" in own or "Key-Pair-Id" in own or "Policy" in own:
        source, prefix = own, ""
    else:
        source, prefix = cookies, "CloudFront-"
    key = source.get(prefix + "Key-Pair-Id", "")
    if not key:
        raise RefusedError("MissingKey", "Missing Key-Pair-Id query parameter or cookie value")
    signature = source.get(prefix + "Signature", "")
    policy, expires = source.get(prefix + "Policy", ""), source.get(prefix + "Expires", "")
    if not signature or not (policy or expires):
        raise ACCESS_DENIED
    return Signed(key, signature, policy, expires, source.get(prefix + "Hash-Algorithm") or "SHA1")


def verify(signed: Signed, keys: Mapping[str, bytes], url: str, client: str, now: float) -> None:
    """Check a signature and its policy.

    ``url`` is what the viewer asked for, without CloudFront's parameters; ``keys`` maps Key-Pair-Id to PEM.

    Raises:
        RefusedError: InvalidKey, MalformedPolicy, MalformedSignature or AccessDenied.
    """
    pem = keys.get(signed.key_pair_id)
    if pem is None:
        raise RefusedError("InvalidKey", "Unknown Key")
    if signed.policy:
        try:
            policy = decode(signed.policy)
            document = json.loads(policy)
        except ValueError:
            raise RefusedError("MalformedPolicy", "Malformed Policy") from None
    else:
        if not signed.expires.isdigit():
            raise RefusedError("MalformedPolicy", "Malformed Policy")
        policy = canned_policy(url, int(signed.expires)).encode()
        document = json.loads(policy)
    _check_signature(pem, signed, policy)
    _check_policy(document, url, client, now)


@lru_cache(maxsize=64)
def _public_key(pem: bytes) -> rsa.RSAPublicKey:
    key = serialization.load_pem_public_key(pem)
    if not isinstance(key, rsa.RSAPublicKey):
        raise RefusedError("InvalidKey", "Unknown Key")
    return key


def _check_signature(pem: bytes, signed: Signed, policy: bytes) -> None:
    try:
        signature = decode(signed.signature)
    except ValueError:
        raise RefusedError("MalformedSignature", "Could not unencode Signature") from None
    algorithm = hashes.SHA256() if signed.algorithm == "SHA256" else hashes.SHA1()  # noqa: S303
    try:
        _public_key(pem).verify(signature, policy, padding.PKCS1v15(), algorithm)
    except InvalidSignature:
        raise ACCESS_DENIED from None


def _check_policy(document: Any, url: str, client: str, now: float) -> None:
    try:
        (statement,) = document["Statement"]
        condition = statement["Condition"]
        before = float(condition["DateLessThan"]["AWS:EpochTime"])
        after = float(condition.get("DateGreaterThan", {}).get("AWS:EpochTime", 0))
        addresses = condition.get("IpAddress", {}).get("AWS:SourceIp", "0.0.0.0/0")
        network = ipaddress.ip_network(addresses, strict=False)
        resource = str(statement.get("Resource", "*"))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise RefusedError("MalformedPolicy", "Malformed Policy") from None
    if not after <= now < before or not resource_matches(resource, url):
        raise ACCESS_DENIED
    if network.prefixlen and ipaddress.ip_address(client) not in network:
        raise ACCESS_DENIED


def resource_matches(resource: str, url: str) -> bool:
    """``*`` is any number of characters and ``?`` one, except the ``?`` that begins the query string of a URL."""
    body = "".join(".*" if c == "*" else re.escape(c) if c != "?" else "." for c in resource)
    return re.fullmatch(body, url, re.DOTALL) is not None
