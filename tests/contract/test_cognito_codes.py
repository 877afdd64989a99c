"""Amazon Cognito Developer Guide, "Quotas in Amazon Cognito" (code security resource quotas), "Forgot password
behavior"."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import httpx
import pytest

from tests.contract.cognito_people import OTHER, PASSWORD, People, people
from tests.contract.emulator_process import EmulatorProcess, wait_until

TRIGGER = """
def handler(event, context):
    said = (event["request"]["clientMetadata"] or {}).get("language", "")
    event["response"]["emailSubject"] = event["triggerSource"] + " " + said
    event["response"]["emailMessage"] = "none" if said == "without a code" else "Code: {####}"
    return event
"""
EXPIRED, MISMATCH, TOO_MANY = "ExpiredCodeException", "CodeMismatchException", "LimitExceededException"
#: The code that MiniStack mails to everybody, and its reverse, which it mails for forgotten passwords.
CONSTANT = "123456"


@pytest.fixture(scope="module")
def town(emulator: EmulatorProcess) -> People:
    return people(emulator)


def _other(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_codes_differ_and_arrive_by_mail(town: People) -> None:
    emails = [town.sign_up() for _ in range(4)]
    codes = [town.code(email) for email in emails]
    for email in emails:
        town.call("confirm_sign_up", Username=email, ConfirmationCode=codes[emails.index(email)])
        town.call("forgot_password", Username=email)
        town.operator.admin_reset_user_password(UserPoolId=town.pool_id, Username=email)
        codes += [re.findall(r"\b\d{6}\b", mail["body"])[0] for mail in town.mails(email)[:2]]
    # Twelve codes of a million: two are equal once in 15,000 runs, four are practically never equal.
    assert len(codes) == 12
    assert len(set(codes)) > 8


def test_a_sign_up_is_confirmed_by_its_own_newest_code_once(town: People) -> None:
    email = town.sign_up()
    first = town.code(email)
    town.call("resend_confirmation_code", Username=email)
    newest = town.code(email)
    assert newest != CONSTANT  # wrong, but for one case in a million
    for code in {first, CONSTANT, _other(newest), "１２３４５６"} - {newest}:
        assert town.refusal("confirm_sign_up", Username=email, ConfirmationCode=code)[0] == MISMATCH
    town.call("confirm_sign_up", Username=email, ConfirmationCode=newest)
    again = town.refusal("confirm_sign_up", Username=email, ConfirmationCode=newest)
    assert again == ("NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED")
    assert town.sign_in(email, PASSWORD)["AuthenticationResult"]


def test_a_password_is_set_by_the_newest_mailed_code_once(town: People) -> None:
    email = town.sign_up(confirmed=True)
    before = {"Username": email, "Password": OTHER, "ConfirmationCode": town.code(email)}
    assert town.refusal("confirm_forgot_password", **before)[0] == EXPIRED
    town.call("forgot_password", Username=email)
    first = town.code(email)
    town.call("forgot_password", Username=email)
    newest = town.code(email)
    assert newest != CONSTANT[::-1]
    for code in {first, CONSTANT[::-1], _other(newest)} - {newest}:
        given = {"Username": email, "Password": OTHER, "ConfirmationCode": code}
        assert town.refusal("confirm_forgot_password", **given)[0] == MISMATCH
    right = {"Username": email, "ConfirmationCode": newest}
    assert town.refusal("confirm_forgot_password", **right, Password="short")[0] == "InvalidPasswordException"
    town.call("confirm_forgot_password", **right, Password=OTHER)
    assert town.refusal("confirm_forgot_password", **right, Password=PASSWORD)[0] == EXPIRED
    assert town.sign_in(email, OTHER)["AuthenticationResult"]


def test_requests_are_counted_by_the_hour(town: People) -> None:
    email = town.sign_up()
    code = town.code(email)
    for _ in range(15):
        assert town.refusal("confirm_sign_up", Username=email, ConfirmationCode=_other(code))[0] == MISMATCH
    refused = town.refusal("confirm_sign_up", Username=email, ConfirmationCode=code)
    assert refused == (TOO_MANY, "Attempt limit exceeded, please try after some time.")
    for _ in range(5):
        town.call("resend_confirmation_code", Username=email)
    assert town.refusal("resend_confirmation_code", Username=email)[0] == TOO_MANY
    assert town.refusal("confirm_sign_up", Username=email, ConfirmationCode=town.code(email))[0] == TOO_MANY
    # Another user has a separate quota.
    other = town.sign_up()
    town.call("confirm_sign_up", Username=other, ConfirmationCode=town.code(other))


def test_a_new_code_gives_no_new_tries_to_guess_it(town: People) -> None:
    email = town.sign_up(confirmed=True)
    town.call("forgot_password", Username=email)
    answers = []
    for number in range(30):
        given = {"Username": email, "Password": OTHER, "ConfirmationCode": f"{number:06d}"}
        answers.append(town.refusal("confirm_forgot_password", **given)[0])
        if answers[-1] == TOO_MANY:
            break
    # "Between 5 and 20 attempts" for requesting and entering together.
    assert 4 <= answers.index(TOO_MANY) <= 19
    assert town.refusal("forgot_password", Username=email)[0] == TOO_MANY


def test_wrong_old_passwords_are_counted_too(town: People) -> None:
    email = town.sign_up(confirmed=True)
    token = town.sign_in(email, PASSWORD)["AuthenticationResult"]["AccessToken"]

    def change(old: str) -> str:
        answer = httpx.post(
            town.emulator.url,
            headers={
                "x-amz-target": "AWSCognitoIdentityProviderService.ChangePassword",
                "content-type": "application/x-amz-json-1.1",
            },
            json={"AccessToken": token, "PreviousPassword": old, "ProposedPassword": OTHER},
            timeout=60,
        )
        return str(answer.json().get("__type", "ok"))

    assert [change(f"Wrong-{number}-x") for number in range(5)] == ["NotAuthorizedException"] * 5
    assert change(PASSWORD) == TOO_MANY


def test_the_custom_message_trigger_writes_each_mail(town: People) -> None:
    """Developer Guide, "Custom message Lambda trigger": trigger sources, code placeholder, client metadata."""
    client = town.emulator.client("lambda")
    role = town.emulator.client("iam").create_role(RoleName="mails", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("mails.py", TRIGGER)
    arn = client.create_function(
        FunctionName="mails", Runtime="python3.11", Role=role, Handler="mails.handler", Timeout=60,
        Code={"ZipFile": code.getvalue()},
    )["FunctionArn"]  # fmt: skip
    own = people(town.emulator, LambdaConfig={"CustomMessage": arn})
    email, said = own.sign_up(), {"ClientMetadata": {"language": "ja"}}
    own.call("resend_confirmation_code", Username=email, **said)
    own.call("confirm_sign_up", Username=email, ConfirmationCode=own.code(email))
    own.call("forgot_password", Username=email, **said)
    token = own.token(email)
    own.own("get_user_attribute_verification_code", token, AttributeName="email", **said)
    sources = ("VerifyUserAttribute", "ForgotPassword", "ResendCode", "SignUp")
    assert [mail["subject"] for mail in own.mails(email)] == [
        f"CustomMessage_{source} {language}" for source, language in zip(sources, ("ja", "ja", "ja", ""), strict=True)
    ]
    broken = {"language": "without a code"}
    refused = own.refusal("forgot_password", Username=email, ClientMetadata=broken)
    assert refused[0] == "InvalidLambdaResponseException"


def test_hosted_pages_mail_a_code_of_their_own(emulator: EmulatorProcess) -> None:
    factors = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}}
    town = people(emulator, Policies=factors)
    emulator.client("cognito-idp").create_user_pool_domain(Domain="hosted", UserPoolId=town.pool_id)
    email = town.sign_up(confirmed=True)
    form = {"auth_flow": "USER_AUTH", "username": email, "client_id": town.client_id, "scope": "openid"}
    form["redirect_uri"] = "https://example.com/"
    page = httpx.post(f"{emulator.url}/login", data=form, timeout=60).text
    token = re.findall(r'name="ua_token" value="([^"]+)"', page)[0]
    chosen = httpx.post(f"{emulator.url}/login", data={"ua_token": token, "challenge": "EMAIL_OTP"}, timeout=60)
    assert chosen.status_code == 200
    code = town.code(email)
    assert code != CONSTANT
    for wrong in (CONSTANT, _other(code)):
        assert (
            httpx.post(f"{emulator.url}/login", data={"ua_token": token, "code": wrong}, timeout=60).status_code == 200
        )
    entered = httpx.post(f"{emulator.url}/login", data={"ua_token": token, "code": code}, timeout=60)
    assert entered.status_code == 302
    assert "code=" in entered.headers["location"]


def test_codes_counts_and_mails_survive_a_kill(home: Path) -> None:
    emulator = EmulatorProcess(home).start()
    try:
        town = people(emulator)
        email, tried = town.sign_up(), town.sign_up()
        code = town.code(email)
        for _ in range(15):
            town.refusal("confirm_sign_up", Username=tried, ConfirmationCode=_other(town.code(tried)))
        _settle(emulator)
        emulator.kill()
        emulator.start()
        assert town.code(email) == code
        town.call("confirm_sign_up", Username=email, ConfirmationCode=code)
        refused = town.refusal("confirm_sign_up", Username=tried, ConfirmationCode=town.code(tried))
        assert refused[0] == TOO_MANY
    finally:
        emulator.stop()


def _settle(emulator: EmulatorProcess) -> None:
    wait_until(lambda: not emulator.health()["snapshot"]["pending"], 60, "a snapshot of everything", emulator.log)
