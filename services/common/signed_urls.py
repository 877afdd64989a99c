"""Links to media that expire: CloudFront signed URLs with a custom policy.

Every link to a post's media is signed when the post is shown to a person who may see it; paths below ``/media/`` need
such a link, except for ``/media/public/*``. One signature covers the folder of one medium, so that all its sizes share
it, and the time is rounded, so that everybody gets the same link for an hour: browsers and CloudFront cache it.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-custom-policy.html
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from services.common.aws import client
from services.common.lazy_dataclasses import dataclass
from services.common.observability import logger
from services.common.settings import MediaLinkSettings

#: A resource: what goes in comes out with its links signed.
R = TypeVar("R", bound=Mapping[str, Any])
PRIVATE = "/private/"
#: A link is valid for one to two of these.
WINDOW_SECONDS = 3600
_RELOAD_SECONDS = 300


@dataclass(frozen=True)
class Access:
    """Signs links. ``origin`` is scheme and host of the distribution, as browsers use it: a policy whose host is a
    wildcard would also match ``/media/private/<other>/…?/media/private/<this>/``, because the query string counts."""

    origin: str
    key_pair_id: str
    private_key: str


def granted(document: R) -> R:
    """A resource in which every ``media`` list, at any depth, can be fetched. Only for viewers who may see all of it.

    Nothing but these lists is signed: a text of the author's that looks like a link stays a text.
    """
    # Most posts of a page have no media: only what differs is copied.
    signed = {}
    for name, value in document.items():
        if isinstance(value, dict):
            found: Any = granted(value)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            found = [granted_media(one) if name == "media" else granted(one) for one in value]
        else:
            continue
        if found is not value:
            signed[name] = found
    return cast(R, {**document, **signed}) if signed else document


def granted_media(media: R) -> R:
    """A Media resource with its private links signed. Only for viewers who may see it."""
    signed: dict[str, Any] = {name: _signed(media.get(name)) for name in ("url", "thumbnailUrl") if name in media}
    if media.get("variants"):
        signed["variants"] = [{**one, "url": _signed(one["url"])} for one in media["variants"]]
    return cast(R, {**media, **signed})


def _signed(url: str | None) -> str | None:
    if not url or PRIVATE not in url:
        return url
    path = urlsplit(url).path
    expires = (int(time.time()) // WINDOW_SECONDS + 2) * WINDOW_SECONDS
    return f"{url}?{_query(_access(), path.rpartition('/')[0], expires)}"


@lru_cache(maxsize=4096)
def _query(access: Access, folder: str, expires: int) -> str:
    """The signature takes half a millisecond of processor time: it is kept."""
    policy = policy_of(f"{access.origin}{folder}/*", expires)
    signature = sign(access.private_key, policy)
    return f"Policy={encode(policy)}&Signature={encode(signature)}&Key-Pair-Id={access.key_pair_id}"


def policy_of(resource: str, expires: int) -> bytes:
    """A custom policy: what may be fetched, and until when (seconds since the epoch)."""
    condition = {"DateLessThan": {"AWS:EpochTime": expires}}
    return json.dumps({"Statement": [{"Resource": resource, "Condition": condition}]}, separators=(",", ":")).encode()


def sign(private_key: str, policy: bytes) -> bytes:
    """RSA with SHA-1, as CloudFront wants it. ``private_key`` is PEM."""
    # Not at the top: functions that share a module with one that signs have no such layer.
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    return _key(private_key).sign(policy, padding.PKCS1v15(), hashes.SHA1())  # type: ignore[no-any-return] # noqa: S303


def encode(content: bytes) -> str:
    """CloudFront's Base64, which needs no escaping in a query string."""
    return base64.b64encode(content).decode().translate(str.maketrans("+=/", "-_~"))


@lru_cache(maxsize=2)
def _key(pem: str) -> Any:
    from cryptography.hazmat.primitives import serialization

    # Whether its primes are prime was checked when it was made; checking again takes 40 ms of each cold start.
    return serialization.load_pem_private_key(pem.encode(), None, unsafe_skip_rsa_key_validation=True)


_held: tuple[float, Access] | None = None


def _access() -> Access:
    """From Parameter Store and Secrets Manager, looked up again every five minutes: keys are rotated."""
    global _held
    if _held is not None and time.monotonic() - _held[0] < _RELOAD_SECONDS:
        return _held[1]
    try:
        found = _load()
    except Exception:
        if _held is None:
            raise
        logger.exception("the key for media links could not be read again")
        found = _held[1]
    _held = time.monotonic(), found
    return found


def _load() -> Access:
    # The settings of each function that signs include these, and were checked at cold start.
    found = MediaLinkSettings.read()
    where = json.loads(client("ssm").get_parameter(Name=found.media_access_parameter)["Parameter"]["Value"])
    pem = client("secretsmanager").get_secret_value(SecretId=found.media_signing_secret)["SecretString"]
    # While keys are rotated the distribution trusts two; which id is this key's, its public half says.
    return Access(where["origin"], where.get("keys", {}).get(fingerprint(pem), where["keyPairId"]), pem)


def fingerprint(private_key: str) -> str:
    """SHA-256 of the public half (SubjectPublicKeyInfo, DER), as ``infra/constructs/edge_security.py`` writes it."""
    from cryptography.hazmat.primitives import serialization

    form = serialization.PublicFormat.SubjectPublicKeyInfo
    public = _key(private_key).public_key().public_bytes(serialization.Encoding.DER, form)
    return hashlib.sha256(public).hexdigest()
