"""People of the user pool: made and confirmed for tests and seeds, signed in by SRP as the browser does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import boto3
import jwt
from botocore import UNSIGNED
from botocore.config import Config
from pycognito.aws_srp import AWSSRP

from emulation.settings import ACCESS_KEY, SECRET_KEY
from kit.client.endpoints import Endpoints


@dataclass(frozen=True)
class Account:
    """A signed-in person. Tokens are Cognito's JWTs; the API takes the access token."""

    user_id: str
    email: str
    access_token: str
    id_token: str
    refresh_token: str


class Accounts:
    """Of one deployment. Locally the operator is the emulator's root user; on AWS whoever the environment names."""

    def __init__(self, endpoints: Endpoints) -> None:
        self._endpoints = endpoints
        local: dict[str, Any] = {}
        if endpoints.emulator_url:
            local = {
                "endpoint_url": endpoints.emulator_url,
                "aws_access_key_id": ACCESS_KEY,
                "aws_secret_access_key": SECRET_KEY,
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
        """Sign up as the UI does, then confirm as an operator; an existing account stays as it is."""
        try:
            self._public.sign_up(
                ClientId=self._endpoints.client_id,
                Username=email,
                Password=password,
                UserAttributes=[{"Name": "email", "Value": email}],
            )
            self._operator.admin_confirm_sign_up(UserPoolId=self._endpoints.user_pool_id, Username=email)
        except self._public.exceptions.UsernameExistsException:
            pass
        for group in groups:
            self._operator.admin_add_user_to_group(
                UserPoolId=self._endpoints.user_pool_id, Username=email, GroupName=group
            )

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
        tokens = srp.authenticate_user()["AuthenticationResult"]
        claims = jwt.decode(tokens["AccessToken"], options={"verify_signature": False})
        return Account(
            user_id=claims["sub"],
            email=email,
            access_token=tokens["AccessToken"],
            id_token=tokens["IdToken"],
            refresh_token=tokens["RefreshToken"],
        )

    def join(self, email: str, password: str, groups: tuple[str, ...] = ()) -> Account:
        """``create`` and ``sign_in``."""
        self.create(email, password, groups)
        return self.sign_in(email, password)
