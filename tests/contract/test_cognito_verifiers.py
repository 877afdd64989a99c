"""Unmodified verifiers that applications use accept the tokens of the local user pool.

Amazon Cognito Developer Guide, "Verifying JSON web tokens", which names aws-jwt-verify; OpenID Connect Discovery 1.0.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import jwt
import pytest

from kit.settings import checkout_root
from tests.contract.cognito_people import PASSWORD, people
from tests.contract.emulator_process import EmulatorProcess

_PROGRAM = checkout_root() / "tests" / "contract" / "verify_tokens.mjs"


def _is_there() -> bool:
    modules = checkout_root() / "node_modules"
    return bool(shutil.which("node")) and all((modules / name).is_dir() for name in ("aws-jwt-verify", "jose"))


def _changed(token: str, **claims: Any) -> str:
    """The same token with other claims and the old signature."""
    head, _, signature = token.split(".")
    payload = jwt.decode(token, options={"verify_signature": False}) | claims
    body = jwt.utils.base64url_encode(json.dumps(payload).encode()).decode()
    return f"{head}.{body}.{signature}"


@pytest.mark.skipif(not _is_there(), reason="needs node, aws-jwt-verify and jose: make install")
def test_verifiers_of_applications_take_our_tokens_and_refuse_others(emulator: EmulatorProcess) -> None:
    town = people(emulator)
    tokens = town.sign_in(town.sign_up(confirmed=True), PASSWORD)["AuthenticationResult"]
    access, identity = tokens["AccessToken"], tokens["IdToken"]
    sub = jwt.decode(access, options={"verify_signature": False})["sub"]
    issuer = jwt.decode(access, options={"verify_signature": False})["iss"]
    forged = jwt.encode({"sub": sub, "iss": issuer, "token_use": "access"}, "x" * 32, "HS256")
    asked = {
        "discovery": f"{emulator.url}/{town.pool_id}/.well-known/openid-configuration",
        "poolId": town.pool_id, "clientId": town.client_id, "access": access, "id": identity,
        "refused": [[_changed(access, sub="other"), "access"], [forged, "access"], [tokens["RefreshToken"], "access"]],
    }  # fmt: skip
    answer = subprocess.run(
        ["node", str(_PROGRAM)], input=json.dumps(asked), capture_output=True, text=True, check=False, timeout=120
    )
    assert answer.returncode == 0, answer.stderr
    found = json.loads(answer.stdout)
    for name in ("jose", "awsJwtVerify"):
        assert (found[name]["access"], found[name]["id"]) == (sub, sub), name
        assert len(found[name]["refused"]) == 3
        assert "accepted" not in found[name]["refused"], (name, found[name])
    assert found["jose"]["refused"][0] == "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"
    assert found["awsJwtVerify"]["refused"][0] == "JwtInvalidSignatureError"
