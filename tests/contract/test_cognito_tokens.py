"""Amazon Cognito Developer Guide, "Understanding user pool JSON web tokens", "Refresh tokens", "Ending user sessions
with token revocation", "Verifying JSON web tokens"; API Reference, "RevokeToken", "GlobalSignOut"; API Gateway
Developer Guide, "Control access to HTTP APIs with JWT authorizers"."""

from __future__ import annotations

import time
from typing import Any

import httpx
import jwt
import pytest

from tests.contract.cognito_people import PASSWORD, People, people, refusal
from tests.contract.edge_support import EdgeNetwork
from tests.contract.emulator_process import wait_until

SCOPE = "aws.cognito.signin.user.admin"


@pytest.fixture(scope="module")
def town(edge: EdgeNetwork) -> People:
    return people(edge.emulator)


def _claims(token: str) -> dict[str, Any]:
    return dict(jwt.decode(token, options={"verify_signature": False}))


def _refreshed(town: People, token: str) -> dict[str, Any]:
    answer = town.call("initiate_auth", AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters={"REFRESH_TOKEN": token})
    found: dict[str, Any] = answer["AuthenticationResult"]
    return found


def _refresh_refusal(town: People, token: str) -> tuple[str, str]:
    return town.refusal("initiate_auth", AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters={"REFRESH_TOKEN": token})


@pytest.fixture(scope="module")
def gated(edge: EdgeNetwork, town: People) -> str:
    """The URL of an HTTP API route that requires the scope of access tokens."""
    gateway = edge.emulator.client("apigatewayv2")
    issuer = f"https://cognito-idp.us-east-1.amazonaws.com/{town.pool_id}"
    authorizer = gateway.create_authorizer(
        ApiId=edge.http_api, AuthorizerType="JWT", Name="people", IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Issuer": issuer, "Audience": [town.client_id]},
    )["AuthorizerId"]  # fmt: skip
    target = gateway.get_routes(ApiId=edge.http_api)["Items"][0]["Target"]
    for path, scopes in (("/v1/scoped", [SCOPE]), ("/v1/any-scope", [])):
        gateway.create_route(
            ApiId=edge.http_api, RouteKey=f"GET {path}", Target=target, AuthorizationType="JWT",
            AuthorizerId=authorizer, AuthorizationScopes=scopes,
        )  # fmt: skip
    edge.reload()
    return f"{edge.api}/v1/scoped"


def _status(url: str, token: str) -> int:
    return httpx.get(url, headers={"authorization": f"Bearer {token}"}, timeout=60).status_code


def test_a_route_with_a_scope_accepts_only_access_tokens(town: People, gated: str) -> None:
    tokens = town.sign_in(town.sign_up(confirmed=True), PASSWORD)["AuthenticationResult"]
    assert _status(gated, tokens["AccessToken"]) == 200
    assert _status(gated, tokens["IdToken"]) == 403
    assert _status(gated, tokens["RefreshToken"]) == 401
    without_scope = gated.replace("scoped", "any-scope")
    assert _status(without_scope, tokens["IdToken"]) == 200
    assert _status(without_scope, tokens["RefreshToken"]) == 401


def test_a_refresh_token_can_be_read_by_its_pool_only(town: People) -> None:
    tokens = town.sign_in(town.sign_up(confirmed=True), PASSWORD)["AuthenticationResult"]
    header, *parts = tokens["RefreshToken"].split(".")
    assert len(parts) == 4
    assert jwt.get_unverified_header(f"{header}.e30.e30")["enc"] == "A256GCM"
    # The first letter, because the last one may hold unused bits.
    changed = ".".join((header, *parts[:2], ("A" if parts[2][0] != "A" else "B") + parts[2][1:], parts[3]))
    for wrong in (tokens["AccessToken"], tokens["IdToken"], changed, "a.b.c.d.e", "x"):
        assert _refresh_refusal(town, wrong) == ("NotAuthorizedException", "Invalid Refresh Token")
    assert _refreshed(town, tokens["RefreshToken"])["AccessToken"]


def test_tokens_name_their_use_and_the_sign_in_time(town: People) -> None:
    email = town.sign_up(confirmed=True)
    tokens = town.sign_in(email, PASSWORD)["AuthenticationResult"]
    access, ident = _claims(tokens["AccessToken"]), _claims(tokens["IdToken"])
    assert (access["token_use"], access["client_id"], access["scope"]) == ("access", town.client_id, SCOPE)
    assert (ident["token_use"], ident["aud"], ident["email"]) == ("id", town.client_id, email)
    assert "aud" not in access
    assert "scope" not in ident
    assert access["origin_jti"] == ident["origin_jti"]
    # Wait for the next second: `auth_time` has whole seconds.
    wait_until(lambda: time.time() >= access["auth_time"] + 1, 60, "another second")
    again = _refreshed(town, tokens["RefreshToken"])
    for name, before in (("AccessToken", access), ("IdToken", ident)):
        after = _claims(again[name])
        assert (after["auth_time"], after["origin_jti"]) == (access["auth_time"], access["origin_jti"])
        assert after["iat"] > before["iat"]
        assert after["jti"] != before["jti"]
    newer = town.call("get_tokens_from_refresh_token", RefreshToken=tokens["RefreshToken"])["AuthenticationResult"]
    assert _claims(newer["AccessToken"])["auth_time"] == access["auth_time"]


