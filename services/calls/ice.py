"""ICE servers for browsers: STUN as configured, TURN with credentials that expire."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta

from services.calls.resources import IceServer, IceServers
from services.common.clock import to_text

#: How long a browser may make new relays with what it was given. A longer call asks again before.
CREDENTIAL_LIFETIME = timedelta(hours=1)


def ice_servers(user_id: str, moment: datetime, *, stun: Sequence[str], turn: Sequence[str], secret: str) -> IceServers:
    """TURN credentials are those of coturn's ``use-auth-secret``: the user name is ``<expiry, epoch seconds>:<user
    id>``, the password base64(HMAC-SHA1(secret, user name)); draft-uberti-behave-turn-rest-00. Without a secret there
    is no TURN.
    """
    servers: list[IceServer] = [{"urls": list(stun)}] if stun else []
    if not (turn and secret):
        return {"iceServers": servers, "expiresAt": None}
    expires = (moment + CREDENTIAL_LIFETIME).replace(microsecond=0)
    username = f"{int(expires.timestamp())}:{user_id}"
    servers.append({"urls": list(turn), "username": username, "credential": _password(secret, username)})
    return {"iceServers": servers, "expiresAt": to_text(expires)}


def _password(secret: str, username: str) -> str:
    return base64.b64encode(hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()).decode()
