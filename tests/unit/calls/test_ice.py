"""The ICE servers that the API returns to browsers for calls."""

from __future__ import annotations

import base64
import hashlib
import hmac

from services.calls import ice
from services.common.clock import from_text, now


def test_turn_credentials_are_those_of_coturn() -> None:
    moment = now()
    stun, turn = ["stun:s:3478"], ["turn:t:3478"]
    nothing: dict[str, object] = {"iceServers": [], "expiresAt": None}
    assert ice.ice_servers("ann", moment, stun=[], turn=turn, secret="") == nothing
    found = ice.ice_servers("ann", moment, stun=stun, turn=turn, secret="north")
    first, second = found["iceServers"]
    assert first == {"urls": stun}
    expiry, user = second["username"].split(":")
    assert (user, int(expiry)) == ("ann", int((moment + ice.CREDENTIAL_LIFETIME).timestamp()))
    assert from_text(found["expiresAt"] or "").timestamp() == int(expiry)
    expected = hmac.new(b"north", second["username"].encode(), hashlib.sha1).digest()
    assert base64.b64decode(second["credential"]) == expected
