"""A user pool for one test, and its users' public calls; mails are read as the console reads them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import boto3
import httpx
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from emulation.console.emulator import EmulatorReader
from emulation.guard import HELPER_HEADERS
from emulation.settings import REGION
from tests.contract.emulator_process import EmulatorProcess

PASSWORD, OTHER = "Quiet-Harbour-7", "Loud-Harbour-8"


@dataclass
class People:
    """``operator`` signs its calls, ``public`` does not; each offers every operation of Cognito."""

    emulator: EmulatorProcess
    pool_id: str
    client_id: str

    @property
    def operator(self) -> Any:
        return self.emulator.client("cognito-idp")

    @cached_property
    def public(self) -> Any:
        config = Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1})
        return boto3.client("cognito-idp", region_name=REGION, endpoint_url=self.emulator.url, config=config)

    def sign_up(self, confirmed: bool = False) -> str:
        """Sign up a new user; returns the e-mail address."""
        email = f"{uuid.uuid4().hex[:12]}@example.com"
        self.call("sign_up", Username=email, Password=PASSWORD, UserAttributes=[{"Name": "email", "Value": email}])
        if confirmed:
            self.call("confirm_sign_up", Username=email, ConfirmationCode=self.code(email))
        return email

    def token(self, email: str, password: str = PASSWORD) -> str:
        """Sign in; returns the access token."""
        return str(self.sign_in(email, password)["AuthenticationResult"]["AccessToken"])

    def own(self, operation: str, token: str, **arguments: Any) -> dict[str, Any]:
        """A call that an access token authorizes."""
        answer: dict[str, Any] = getattr(self.public, operation)(AccessToken=token, **arguments)
        return answer

    def call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        answer: dict[str, Any] = getattr(self.public, operation)(ClientId=self.client_id, **arguments)
        return answer

    def refusal(self, operation: str, **arguments: Any) -> tuple[str, str]:
        """Code and message of the error that the call raises; fails without one."""
        return refusal(lambda: self.call(operation, **arguments))

    def own_refusal(self, operation: str, token: str, **arguments: Any) -> tuple[str, str]:
        return refusal(lambda: self.own(operation, token, **arguments))

    def sign_in(self, email: str, password: str) -> dict[str, Any]:
        parameters = {"USERNAME": email, "PASSWORD": password}
        return self.call("initiate_auth", AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)

    def sign_in_refusal(self, email: str, password: str) -> str:
        with pytest.raises(ClientError) as refused:
            self.sign_in(email, password)
        return str(refused.value.response["Error"]["Message"])

    def mails(self, email: str) -> list[dict[str, Any]]:
        """The mails to ``email``, newest first."""
        with httpx.Client(base_url=self.emulator.url, headers=HELPER_HEADERS) as http:
            return [mail for mail in EmulatorReader(http, http).mails() if email in mail["to"]]

    def code(self, email: str) -> str:
        """The six digits of the newest mail to ``email``."""
        (code,) = re.findall(r"\b\d{6}\b", self.mails(email)[0]["body"])
        return str(code)


def refusal(call: Callable[[], Any]) -> tuple[str, str]:
    """Code and message of the error that the call raises; fails without one."""
    with pytest.raises(ClientError) as refused:
        call()
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def people(emulator: EmulatorProcess, client: dict[str, Any] | None = None, **pool: Any) -> People:
    """A pool whose usernames are e-mail addresses, with one public client."""
    operator = emulator.client("cognito-idp")
    wanted: dict[str, Any] = {"UsernameAttributes": ["email"], "AutoVerifiedAttributes": ["email"]}
    pool_id = operator.create_user_pool(PoolName="people", **wanted | pool)["UserPool"]["Id"]
    made = operator.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName="web",
        ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_AUTH"],
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["openid"],
        AllowedOAuthFlowsUserPoolClient=True,
        CallbackURLs=["https://example.com/"],
        SupportedIdentityProviders=["COGNITO"],
        **(client or {}),
    )
    return People(emulator, pool_id, made["UserPoolClient"]["ClientId"])
