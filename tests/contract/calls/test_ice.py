"""ICE servers from the settings, with the TURN server's secret from Secrets Manager."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from services.common.held_secret import RELOAD_SECONDS, HeldSecret
from services.query import handler as query
from services.query.settings import QuerySettings
from tests.support.aws import Aws
from tests.support.lambdas import call_http, new_user


def test_ice_servers_come_from_the_settings(monkeypatch: pytest.MonkeyPatch, fresh: Aws) -> None:
    ann, nothing = new_user(), {"iceServers": [], "expiresAt": None}
    assert call_http(query.handler, "GET", "/v1/calls/ice-servers", user=ann).body == nothing
    monkeypatch.setenv("STUN_URLS", "stun:one:3478, stun:two:3478")
    configured = query.handler.compose(QuerySettings.read())
    answer = call_http(configured, "GET", "/v1/calls/ice-servers", user=ann)
    assert answer.body == {**nothing, "iceServers": [{"urls": ["stun:one:3478", "stun:two:3478"]}]}
    assert answer.headers["cache-control"] == "no-store"
    assert call_http(query.handler, "GET", "/v1/calls/ice-servers", user=None).status == 403
    # The TURN secret is in Secrets Manager; the function's settings have only its name
    name = f"turn-{ann}"
    fresh.client("secretsmanager").create_secret(Name=name, SecretString="north")
    monkeypatch.setenv("TURN_URLS", "turn:here:3478")
    monkeypatch.setenv("TURN_SECRET_NAME", name)
    relayed = call_http(query.handler.compose(QuerySettings.read()), "GET", "/v1/calls/ice-servers", user=ann).body
    assert relayed["iceServers"][1]["username"].endswith(f":{ann}")
    assert "north" not in str(relayed)


def test_the_turn_secret_is_cached_for_five_minutes_and_kept_while_unreadable(fresh: Aws) -> None:
    clock = [0.0]
    name = f"turn-{new_user()}"
    manager = fresh.client("secretsmanager")
    manager.create_secret(Name=name, SecretString="first")
    secret = HeldSecret(name, lambda: clock[0])
    assert secret.read() == "first"
    manager.put_secret_value(SecretId=name, SecretString="second")
    assert secret.read() == "first"
    clock[0] = RELOAD_SECONDS
    assert secret.read() == "second"
    manager.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    clock[0] *= 2
    assert secret.read() == "second"
    with pytest.raises(ClientError):
        HeldSecret(name).read()
    assert HeldSecret("").read() == ""
