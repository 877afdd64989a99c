"""RFC 7516 (compact serialization); Amazon Cognito Developer Guide, "Quotas in Amazon Cognito"; API Reference."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulation.emulator import seams
from emulation.emulator.cognito import challenges, strangers, usernames
from emulation.emulator.cognito.inputs import refusal
from emulation.emulator.cognito.quotas import CATEGORIES, Rate
from emulation.emulator.cognito.refresh_tokens import issuer_of, open_token, seal_token
from tests.support.keys import rsa_key

ISSUER = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_pool"
KEY, OTHER_KEY = rsa_key(0), rsa_key(1)
SEALED = seal_token("a.b.c", ISSUER, KEY.public_key())


def test_a_sealed_token_opens_only_with_its_key() -> None:
    assert (issuer_of(SEALED), open_token(SEALED, KEY)) == (ISSUER, "a.b.c")
    assert open_token(SEALED, OTHER_KEY) is None
    assert seal_token("a.b.c", ISSUER, KEY.public_key()) != SEALED


@settings(max_examples=60)
@given(st.integers(0, len(SEALED) - 1), st.sampled_from("AQz09_-"))
def test_a_changed_token_does_not_open(at: int, letter: str) -> None:
    """In the last base64url letter, only upper bits count (RFC 4648); other spellings of the same bytes are valid."""
    changed = SEALED[:at] + letter + SEALED[at + 1 :]
    if SEALED[at] != "." and changed != SEALED:
        assert open_token(changed, KEY) in (None, "a.b.c")
        if at + 1 < len(SEALED) and SEALED[at + 1] != ".":
            assert open_token(changed, KEY) is None


@given(st.one_of(st.text(), st.none(), st.integers(), st.just("e30.a.b.c.d"), st.just("W10.a.b.c.d")))
def test_an_invalid_token_has_no_issuer(token: Any) -> None:
    assert issuer_of(token) == ""


def test_a_new_sign_in_drops_expired_sessions_and_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session ends three minutes after its sign-in, even if it is not used."""
    sessions: dict[str, dict[str, Any]] = {}

    def create(pool_id: str, client_id: str, username: str) -> tuple[str, dict[str, Any]]:
        sessions[username] = {"pool_id": pool_id, "client_id": client_id, "expires_at": time.time() + 180}
        return username, sessions[username]

    service = SimpleNamespace(
        _challenge_sessions=sessions, _create_challenge_session=create, _password_auth_result=None,
        _respond_to_auth_challenge=None, _admin_respond_to_auth_challenge=None,
    )  # fmt: skip
    monkeypatch.setattr(seams, "module", lambda name: service)
    challenges.ask_for_sessions()
    moment = 1_800_000_000.0
    for username, at in (("ann", moment), ("bob", moment + 100), ("cid", moment + 181)):
        monkeypatch.setattr(time, "time", lambda at=at: at)
        service._create_challenge_session("pool", "client", username)
    assert sorted(sessions) == ["bob", "cid"]


def test_a_rate_gives_one_seconds_worth_at_once_and_then_as_time_passes() -> None:
    rate = Rate(CATEGORIES["UserUpdate"][0])
    assert sum(rate.take(100.0) for _ in range(40)) == 25
    assert sum(rate.take(100.2) for _ in range(40)) == 5
    assert sum(rate.take(160.0) for _ in range(40)) == 25


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"AccessToken": "a.b.c"}, None),
        ({}, "Value at 'accessToken' failed to satisfy constraint: Member must not be null"),
        ({"AccessToken": "not a token"}, "Member must satisfy regular expression pattern"),
        ({"AccessToken": 1}, "AccessToken: expected string, got int"),
        ([], "expected structure, got list"),
        ({"AccessToken": True}, "expected string, got bool"),
    ],
)
def test_inputs_are_held_to_the_model(data: Any, problem: str | None) -> None:
    refused = refusal("GetUser", data)
    assert (refused is None) if problem is None else (refused and problem.lower() in refused[1].lower())


def test_an_operation_unknown_to_the_model_is_not_refused() -> None:
    assert refusal("NoSuchOperation", {}) is None


def test_an_old_state_has_verified_addresses() -> None:
    old = {"UserStatus": "CONFIRMED", "Attributes": [{"Name": "email", "Value": "a@example.com"}]}
    assert usernames.is_verified(old, "email")
    assert not usernames.is_verified(old | {"UserStatus": "UNCONFIRMED"}, "email")
    usernames.set_attributes(old, email_verified="false")
    assert not usernames.is_verified(old, "email")


def test_strangers_are_forgotten_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strangers, "MOST", 2)
    pool = {"Id": "forgetful"}
    first = strangers.record(pool, "A@example.com")
    first["failed"] = 1
    assert strangers.record(pool, "a@example.com") == {"failed": 1}
    for name in "bc":
        strangers.record(pool, name)
    assert strangers.record(pool, "a@example.com") == {}
