"""Amazon Cognito user pools API Reference, "UpdateUserAttributes", "GetUserAttributeVerificationCode",
"VerifyUserAttribute", "UserAttributeUpdateSettingsType", "UsernameConfigurationType", "SignUp", "ConfirmSignUp";
Developer Guide, "User pool case sensitivity", "Managing user existence error responses"."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from tests.contract.cognito_people import OTHER, PASSWORD, People, people, refusal
from tests.contract.emulator_process import EmulatorProcess

INSENSITIVE: dict[str, Any] = {"UsernameConfiguration": {"CaseSensitive": False}}
WAITING: dict[str, Any] = {"UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]}}


@pytest.fixture(scope="module")
def town(emulator: EmulatorProcess) -> People:
    client = {"PreventUserExistenceErrors": "ENABLED"}
    return people(emulator, client, **INSENSITIVE, **WAITING)


def _new() -> str:
    return f"{uuid.uuid4().hex[:12]}@example.com"


def _email(value: str) -> list[dict[str, str]]:
    return [{"Name": "email", "Value": value}]


def _known(town: People, token: str) -> dict[str, str]:
    return {one["Name"]: one["Value"] for one in town.own("get_user", token)["UserAttributes"]}


def test_one_address_is_one_account_in_any_case(town: People) -> None:
    email = town.sign_up(confirmed=True)
    for same in (email, email.upper(), email.title()):
        taken = town.refusal("sign_up", Username=same, Password=PASSWORD, UserAttributes=_email(same))
        assert taken[0] == "UsernameExistsException"
        assert town.sign_in(same, PASSWORD)["AuthenticationResult"]
    town.call("forgot_password", Username=email.upper())
    town.call(
        "confirm_forgot_password", Username=email.title(), Password=OTHER, ConfirmationCode=town.code(email)
    )  # fmt: skip
    assert town.sign_in(email.upper(), OTHER)["AuthenticationResult"]
    with pytest.raises(ClientError, match="already exists"):
        town.operator.admin_create_user(UserPoolId=town.pool_id, Username=email.upper(), MessageAction="SUPPRESS")


def test_a_pool_is_case_sensitive_unless_it_says_otherwise(emulator: EmulatorProcess) -> None:
    exact = people(emulator)
    email = exact.sign_up(confirmed=True)
    exact.call("sign_up", Username=email.upper(), Password=PASSWORD, UserAttributes=_email(email.upper()))
    named = people(emulator, **INSENSITIVE, UsernameAttributes=[])
    given = {"Password": PASSWORD, "UserAttributes": _email(_new())}
    named.call("sign_up", Username="Ada", **given)
    assert named.refusal("sign_up", Username="aDA", **given)[0] == "UsernameExistsException"


def test_two_sign_ups_at_once_make_one_account(town: People) -> None:
    email = _new()

    def sign_up(name: str) -> str:
        try:
            town.call("sign_up", Username=name, Password=PASSWORD, UserAttributes=_email(name))
        except ClientError as refused:
            return str(refused.response["Error"]["Code"])
        return "ok"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(sign_up, [email, email.upper()] * 4))
    assert sorted(answers) == sorted(["ok", *["UsernameExistsException"] * 7])


def test_an_answer_to_sign_up_does_not_name_the_address_in_full(town: People) -> None:
    email = _new()
    answer = town.call("sign_up", Username=email, Password=PASSWORD, UserAttributes=[{"Name": "email", "Value": email}])
    assert answer["CodeDeliveryDetails"]["Destination"] == f"{email[0]}****@e****"


def test_a_new_address_counts_when_its_code_is_entered(town: People) -> None:
    email, wanted = town.sign_up(confirmed=True), _new()
    token = town.token(email)
    sent = town.own("update_user_attributes", token, UserAttributes=_email(wanted))["CodeDeliveryDetailsList"]
    assert [one["AttributeName"] for one in sent] == ["email"]
    assert wanted not in sent[0]["Destination"]
    assert (_known(town, token)["email"], _known(town, token)["email_verified"]) == (email, "true")
    assert town.mails(email)[0]["body"] != town.mails(wanted)[0]["body"]
    assert town.sign_in(email, PASSWORD)
    first = town.code(wanted)
    town.own("get_user_attribute_verification_code", token, AttributeName="email")
    code = town.code(wanted)
    for wrong in {first, f"{(int(code) + 1) % 1_000_000:06d}", "123456"} - {code}:
        refused = town.own_refusal("verify_user_attribute", token, AttributeName="email", Code=wrong)
        assert refused[0] == "CodeMismatchException"
    town.own("verify_user_attribute", token, AttributeName="email", Code=code)
    assert (_known(town, token)["email"], _known(town, token)["email_verified"]) == (wanted, "true")
    assert town.sign_in(wanted.upper(), PASSWORD)
    assert town.sign_in_refusal(email, PASSWORD) == "Incorrect username or password."
    again = town.own_refusal("verify_user_attribute", token, AttributeName="email", Code=code)
    assert again[0] == "ExpiredCodeException"


def test_without_waiting_a_new_address_is_unverified(emulator: EmulatorProcess) -> None:
    town = people(emulator)
    email, wanted = town.sign_up(confirmed=True), _new()
    token = town.token(email)
    town.own("update_user_attributes", token, UserAttributes=_email(wanted))
    assert (_known(town, token)["email"], _known(town, token)["email_verified"]) == (wanted, "false")
    assert town.refusal("forgot_password", Username=wanted)[0] == "InvalidParameterException"
    town.own("verify_user_attribute", token, AttributeName="email", Code=town.code(wanted))
    assert _known(town, token)["email_verified"] == "true"


def test_an_address_of_another_account_cannot_be_taken(town: People) -> None:
    email, other, later = town.sign_up(confirmed=True), town.sign_up(confirmed=True), _new()
    token = town.token(email)
    for theirs in (other, other.upper()):
        refused = town.own_refusal("update_user_attributes", token, UserAttributes=_email(theirs))
        assert refused[0] == "AliasExistsException"
    town.own("update_user_attributes", token, UserAttributes=_email(later))
    town.call("sign_up", Username=later, Password=PASSWORD, UserAttributes=_email(later))
    code = town.mails(later)[1]["body"]
    digits = "".join(letter for letter in code if letter.isdigit())
    refused = town.own_refusal("verify_user_attribute", token, AttributeName="email", Code=digits)
    assert refused[0] == "AliasExistsException"
    assert _known(town, token)["email"] == email
    for wrong in ("nobody", "a@", "@example.com", "a b@example.com", "a@b@example.com", ""):
        assert town.own_refusal("update_user_attributes", token, UserAttributes=_email(wrong)) == (
            "InvalidParameterException",
            "Invalid email address format.",
        )


def test_codes_for_addresses_are_counted(town: People) -> None:
    email = town.sign_up(confirmed=True)
    token = town.token(email)
    town.own("update_user_attributes", token, UserAttributes=_email(_new()))
    wrong = [
        town.own_refusal("verify_user_attribute", token, AttributeName="email", Code=f"{number:06d}")[0]
        for number in range(16)
    ]
    assert wrong[-1] == "LimitExceededException"
    asked = {"AttributeName": "email"}
    for _ in range(5):
        town.own("get_user_attribute_verification_code", token, **asked)
    assert town.own_refusal("get_user_attribute_verification_code", token, **asked)[0] == "LimitExceededException"


def test_unknown_user_names_get_the_same_answer_as_known_ones(town: People) -> None:
    email, nobody = town.sign_up(confirmed=True), _new()
    for name in (email, nobody):
        sent = town.call("forgot_password", Username=name)["CodeDeliveryDetails"]
        assert (sent["DeliveryMedium"], sent["Destination"]) == ("EMAIL", f"{name[0]}****@e****")
        given = {"Username": name, "Password": OTHER, "ConfirmationCode": "000000"}
        assert town.refusal("confirm_forgot_password", **given)[0] == "CodeMismatchException"
        answers = [town.refusal("confirm_forgot_password", **given)[0] for _ in range(9)]
        assert answers.count("LimitExceededException") == 1
        assert [town.sign_in_refusal(name, "Wrong-harbour-7") for _ in range(6)] == [
            *["Incorrect username or password."] * 5,
            "Password attempts exceeded",
        ]
    assert town.mails(nobody) == []


def test_a_password_is_at_most_256_characters(town: People) -> None:
    longest = "Quiet-Harbour-7" + "x" * 241
    email = _new()
    for wrong, code in ((longest + "x", "InvalidParameterException"), ("Short-7", "InvalidPasswordException")):
        given = {"Username": email, "Password": wrong, "UserAttributes": _email(email)}
        assert town.refusal("sign_up", **given)[0] == code
    town.call("sign_up", Username=email, Password=longest, UserAttributes=_email(email))
    town.call("confirm_sign_up", Username=email, ConfirmationCode=town.code(email))
    token = town.token(email, longest)
    change = {"PreviousPassword": longest, "ProposedPassword": longest + "x"}
    assert town.own_refusal("change_password", token, **change)[0] == "InvalidParameterException"
    town.call("forgot_password", Username=email)
    reset = {"Username": email, "ConfirmationCode": town.code(email), "Password": longest + "x"}
    assert town.refusal("confirm_forgot_password", **reset)[0] == "InvalidParameterException"
    assert town.sign_in(email, longest)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"Password": 7}, "SerializationException"),
        ({"Username": ["a"]}, "SerializationException"),
        ({"UserAttributes": "email"}, "SerializationException"),
        ({"Username": ""}, "InvalidParameterException"),
        ({"Username": "a" * 129 + "@example.com"}, "InvalidParameterException"),
        ({"Password": " spaces-Around-7 "}, "InvalidParameterException"),
        ({"ClientId": "not a client"}, "InvalidParameterException"),
        ({"UserAttributes": [{"Name": "nickname", "Value": "x" * 2049}]}, "InvalidParameterException"),
    ],
)
def test_input_is_as_the_api_reference_describes_it(town: People, given: dict[str, Any], code: str) -> None:
    email = _new()
    whole = {"ClientId": town.client_id, "Username": email, "Password": PASSWORD, "UserAttributes": _email(email)}
    target = {"x-amz-target": "AWSCognitoIdentityProviderService.SignUp", "content-type": "application/x-amz-json-1.1"}
    answer = httpx.post(town.emulator.url, headers=target, json=whole | given, timeout=60)
    assert (answer.status_code, answer.json()["__type"]) == (400, code)


def test_a_pool_can_allow_only_administrators_to_create_users(emulator: EmulatorProcess) -> None:
    closed = people(emulator, AdminCreateUserConfig={"AllowAdminCreateUserOnly": True})
    refused = closed.refusal("sign_up", Username=_new(), Password=PASSWORD)
    assert refused == ("NotAuthorizedException", "SignUp is not permitted for this user pool")
    email = _new()
    make = closed.operator.admin_create_user
    given = {"UserPoolId": closed.pool_id, "Username": email, "MessageAction": "SUPPRESS"}
    for name in ("sub", "cognito:groups", "custom:unknown"):
        wrong = refusal(lambda one=name: make(**given, UserAttributes=[{"Name": one, "Value": "x"}]))
        assert wrong[0] == "InvalidParameterException"
    make(**given, TemporaryPassword=PASSWORD)
    assert closed.refusal("forgot_password", Username=email)[0] == "NotAuthorizedException"
    session = closed.sign_in(email, PASSWORD)["Session"]
    weak = {"USERNAME": email, "NEW_PASSWORD": "short"}
    answer = {"ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": session, "ChallengeResponses": weak}
    assert closed.refusal("respond_to_auth_challenge", **answer)[0] == "InvalidPasswordException"


def test_a_second_factor_is_chosen_after_it_was_set_up(town: People) -> None:
    email = town.sign_up(confirmed=True)
    token = town.token(email)
    wanted = {"SoftwareTokenMfaSettings": {"Enabled": True, "PreferredMfa": True}}
    refused = town.own_refusal("set_user_mfa_preference", token, **wanted)
    assert refused == ("InvalidParameterException", "User has not verified software token mfa")
    assert town.own_refusal("set_user_mfa_preference", token, SMSMfaSettings={"Enabled": True})[0] == refused[0]
    assert town.sign_in(email, PASSWORD)["AuthenticationResult"]
