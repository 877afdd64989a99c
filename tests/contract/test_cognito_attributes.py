"""Amazon Cognito user pools API Reference, "UpdateUserAttributes"; Developer Guide, "Working with user attributes"."""

from __future__ import annotations

import base64
import json
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.cognito_people import PASSWORD, People, people
from tests.contract.emulator_process import EmulatorProcess

UNAUTHORIZED = ("NotAuthorizedException", "A client attempted to write unauthorized attribute")
NOT_A_USERS = [
    "sub", "cognito:groups", "cognito:username", "cognito:user_status", "identities", "email_verified",
    "phone_number_verified", "token_use", "dev:custom:role", "SUB",
]  # fmt: skip


@pytest.fixture(scope="module")
def town(emulator: EmulatorProcess) -> People:
    custom = {"AttributeDataType": "String", "Mutable": True, "StringAttributeConstraints": {"MaxLength": "8"}}
    schema = [custom | {"Name": "colour"}, custom | {"Name": "born", "Mutable": False}]
    return people(emulator, Schema=[*schema, {"Name": "email", "Required": True, "Mutable": True}])


def _attributes(**named: str) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in named.items()]


def _token(town: People, email: str) -> str:
    return str(town.sign_in(email, PASSWORD)["AuthenticationResult"]["AccessToken"])


def _claims(town: People, email: str) -> dict[str, Any]:
    """The claims of a new ID token."""
    part = town.sign_in(email, PASSWORD)["AuthenticationResult"]["IdToken"].split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return {
        name: value for name, value in found.items() if name not in ("iat", "exp", "auth_time", "jti", "origin_jti")
    }


def _refusal(operation: Any, **arguments: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        operation(**arguments)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


@pytest.mark.parametrize("name", NOT_A_USERS)
def test_a_user_cannot_write_attributes_that_cognito_writes(town: People, name: str) -> None:
    email, other = town.sign_up(confirmed=True), town.sign_up(confirmed=True)
    before, token = _claims(town, email), _token(town, email)
    wanted = _claims(town, other)["sub"] if name == "sub" else "true"
    written = _attributes(nickname="Mallory", **{name: wanted})
    assert _refusal(town.public.update_user_attributes, AccessToken=token, UserAttributes=written) == UNAUTHORIZED
    with pytest.raises(ClientError):
        town.public.delete_user_attributes(AccessToken=token, UserAttributeNames=[name])
    assert _claims(town, email) == before


@pytest.mark.parametrize("name", NOT_A_USERS)
def test_sign_up_refuses_attributes_that_only_cognito_writes(town: People, name: str) -> None:
    email = f"{uuid.uuid4().hex[:12]}@example.com"
    given = _attributes(email=email, **{name: "true"})
    assert town.refusal("sign_up", Username=email, Password=PASSWORD, UserAttributes=given) == UNAUTHORIZED
    found = town.operator.list_users(UserPoolId=town.pool_id, Filter=f'email = "{email}"')["Users"]
    assert found == []


def test_a_user_can_write_their_own_attributes(town: People) -> None:
    email = town.sign_up(confirmed=True)
    before, token = _claims(town, email), _token(town, email)
    written = _attributes(nickname="Ada", email=email, **{"custom:colour": "blue"})
    town.public.update_user_attributes(AccessToken=token, UserAttributes=written)
    after = _claims(town, email)
    assert (after["nickname"], after["custom:colour"], after["sub"]) == ("Ada", "blue", before["sub"])


def test_a_user_cannot_take_the_sign_in_name_of_another(town: People) -> None:
    email, other = town.sign_up(confirmed=True), town.sign_up(confirmed=True)
    taken = {"AccessToken": _token(town, email), "UserAttributes": _attributes(email=other)}
    assert _refusal(town.public.update_user_attributes, **taken)[0] == "AliasExistsException"
    assert _claims(town, email)["email"] == email


def test_an_administrator_cannot_update_the_sub_either(town: People) -> None:
    email = town.sign_up(confirmed=True)
    before = _claims(town, email)
    whom = {"UserPoolId": town.pool_id, "Username": email}
    update = town.operator.admin_update_user_attributes
    assert _refusal(update, **whom, UserAttributes=_attributes(sub="other"))[0] == "InvalidParameterException"
    assert _claims(town, email) == before
    update(**whom, UserAttributes=_attributes(email_verified="true"))
    assert _claims(town, email)["email_verified"] in (True, "true")


def test_attributes_follow_the_schema(town: People) -> None:
    email = town.sign_up(confirmed=True)
    token = town.token(email)
    for name, value in (("custom:unknown", "x"), ("custom:colour", "x" * 9), ("custom:born", "1990"), ("email", "")):
        refused = town.own_refusal("update_user_attributes", token, UserAttributes=_attributes(**{name: value}))
        assert refused[0] == "InvalidParameterException", name
    newcomer = f"{uuid.uuid4().hex[:12]}@example.com"
    given = _attributes(email=newcomer, **{"custom:born": "1990"})
    town.call("sign_up", Username=newcomer, Password=PASSWORD, UserAttributes=given)
    for name in ("email", "sub", "custom:born", "email_verified", "custom:unknown"):
        assert town.own_refusal("delete_user_attributes", token, UserAttributeNames=[name])[0] in (
            "InvalidParameterException",
            "NotAuthorizedException",
        )
    town.own("update_user_attributes", token, UserAttributes=_attributes(nickname="Ada"))
    town.own("delete_user_attributes", token, UserAttributeNames=["nickname"])
    assert "nickname" not in _claims(town, email)
    whom = {"UserPoolId": town.pool_id, "Username": email}
    delete = town.operator.admin_delete_user_attributes
    assert _refusal(delete, **whom, UserAttributeNames=["email"])[0] == "InvalidParameterException"


def test_a_client_reads_and_writes_only_its_granted_attributes(emulator: EmulatorProcess) -> None:
    narrow = people(emulator, {"WriteAttributes": ["email", "name"], "ReadAttributes": ["email", "name"]})
    email = narrow.sign_up(confirmed=True)
    token = narrow.token(email)
    narrow.own("update_user_attributes", token, UserAttributes=_attributes(name="Ada"))
    refused = narrow.own_refusal("update_user_attributes", token, UserAttributes=_attributes(nickname="Ada"))
    assert refused == UNAUTHORIZED
    whom = {"UserPoolId": narrow.pool_id, "Username": email}
    narrow.operator.admin_update_user_attributes(**whom, UserAttributes=_attributes(nickname="Secret"))
    seen = {one["Name"] for one in narrow.own("get_user", token)["UserAttributes"]}
    assert seen == {"sub", "email", "name"}
    claims = _claims(narrow, email)
    assert (claims["name"], "nickname" in claims) == ("Ada", False)