def test_revoked_tokens_stay_revoked(town: People) -> None:
    email = town.sign_up(confirmed=True)
    one, two = (town.sign_in(email, PASSWORD)["AuthenticationResult"] for _ in range(2))
    derived = _refreshed(town, one["RefreshToken"])
    town.call("revoke_token", Token=one["RefreshToken"])
    revoked = ("NotAuthorizedException", "Access Token has been revoked")
    assert _refresh_refusal(town, one["RefreshToken"])[0] == "NotAuthorizedException"
    for token in (one["AccessToken"], derived["AccessToken"]):
        assert town.own_refusal("get_user", token) == revoked
    assert town.own("get_user", two["AccessToken"])
    town.own("global_sign_out", two["AccessToken"])
    assert town.own_refusal("get_user", two["AccessToken"]) == revoked
    assert town.own_refusal("global_sign_out", two["AccessToken"]) == revoked
    assert _refresh_refusal(town, two["RefreshToken"])[0] == "NotAuthorizedException"
    three = town.sign_in(email, PASSWORD)["AuthenticationResult"]
    assert town.own("get_user", three["AccessToken"])
    town.operator.admin_user_global_sign_out(UserPoolId=town.pool_id, Username=email)
    assert town.own_refusal("get_user", three["AccessToken"]) == revoked
    four = town.sign_in(email, PASSWORD)["AuthenticationResult"]
    town.operator.admin_disable_user(UserPoolId=town.pool_id, Username=email)
    assert town.own_refusal("get_user", four["AccessToken"])[0] == "NotAuthorizedException"
    assert _refresh_refusal(town, four["RefreshToken"])[0] == "NotAuthorizedException"


def test_only_refresh_tokens_of_the_client_are_revoked(town: People) -> None:
    tokens = town.sign_in(town.sign_up(confirmed=True), PASSWORD)["AuthenticationResult"]
    for token in (tokens["AccessToken"], tokens["IdToken"]):
        assert town.refusal("revoke_token", Token=token)[0] == "UnsupportedTokenTypeException"
    assert town.refusal("revoke_token", Token="no-token")[0] == "InvalidParameterException"
    other = town.operator.create_user_pool_client(UserPoolId=town.pool_id, ClientName="other")["UserPoolClient"]
    wrong = refusal(lambda: town.public.revoke_token(ClientId=other["ClientId"], Token=tokens["RefreshToken"]))
    assert wrong[0] == "UnauthorizedException"
    unknown = refusal(lambda: town.public.revoke_token(ClientId="nobody", Token=tokens["RefreshToken"]))
    assert unknown == ("ResourceNotFoundException", "User pool client nobody does not exist.")
    assert _refreshed(town, tokens["RefreshToken"])


def test_verifiers_find_the_keys_by_discovery(edge: EdgeNetwork, town: People) -> None:
    """Document and keys share one origin, with and without the path by which browsers reach Cognito."""
    tokens = town.sign_in(town.sign_up(confirmed=True), PASSWORD)["AuthenticationResult"]
    for base in (f"{edge.gateway}/_cognito", edge.gateway, edge.emulator.url):
        known = httpx.get(f"{base}/{town.pool_id}/.well-known/openid-configuration", timeout=60).json()
        assert known["jwks_uri"] == f"{base}/{town.pool_id}/.well-known/jwks.json"
        keys = jwt.PyJWKClient(known["jwks_uri"])
        for name, audience in (("AccessToken", None), ("IdToken", town.client_id)):
            token = tokens[name]
            key = keys.get_signing_key_from_jwt(token).key
            assert jwt.decode(token, key, ["RS256"], audience=audience, issuer=known["issuer"])["sub"]


def test_calls_of_administrators_are_signed(town: People) -> None:
    email = town.sign_up(confirmed=True)
    whom = {"UserPoolId": town.pool_id, "Username": email}
    for operation in ("admin_get_user", "admin_confirm_sign_up", "admin_user_global_sign_out", "admin_delete_user"):
        refused = refusal(lambda name=operation: getattr(town.public, name)(**whom))
        assert refused[0] == "MissingAuthenticationTokenException"
    assert town.operator.admin_get_user(**whom)["UserStatus"] == "CONFIRMED"
