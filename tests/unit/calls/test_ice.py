"""The ICE servers that the API returns to browsers for calls."""

from __future__ import annotations

import base64
import hashlib
import hmac

import aws_cdk as cdk

from infra.constants import TURN_SECRET
from infra.constructs.uses import makes_turn_credentials
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


def test_with_a_turn_server_the_function_may_read_its_secret_only() -> None:
    stack = cdk.Stack()
    assert makes_turn_credentials(stack, {"STUN_URLS": "stun:s:3478"}) == []
    [use] = makes_turn_credentials(stack, {"TURN_URLS": "turn:t:3478"})
    assert use.actions == ("secretsmanager:GetSecretValue",)
    assert use.environment == {"TURN_SECRET_NAME": TURN_SECRET}
    [resource] = use.resources
    assert resource.endswith(f":secret:{TURN_SECRET}-??????")
