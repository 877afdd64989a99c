"""Closes routes of MiniStack that require no signature and that AWS would not serve.

- Links to the code of functions and layers (``Location``) are signed and end after 10 minutes, as GetFunction and
  GetLayerVersion document it; MiniStack's carry a constant in place of the signature.
- Cognito's hosted sign-in is there for user pools with a domain alone. MiniStack's accepts passwords for every client.
- Amazon ECR's registry wants a token, which MiniStack does not look at: no images are served here.

Other routes below ``/_ministack/`` are helpers (``emulation/doors.py``).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from emulation.emulator import seams

#: Status, headers and body, as operations of MiniStack answer.
Answer = tuple[int, dict[str, Any], bytes]
#: Archives of functions and layers; https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html
CODE_PATHS = ("/_ministack/lambda-code/", "/_ministack/lambda-layers/")
LINK_SECONDS = 600
#: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-userpools-server-contract-reference.html
HOSTED_SIGN_IN = frozenset(
    ("/login", "/logout", *(f"/oauth2/{name}" for name in ("authorize", "login", "token", "userInfo", "userinfo")))
)
_EXPIRES, _SIGNATURE = "X-Amz-Expires-At", "X-Amz-Signature"
#: Of this process: links end with it.
_KEY = secrets.token_bytes(32)


@dataclass(frozen=True)
class Closed:
    """Why a route is not served, and the HTTP status that says it."""

    status: int
    message: str


def sign_code_links() -> None:
    """Sign the ``Location`` of GetFunction and GetLayerVersion."""
    service = seams.module("services.lambda_svc")
    of_function, of_layer = service._presigned_code_url, service._layer_content_url

    def function_link(func_name: str) -> str:
        return _signed(of_function(func_name))

    def layer_link(layer_name: str, version: int) -> str:
        return _signed(of_layer(layer_name, version))

    service._presigned_code_url, service._layer_content_url = function_link, layer_link
    for name in ("_get_layer_version", "_get_layer_version_by_arn"):
        setattr(service, name, _with_new_link(getattr(service, name)))


def _with_new_link(read: Callable[..., Answer]) -> Callable[..., Answer]:
    """MiniStack stores the link with the layer when it is published."""

    def answer(*arguments: Any) -> Answer:
        status, headers, body = read(*arguments)
        if status != 200:
            return status, headers, body
        document = json.loads(body)
        document["Content"]["Location"] = _signed(document["Content"]["Location"])
        return status, headers, json.dumps(document).encode()

    return answer


def closed(path: str, query: bytes) -> Closed | None:
    """Why this request (its path decoded) is not served, or None; None for all that MiniStack checks itself."""
    if path.startswith(CODE_PATHS):
        return None if _holds(path, query) else Closed(403, "this link to code is not signed, or has expired")
    if path in HOSTED_SIGN_IN and not seams.module("services.cognito")._pool_domain_map._data:
        return Closed(404, "the hosted sign-in needs a user pool with a domain")
    if seams.module("app")._is_ecr_registry_path(path):
        return Closed(401, "container images are not served by this emulator")
    return None


def _signed(url: str) -> str:
    parts = urlsplit(url)
    expires = int(time.time()) + LINK_SECONDS
    path = quote(unquote(parts.path))
    return f"{parts.scheme}://{parts.netloc}{path}?{_EXPIRES}={expires}&{_SIGNATURE}={_mac(unquote(path), expires)}"


def _holds(path: str, query: bytes) -> bool:
    given = parse_qs(query.decode("latin-1"))
    expires, signature = given.get(_EXPIRES, [""])[0], given.get(_SIGNATURE, [""])[0]
    if not expires.isascii() or not expires.isdigit() or len(expires) > 12 or int(expires) < time.time():
        return False
    return hmac.compare_digest(signature.encode(), _mac(path, int(expires)).encode())


def _mac(path: str, expires: int) -> str:
    return hmac.new(_KEY, f"{path}\n{expires}".encode(), hashlib.sha256).hexdigest()
