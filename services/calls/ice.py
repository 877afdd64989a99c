"""ICE servers for browsers: STUN as configured, TURN with credentials that expire."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta

from services.calls.resources import IceServer

CREDENTIAL_LIFETIME = timedelta(hours=6)


def ice_servers(
    user_id: str, moment: datetime, *, stun: Sequence[str], turn: Sequence[str], secret: str
) -> list[IceServer]:
    """TURN credentials are those of coturn's ``use-auth-secret``: the user name is ``<expiry, epoch seconds>:<user
    id>``, the password base64(HMAC-SHA1(secret, user name)); draft-uberti-behave-turn-rest-00. Without a secret there
    is no TURN.
    """
    servers: list[IceServer] = []
    if stun:
        servers.append({"urls": list(stun)})
    if turn and secret:
        username = f"{int((moment + CREDENTIAL_LIFETIME).timestamp())}:{user_id}"
        digest = hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()
        servers.append({"urls": list(turn), "username": username, "credential": base64.b64encode(digest).decode()})
    return servers
