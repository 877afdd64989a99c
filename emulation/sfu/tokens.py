"""Rights at the media server: a JWT (RFC 7519, HS256) that a context signs by ``services/common/media_tokens.py``.

| Claim | Meaning |
|---|---|
| ``aud`` | ``sfu`` |
| ``room`` | the one room in which it counts |
| ``page`` | its holder: their sessions last as long as their newest token |
| ``feed`` | the name under which they may publish; without it they only watch |
| ``exp`` | when it ends |
| ``held`` | true: it counts only while the app holds the room open (``PUT /rooms/{room}``) |
| ``app`` | true: the app's own, which holds rooms open and ends them |
"""

from __future__ import annotations

from dataclasses import dataclass

import jwt


class Denied(Exception):
    """The token is missing, expired, or for another room."""


@dataclass(frozen=True)
class Token:
    room: str
    page: str
    feed: str | None
    #: Seconds since 1970.
    expires: float
    held: bool = False
    app: bool = False


def read(header: str, secret: str) -> Token:
    """The token of an ``Authorization`` header.

    Raises:
        Denied: the token is missing, invalid or expired.
    """
    scheme, _, text = header.partition(" ")
    if scheme.lower() != "bearer" or not text:
        raise Denied("expected 'Authorization: Bearer <token>'")
    try:
        required = ["exp", "room", "page"]
        claims = jwt.decode(text, secret, algorithms=["HS256"], audience="sfu", options={"require": required})
    except jwt.InvalidTokenError as error:
        raise Denied(f"the token does not count: {error}") from None
    held, app = claims.get("held") is True, claims.get("app") is True
    return Token(str(claims["room"]), str(claims["page"]), claims.get("feed"), float(claims["exp"]), held, app)
