"""Rights of the function that makes credentials for the TURN server."""

from __future__ import annotations

import aws_cdk as cdk

from infra.constants import TURN_SECRET
from infra.constructs.uses import makes_turn_credentials


def test_with_a_turn_server_the_function_may_read_its_secret_only() -> None:
    stack = cdk.Stack()
    assert makes_turn_credentials(stack, {"STUN_URLS": "stun:s:3478"}) == []
    [use] = makes_turn_credentials(stack, {"TURN_URLS": "turn:t:3478"})
    assert use.actions == ("secretsmanager:GetSecretValue",)
    assert use.environment == {"TURN_SECRET_NAME": TURN_SECRET}
    [resource] = use.resources
    assert resource.endswith(f":secret:{TURN_SECRET}-??????")
