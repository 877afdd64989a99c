"""Tokens at a JWT authorizer: each rule of "Control access to HTTP APIs with JWT authorizers"."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from emulation.aws.messages import Response
from emulation.edge.authorizer import Authorizer, ForbiddenError, JwtRules, UnauthorizedError, parse_rules
from tests.support.keys import rsa_key

ISSUER = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_pool"
DESCRIBED = {
    "authorizerType": "JWT", "identitySource": ["$request.header.Authorization"],
    "jwtConfiguration": {"issuer": ISSUER, "audience": ["client"]},
}  # fmt: skip
NOW = 1_800_000_000
KEY, OTHER = rsa_key(0), rsa_key(1)
CLAIMS = {
    "iss": ISSUER, "client_id": "client", "sub": "me", "exp": NOW + 60, "iat": NOW, "scope": "b a",
    "cognito:groups": ["admin", "dev"],
}  # fmt: skip


def _part(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def token(key: rsa.RSAPrivateKey = KEY, kid: str = "k", **changed: Any) -> str:
    claims = {name: value for name, value in {**CLAIMS, **changed}.items() if value is not None}
    signed = f"{_part(json.dumps({'kid': kid, 'alg': 'RS256'}).encode())}.{_part(json.dumps(claims).encode())}"
    return f"Bearer {signed}.{_part(key.sign(signed.encode(), PKCS1v15(), SHA256()))}"


class _Emulator:
    """A fake emulator that has the keys of one user pool, and counts requests for them."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def send(self, method: str, target: str, *_: Any, **__: Any) -> Response:
        self.asked.append(target)
        numbers = KEY.public_key().public_numbers()
        n, e = (_part(one.to_bytes((one.bit_length() + 7) // 8, "big")) for one in (numbers.n, numbers.e))
        return Response(200, [], json.dumps({"keys": [{"kid": "k", "n": n, "e": e}]}).encode())


class Gate:
    """An authorizer with its own clock."""

    def __init__(self) -> None:
        self.now, self.emulator = float(NOW), _Emulator()
        self.authorizer = Authorizer(self.emulator, lambda: self.now)  # type: ignore[arg-type]
        found = parse_rules(DESCRIBED)
        assert found is not None
        self.rules: JwtRules = found

    async def claims(self, value: str | None, *scopes: str) -> Any:
        return (await self.authorizer.authorize(self.rules, value, scopes)).texts


async def test_a_token_gives_its_claims_as_texts_and_is_checked_once() -> None:
    gate, mine = Gate(), token()
    texts = await gate.claims(mine)
    assert texts == {
        "iss": ISSUER, "client_id": "client", "sub": "me", "exp": str(NOW + 60), "iat": str(NOW), "scope": "b a",
        "cognito:groups": "[admin dev]",
    }  # fmt: skip
    assert await gate.claims(mine) == texts
    assert gate.emulator.asked == ["/us-east-1_pool/.well-known/jwks.json"]
    assert (await gate.authorizer.authorize(gate.rules, mine, ())).scopes == ("a", "b")


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "Bearer x",
        "Bearer e30.e30.e30",
        "Bearer é.é.é",
        token(OTHER),
        token(kid="unknown"),
        token(iss=ISSUER + "x"),
        token(exp=NOW),
        token(exp="soon"),
        token(iat=NOW + 5),
        token(nbf=NOW + 5),
        token(client_id="other"),
        token(client_id=None),
        token(aud=["other"]),
    ],
)
async def test_an_invalid_token_is_unauthorized(value: str | None) -> None:
    with pytest.raises(UnauthorizedError):
        await Gate().claims(value)


async def test_the_signature_of_another_payload_is_refused() -> None:
    gate, mine = Gate(), token()
    await gate.claims(mine)
    head, _, signature = mine.split(".")
    changed = _part(json.dumps({**CLAIMS, "sub": "you"}).encode())
    with pytest.raises(UnauthorizedError):
        await gate.claims(f"{head}.{changed}.{signature}")


async def test_a_remembered_token_expires() -> None:
    gate, mine = Gate(), token()
    await gate.claims(mine)
    gate.now = NOW + 60.0
    with pytest.raises(UnauthorizedError):
        await gate.claims(mine)


async def test_one_scope_of_the_route_suffices_and_a_missing_one_is_forbidden() -> None:
    gate, mine = Gate(), token()
    assert await gate.claims(mine, "x", "a")
    with pytest.raises(ForbiddenError):
        await gate.claims(mine, "x", "y")


async def test_unknown_key_ids_are_looked_up_at_limited_intervals() -> None:
    gate, strange = Gate(), token(kid="unknown")
    for _ in range(3):
        with pytest.raises(UnauthorizedError):
            await gate.claims(strange)
    assert len(gate.emulator.asked) == 1
    gate.now += 2
    with pytest.raises(UnauthorizedError):
        await gate.claims(strange)
    assert len(gate.emulator.asked) == 2


@pytest.mark.parametrize(
    "changed",
    [
        {"authorizerType": "REQUEST"},
        {"jwtConfiguration": {"issuer": "https://example.com"}},
        {"identitySource": ["$request.querystring.token"]},
        {"identitySource": ["$request.header.A", "$request.header.B"]},
    ],
)
def test_other_authorizers_are_left_to_the_emulator(changed: dict[str, Any]) -> None:
    assert parse_rules({**DESCRIBED, **changed}) is None
