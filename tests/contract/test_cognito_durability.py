"""Every acknowledged change of Cognito is in the journal before its answer: users, groups, tokens, sessions and mails.

After each operation the files are copied, as ``kill -9`` would leave them. Then the emulator writes its whole state as
a snapshot. What a restart restores from the copy must equal it.
"""

from __future__ import annotations

import base64
import hmac
import json
import shutil
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pycognito.aws_srp import AWSSRP

from emulation.emulator.integrity import JOURNAL_NAME
from emulation.emulator.mailbox import STATE_NAME as MAILBOX
from emulation.emulator.touches import JOURNALLED
from tests.contract.cognito_people import OTHER, PASSWORD, People, people, refusal
from tests.contract.emulator_process import ROOT, EmulatorProcess, wait_until

_FLOWS = ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"]
#: State files of what is compared, and the one that names the journal.
_FILES = ("cognito", MAILBOX, JOURNAL_NAME)
State = dict[str, Any]


def _totp(secret: str) -> str:
    """The present code of an authenticator app (RFC 6238)."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), "sha1")
    start = digest[-1] & 0xF
    (number,) = struct.unpack(">I", digest[start : start + 4])
    return f"{(number & 0x7FFFFFFF) % 1_000_000:06d}"


@dataclass
class Life:
    """Uses every operation that the journal records; calls ``after`` after each."""

    town: People
    after: Callable[[str], None]
    used: set[str] = field(default_factory=set)

    def _did(self, operation: str) -> None:
        self.used.add(operation)
        self.after(operation)

    def _do(self, operation: str, **arguments: Any) -> dict[str, Any]:
        """As the operator, on the pool."""
        answer = self._call(self.town.operator, operation, UserPoolId=self.town.pool_id, **arguments)
        self._did(operation)
        return answer

    def _app(self, operation: str, **arguments: Any) -> dict[str, Any]:
        """As the app, for a user who is not signed in."""
        answer = self._call(self.town.public, operation, ClientId=self.town.client_id, **arguments)
        self._did(operation)
        return answer

    def _own(self, operation: str, **arguments: Any) -> dict[str, Any]:
        """As a user who is signed in."""
        answer = self._call(self.town.public, operation, **arguments)
        self._did(operation)
        return answer

    @staticmethod
    def _call(client: Any, operation: str, **arguments: Any) -> dict[str, Any]:
        name = next(method for method, api in client.meta.method_to_api_mapping.items() if api == operation)
        answer: dict[str, Any] = getattr(client, name)(**arguments)
        return answer

    def _tokens(self, email: str, password: str = PASSWORD) -> dict[str, Any]:
        parameters = {"USERNAME": email, "PASSWORD": password}
        answer = self._app("InitiateAuth", AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)
        return dict(answer["AuthenticationResult"])

    def live(self) -> None:
        email = self._sign_up()
        self._sign_in(email)
        self._recover(email)
        self._change(email)
        self._enrol(email)
        self._leave(email)
        self._administer()
        self._groups()
        self._pools()

    def _sign_up(self) -> str:
        email = "kei@example.com"
        attributes = [{"Name": "email", "Value": email}]
        self._app("SignUp", Username=email, Password=PASSWORD, UserAttributes=attributes)
        self._app("ResendConfirmationCode", Username=email)
        wrong = {"Username": email, "ConfirmationCode": "wrong"}
        assert self.town.refusal("confirm_sign_up", **wrong)[0] == "CodeMismatchException"
        self.after("a wrong code")
        self._app("ConfirmSignUp", Username=email, ConfirmationCode=self.town.code(email))
        return email

    def _sign_in(self, email: str) -> None:
        town = self.town
        assert town.sign_in_refusal(email, "Wrong-harbour-7")
        self.after("a wrong password")
        srp = AWSSRP(
            username=email, password=PASSWORD, pool_id=town.pool_id, client_id=town.client_id, client=town.public
        )  # fmt: skip
        challenge = self._app("InitiateAuth", AuthFlow="USER_SRP_AUTH", AuthParameters=srp.get_auth_params())
        responses = srp.process_challenge(challenge["ChallengeParameters"], srp.get_auth_params())
        self._app("RespondToAuthChallenge", ChallengeName="PASSWORD_VERIFIER", ChallengeResponses=responses)
        tokens = self._tokens(email)
        refresh = {"REFRESH_TOKEN": tokens["RefreshToken"]}
        self._app("InitiateAuth", AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=refresh)
        self._app("RevokeToken", Token=tokens["RefreshToken"])
        assert town.refusal("initiate_auth", AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=refresh)

    def _recover(self, email: str) -> None:
        self._app("ForgotPassword", Username=email)
        code = self.town.code(email)
        self._app("ConfirmForgotPassword", Username=email, ConfirmationCode=code, Password=OTHER)
        token = self._tokens(email, OTHER)["AccessToken"]
        self._own("ChangePassword", AccessToken=token, PreviousPassword=OTHER, ProposedPassword=PASSWORD)

    def _change(self, email: str) -> None:
        token = self._tokens(email)["AccessToken"]
        attributes = [{"Name": "name", "Value": "Kei"}, {"Name": "email", "Value": "kei.t@example.com"}]
        self._own("UpdateUserAttributes", AccessToken=token, UserAttributes=attributes)
        self._own("GetUserAttributeVerificationCode", AccessToken=token, AttributeName="email")
        code = self.town.code("kei.t@example.com")
        self._own("VerifyUserAttribute", AccessToken=token, AttributeName="email", Code=code)
        self._own("DeleteUserAttributes", AccessToken=token, UserAttributeNames=["name"])

    def _enrol(self, email: str) -> None:
        mfa = {"SoftwareTokenMfaConfiguration": {"Enabled": True}, "MfaConfiguration": "OPTIONAL"}
        self._do("SetUserPoolMfaConfig", **mfa)
        email = "kei.t@example.com"
        token = self._tokens(email)["AccessToken"]
        secret = self._own("AssociateSoftwareToken", AccessToken=token)["SecretCode"]
        self._own("VerifySoftwareToken", AccessToken=token, UserCode=_totp(secret))
        chosen = {"SoftwareTokenMfaSettings": {"Enabled": True, "PreferredMfa": True}}
        self._own("SetUserMFAPreference", AccessToken=token, **chosen)
        parameters = {"USERNAME": email, "PASSWORD": PASSWORD}
        challenge = self._app("InitiateAuth", AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)
        answers = {"USERNAME": email, "SOFTWARE_TOKEN_MFA_CODE": _totp(secret)}
        self._app(
            "RespondToAuthChallenge", ChallengeName="SOFTWARE_TOKEN_MFA", ChallengeResponses=answers,
            Session=challenge["Session"],
        )  # fmt: skip
        off = {"SoftwareTokenMfaSettings": {"Enabled": False, "PreferredMfa": False}}
        self._do("AdminSetUserMFAPreference", Username=email, **off)

    def _leave(self, email: str) -> None:
        email = "kei.t@example.com"
        self._own("GlobalSignOut", AccessToken=self._tokens(email)["AccessToken"])
        self._own("DeleteUser", AccessToken=self._tokens(email)["AccessToken"])

    def _administer(self) -> None:
        town, email = self.town, "ana@example.com"
        attributes = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
        first = "Temporary-4-now"
        self._do("AdminCreateUser", Username=email, TemporaryPassword=first, UserAttributes=attributes)
        started = self._do(
            "AdminInitiateAuth", ClientId=town.client_id, AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": email, "PASSWORD": first},
        )  # fmt: skip
        self._do(
            "AdminRespondToAuthChallenge", ClientId=town.client_id, ChallengeName="NEW_PASSWORD_REQUIRED",
            ChallengeResponses={"USERNAME": email, "NEW_PASSWORD": OTHER}, Session=started["Session"],
        )  # fmt: skip
        self._do("AdminSetUserPassword", Username=email, Password=PASSWORD, Permanent=True)
        self._do("AdminUpdateUserAttributes", Username=email, UserAttributes=[{"Name": "name", "Value": "Ana"}])
        self._do("AdminDeleteUserAttributes", Username=email, UserAttributeNames=["name"])
        self._do("AdminDisableUser", Username=email)
        self._do("AdminEnableUser", Username=email)
        self._do("AdminUserGlobalSignOut", Username=email)
        self._do("AdminResetUserPassword", Username=email)
        self._do("AdminDeleteUser", Username=email)
        town.call("sign_up", Username="bo@example.com", Password=PASSWORD, UserAttributes=attributes[:0])
        self._do("AdminConfirmSignUp", Username="bo@example.com")

    def _groups(self) -> None:
        place = {"Username": "bo@example.com", "GroupName": "moderators"}
        for group in ("moderators", "editors"):
            self._do("CreateGroup", GroupName=group)
        self._do("AdminAddUserToGroup", **place)
        self._do("AdminRemoveUserFromGroup", **place)
        self._do("AdminAddUserToGroup", **place)
        self._do("DeleteGroup", GroupName="moderators")

    def _pools(self) -> None:
        operator = self.town.operator
        pool = operator.create_user_pool(PoolName="second")["UserPool"]["Id"]
        self._did("CreateUserPool")
        policy = {"PasswordPolicy": {"MinimumLength": 12}}
        operator.update_user_pool(UserPoolId=pool, Policies=policy)
        self._did("UpdateUserPool")
        app = operator.create_user_pool_client(UserPoolId=pool, ClientName="app")["UserPoolClient"]["ClientId"]
        self._did("CreateUserPoolClient")
        operator.update_user_pool_client(UserPoolId=pool, ClientId=app, ClientName="renamed")
        self._did("UpdateUserPoolClient")
        operator.admin_create_user(UserPoolId=pool, Username="cy", MessageAction="SUPPRESS")
        self.after("a user of another pool")
        operator.delete_user_pool_client(UserPoolId=pool, ClientId=app)
        self._did("DeleteUserPoolClient")
        operator.delete_user_pool(UserPoolId=pool)
        self._did("DeleteUserPool")


def _town(emulator: EmulatorProcess) -> People:
    town = people(emulator, UserPoolTier="ESSENTIALS")
    town.operator.update_user_pool_client(
        UserPoolId=town.pool_id, ClientId=town.client_id, ClientName="web", ExplicitAuthFlows=_FLOWS
    )
    return town


def _snapshots(emulator: EmulatorProcess) -> Path:
    return emulator.home / "emulator" / "snapshots"


def _copied(emulator: EmulatorProcess, to: Path) -> Path:
    """A copy of what counts of one generation: taken again when the next one came meanwhile."""
    root = _snapshots(emulator)

    def copy() -> bool:
        shutil.rmtree(to, ignore_errors=True)
        generation = (root / "current").readlink()
        (to / generation).mkdir(parents=True)
        (to / "current").symlink_to(generation)
        for name in _FILES:
            shutil.copy(root / generation / f"{name}.json", to / generation)
        for journal in root.glob("journal-*.log"):
            shutil.copy(journal, to)
        return (root / "current").readlink() == generation

    wait_until(copy, 30, "a copy of the state")
    return to


def _whole_state(emulator: EmulatorProcess, number: int) -> State:
    """As the emulator writes it: a change of IAM takes a snapshot of every service."""
    emulator.client("iam").create_group(GroupName=f"group-{number}")
    current = _snapshots(emulator) / "current"
    return {name: json.loads((current / f"{name}.json").read_text())["payload"] for name in _FILES[:2]}


def _restored(directories: list[Path]) -> list[State]:
    python = ROOT / ".asyncsns" / "venv-emulator" / "bin" / "python"
    command = [str(python), "-m", "tests.contract.cognito_replay", *map(str, directories)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-4000:]
    return [_comparable(json.loads(line)) for line in done.stdout.splitlines() if line.startswith("{")]


def _comparable(state: State) -> State:
    state["cognito"]["revoked_tokens"] = sorted(state["cognito"]["revoked_tokens"])
    return state


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[EmulatorProcess]:
    process = EmulatorProcess(tmp_path / "home").start()
    yield process
    if process.process is not None and process.process.poll() is None:
        process.stop()


def test_each_operation_is_restored_from_its_rows(fresh: EmulatorProcess, tmp_path: Path) -> None:
    town, copies, whole, names = _town(fresh), [], [], []

    def after(operation: str) -> None:
        copies.append(_copied(fresh, tmp_path / f"killed-{len(copies)}"))
        whole.append(_comparable(_whole_state(fresh, len(whole))))
        names.append(operation)

    _whole_state(fresh, -1)
    life = Life(town, after)
    life.live()

    assert JOURNALLED["cognito-idp"] <= life.used
    for name, restored, expected in zip(names, _restored(copies), whole, strict=True):
        assert restored == expected, name


def test_all_operations_are_restored_from_one_journal(fresh: EmulatorProcess, tmp_path: Path) -> None:
    town = _town(fresh)
    before = fresh.health()["snapshot"]["taken"]
    Life(town, lambda _: None).live()
    snapshots = fresh.health()["snapshot"]["taken"] - before
    killed = _copied(fresh, tmp_path / "killed")

    assert snapshots <= 2, "operations of Cognito take no snapshots"
    assert _restored([killed]) == [_comparable(_whole_state(fresh, 0))]


def test_what_was_acknowledged_before_a_kill_holds_after_it(fresh: EmulatorProcess) -> None:
    town = _town(fresh)
    email = town.sign_up()
    fresh.kill()
    fresh.start()
    town.call("confirm_sign_up", Username=email, ConfirmationCode=town.code(email))
    tokens = town.sign_in(email, PASSWORD)["AuthenticationResult"]
    town.call("forgot_password", Username=email)
    fresh.kill()
    fresh.start()
    assert town.own("get_user", tokens["AccessToken"])["UserAttributes"]
    refresh = {"AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"REFRESH_TOKEN": tokens["RefreshToken"]}}
    assert town.call("initiate_auth", **refresh)["AuthenticationResult"]["AccessToken"]
    town.call("confirm_forgot_password", Username=email, ConfirmationCode=town.code(email), Password=OTHER)
    town.own("global_sign_out", tokens["AccessToken"])
    fresh.kill()
    fresh.start()
    assert refusal(lambda: town.call("initiate_auth", **refresh))[0] == "NotAuthorizedException"
    token = town.token(email, OTHER)
    town.own("delete_user", token)
    fresh.kill()
    fresh.start()
    with pytest.raises(ClientError):
        town.token(email, OTHER)
