"""Amazon Cognito Developer Guide, "Lockout behavior for failed sign-in attempts"; API Reference,
"RespondToAuthChallenge", "Session"."""

from __future__ import annotations

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pycognito.aws_srp import AWSSRP

from tests.contract.cognito_people import OTHER, PASSWORD, People, people
from tests.contract.emulator_process import EmulatorProcess, wait_until

WRONG, LOCKED = "Incorrect username or password.", "Password attempts exceeded"


@pytest.fixture(scope="module")
def town(emulator: EmulatorProcess) -> People:
    return people(emulator)


def _by_srp(town: People, email: str, password: str) -> str:
    """``ok``, or the message of the refusal."""
    srp = AWSSRP(
        username=email, password=password, pool_id=town.pool_id, client_id=town.client_id, client=town.public
    )  # fmt: skip
    try:
        srp.authenticate_user()
    except ClientError as refused:
        return str(refused.response["Error"]["Message"])
    return "ok"


def test_wrong_passwords_lock_out_longer_each_time(town: People) -> None:
    email = town.sign_up(confirmed=True)
    assert [town.sign_in_refusal(email, "Wrong-harbour-7") for _ in range(5)] == [WRONG] * 5
    # Each further failure counts only after a lockout of 1, 2 and 4 seconds; then 8 seconds leave time for the checks.
    answers, deadline = [WRONG] * 5, time.monotonic() + 60
    while answers.count(WRONG) < 8 and time.monotonic() < deadline:
        answers.append(town.sign_in_refusal(email, "Wrong-harbour-7"))
        time.sleep(0.05)
    assert answers.count(WRONG) == 8
    assert LOCKED in answers
    assert town.sign_in_refusal(email, PASSWORD) == LOCKED
    assert _by_srp(town, email, PASSWORD) == LOCKED
    wait_until(lambda: town.sign_in(email, PASSWORD), 60, "the lockout to end")
    # A successful sign-in resets the count.
    assert [town.sign_in_refusal(email, "Wrong-harbour-7") for _ in range(4)] == [WRONG] * 4
    assert town.sign_in(email, PASSWORD)


def test_proofs_of_wrong_passwords_count_the_same(town: People) -> None:
    email = town.sign_up(confirmed=True)
    answers, deadline = [], time.monotonic() + 60
    while LOCKED not in answers and time.monotonic() < deadline:
        answers.append(_by_srp(town, email, "Wrong-harbour-7"))
    assert answers[:5] == [WRONG] * 5
    assert answers[-1] == LOCKED
    wait_until(lambda: _by_srp(town, email, PASSWORD) == "ok", 60, "the lockout to end")


def test_a_lockout_does_not_affect_other_users(town: People) -> None:
    locked, other = town.sign_up(confirmed=True), town.sign_up(confirmed=True)
    for _ in range(6):
        town.sign_in_refusal(locked, "Wrong-harbour-7")
    assert town.sign_in(other, PASSWORD)


@pytest.mark.parametrize(
    ("challenge", "answer"),
    [
        ("NEW_PASSWORD_REQUIRED", {"NEW_PASSWORD": OTHER}),
        ("SOFTWARE_TOKEN_MFA", {"SOFTWARE_TOKEN_MFA_CODE": "123456"}),
        ("MFA_SETUP", {}),
        ("SMS_MFA", {"SMS_MFA_CODE": "123456"}),
    ],
)
@pytest.mark.parametrize("session", [None, "x" * 44])
def test_an_answer_without_a_challenge_is_refused(
    town: People, challenge: str, answer: dict[str, str], session: str | None
) -> None:
    email = town.sign_up(confirmed=True)
    arguments: dict[str, Any] = {"ChallengeName": challenge, "ChallengeResponses": {"USERNAME": email} | answer}
    if session:
        arguments["Session"] = session
    refused = town.refusal("respond_to_auth_challenge", **arguments)
    assert refused == ("NotAuthorizedException", "Invalid session for the user.")
    with pytest.raises(ClientError, match="Invalid session for the user"):
        town.operator.admin_respond_to_auth_challenge(
            UserPoolId=town.pool_id, ClientId=town.client_id, **arguments
        )  # fmt: skip
    assert town.sign_in(email, PASSWORD)


def test_a_temporary_password_is_replaced_once_by_its_own_user(town: People) -> None:
    email, other = town.sign_up(confirmed=True), town.sign_up(confirmed=True)
    town.operator.admin_set_user_password(UserPoolId=town.pool_id, Username=email, Password=PASSWORD)
    session = town.sign_in(email, PASSWORD)["Session"]

    def respond(name: str) -> dict[str, Any]:
        answer = {"USERNAME": name, "NEW_PASSWORD": OTHER}
        return {"ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": session, "ChallengeResponses": answer}

    assert town.refusal("respond_to_auth_challenge", **respond(other))[0] == "NotAuthorizedException"
    assert town.call("respond_to_auth_challenge", **respond(email))["AuthenticationResult"]
    assert town.refusal("respond_to_auth_challenge", **respond(email))[0] == "NotAuthorizedException"
    assert town.sign_in(email, OTHER)["AuthenticationResult"]
    assert town.sign_in(other, PASSWORD)["AuthenticationResult"]
