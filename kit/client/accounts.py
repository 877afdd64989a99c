"""Users of the user pool: created and confirmed for tests and seeds, signed in by SRP as the browser does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import boto3
import gmpy2
import jwt
from botocore import UNSIGNED
from botocore.config import Config
from pycognito.aws_srp import AWSSRP

from kit.client.endpoints import Endpoints
from kit.settings import Settings


@dataclass(frozen=True)
class Account:
    """A signed-in person. Tokens are Cognito's JWTs; the API takes the access token."""

    user_id: str
    email: str
    access_token: str
    id_token: str
    refresh_token: str


class Accounts:
    """Accounts of one deployment. The operator is the emulator's root user, or on AWS the owner of the environment's
    credentials."""

    def __init__(self, endpoints: Endpoints) -> None:
        self._endpoints = endpoints
        retrying = Config(retries={"mode": "standard", "total_max_attempts": 8}, max_pool_connections=32)
        local: dict[str, Any] = {"config": retrying}
        if endpoints.emulator_url:
            local |= {
                "endpoint_url": endpoints.emulator_url,
                **Settings.load().emulation.credentials.for_boto3(),
            }
        self._operator = boto3.client("cognito-idp", region_name=endpoints.region, **local)
        unsigned = Config(signature_version=UNSIGNED, max_pool_connections=32)
        self._public = boto3.client(
            "cognito-idp",
            region_name=endpoints.region,
            endpoint_url=endpoints.emulator_url,
            config=unsigned,
        )

    def create(self, email: str, password: str, groups: tuple[str, ...] = ()) -> None:
        """A confirmed account with a verified address, without a code; an existing one stays as it is."""
        pool: dict[str, Any] = {"UserPoolId": self._endpoints.user_pool_id, "Username": email}
        address: Any = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
        try:
            self._operator.admin_create_user(**pool, UserAttributes=address, MessageAction="SUPPRESS")
        except self._operator.exceptions.UsernameExistsException:
            unfinished = self._operator.admin_get_user(**pool)["UserStatus"] == "FORCE_CHANGE_PASSWORD"
        else:
            unfinished = True
        if unfinished:
            self._operator.admin_set_user_password(**pool, Password=password, Permanent=True)
        for group in groups:
            self._operator.admin_add_user_to_group(**pool, GroupName=group)

    def sign_up(self, email: str, password: str) -> None:
        """Sign up without credentials; a code goes to the address. If the first response was lost, only the code is
        sent again."""
        address: Any = [{"Name": "email", "Value": email}]
        client: dict[str, Any] = {"ClientId": self._endpoints.client_id, "Username": email}
        try:
            self._public.sign_up(**client, Password=password, UserAttributes=address)
        except self._public.exceptions.UsernameExistsException:
            self._public.resend_confirmation_code(**client)

    def confirm(self, email: str, code: str) -> None:
        """Confirm with the code from the mail.

        Raises:
            botocore.exceptions.ClientError: CodeMismatchException, UserNotFoundException, …
        """
        self._public.confirm_sign_up(ClientId=self._endpoints.client_id, Username=email, ConfirmationCode=code)

    def standing(self, email: str) -> str | None:
        """``UNCONFIRMED``, ``CONFIRMED``, …; None when the account does not exist."""
        pool: dict[str, Any] = {"UserPoolId": self._endpoints.user_pool_id, "Username": email}
        try:
            return str(self._operator.admin_get_user(**pool)["UserStatus"])
        except self._operator.exceptions.UserNotFoundException:
            return None

    def sign_in(self, email: str, password: str) -> Account:
        """USER_SRP_AUTH.

        Raises:
            botocore.exceptions.ClientError: NotAuthorizedException, UserNotConfirmedException, …
        """
        srp = AWSSRP(
            username=email,
            password=password,
            pool_id=self._endpoints.user_pool_id,
            client_id=self._endpoints.client_id,
            client=self._public,
        )
        # With GMP's number as the modulus, Python computes powers by GMP, in an eighth of the time.
        srp.big_n = gmpy2.mpz(srp.big_n)
        tokens = srp.authenticate_user()["AuthenticationResult"]
        claims = jwt.decode(tokens["AccessToken"], options={"verify_signature": False})
        return Account(
            user_id=claims["sub"],
            email=email,
            access_token=tokens["AccessToken"],
            id_token=tokens["IdToken"],
            refresh_token=tokens["RefreshToken"],
        )

    def refresh(self, account: Account) -> Account:
        """REFRESH_TOKEN_AUTH: new tokens of the same session; the refresh token stays.

        Raises:
            botocore.exceptions.ClientError: NotAuthorizedException (the session ended), …
        """
        answer = self._public.initiate_auth(
            AuthFlow="REFRESH_TOKEN_AUTH",
            ClientId=self._endpoints.client_id,
            AuthParameters={"REFRESH_TOKEN": account.refresh_token},
        )
        tokens = answer["AuthenticationResult"]
        return replace(account, access_token=tokens["AccessToken"], id_token=tokens["IdToken"])

    def join(self, email: str, password: str, groups: tuple[str, ...] = ()) -> Account:
        """``create`` and ``sign_in``."""
        self.create(email, password, groups)
        return self.sign_in(email, password)
