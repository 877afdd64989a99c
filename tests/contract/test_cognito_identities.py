"""Amazon Cognito Federated Identities API Reference, "CognitoIdentityProvider": whose ID token gives credentials."""

from __future__ import annotations

import base64
import json
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from emulation.settings import REGION
from tests.contract.cognito_people import PASSWORD, People, people, refusal
from tests.contract.emulator_process import EmulatorProcess


@pytest.fixture(scope="module")
def town(emulator: EmulatorProcess) -> People:
    return people(emulator)


class Identities:
    """An identity pool in front of the town's user pool, called as browsers call it."""

    def __init__(self, town: People, *, checks: bool) -> None:
        self.provider = f"cognito-idp.{REGION}.amazonaws.com/{town.pool_id}"
        trusted = {"ProviderName": self.provider, "ClientId": town.client_id, "ServerSideTokenCheck": checks}
        made = town.emulator.client("cognito-identity").create_identity_pool(
            IdentityPoolName="people", AllowUnauthenticatedIdentities=False, CognitoIdentityProviders=[trusted]
        )
        self.pool_id = made["IdentityPoolId"]
        self.client: Any = boto3.client(
            "cognito-identity",
            region_name=REGION,
            endpoint_url=town.emulator.url,
            config=Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1}),
        )

    def credentials(self, token: str) -> str:
        """The access key id that an ID token is exchanged for."""
        logins = {self.provider: token}
        identity = self.client.get_id(IdentityPoolId=self.pool_id, Logins=logins)["IdentityId"]
        given = self.client.get_credentials_for_identity(IdentityId=identity, Logins=logins)
        return str(given["Credentials"]["AccessKeyId"])

    def refused(self, token: str) -> str:
        return refusal(lambda: self.credentials(token))[0]


@pytest.mark.parametrize("end", ["sign out", "delete"])
def test_a_checking_pool_refuses_signed_out_and_deleted_users(town: People, end: str) -> None:
    checking, trusting = Identities(town, checks=True), Identities(town, checks=False)
    email = town.sign_up(confirmed=True)
    tokens = town.sign_in(email, PASSWORD)["AuthenticationResult"]
    other = town.sign_in(town.sign_up(confirmed=True), PASSWORD)["AuthenticationResult"]
    assert checking.credentials(tokens["IdToken"]).startswith("ASIA")
    town.own("global_sign_out" if end == "sign out" else "delete_user", tokens["AccessToken"])
    assert checking.refused(tokens["IdToken"]) == "NotAuthorizedException"
    assert trusting.credentials(tokens["IdToken"]).startswith("ASIA")
    assert checking.credentials(other["IdToken"]).startswith("ASIA")
    if end == "sign out":
        again = town.sign_in(email, PASSWORD)["AuthenticationResult"]
        assert checking.credentials(again["IdToken"]).startswith("ASIA")


def test_only_id_tokens_as_they_were_issued_give_credentials(town: People) -> None:
    identities = Identities(town, checks=True)
    tokens = town.sign_in(town.sign_up(confirmed=True), PASSWORD)["AuthenticationResult"]
    head, claims, signature = tokens["IdToken"].split(".")
    claimed = json.loads(base64.urlsafe_b64decode(claims + "==")) | {"cognito:groups": ["administrators"]}
    forged = base64.urlsafe_b64encode(json.dumps(claimed).encode()).decode().rstrip("=")
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    tries = [f"{head}.{forged}.{signature}", f"{none}.{forged}.", tokens["AccessToken"], tokens["RefreshToken"], "x"]
    assert [identities.refused(one) for one in tries] == ["NotAuthorizedException"] * len(tries)
