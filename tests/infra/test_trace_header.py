"""A client may start a trace but not force its sampling: the function in front of the API enforces this.

HTTP APIs hand ``X-Amzn-Trace-Id`` on as it came, and Lambda obeys ``Sampled=1`` ("Using Lambda with X-Ray").
"""

from __future__ import annotations

import json
import secrets
import subprocess
import time
from typing import Any

import pytest

from tests.infra.templates import Templates, text

PARENT = "0123456789abcdef"
HEADER = "x-amzn-trace-id"


def root(before: float = 0.0) -> str:
    return f"1-{int(time.time() - before):08x}-{secrets.token_hex(12)}"


def ids(before: float = 0.0) -> str:
    return f"Root={root(before)};Parent={PARENT}"


@pytest.fixture(params=["embedded", "aws"])
def code(request: pytest.FixtureRequest) -> str:
    """The code of the one function on every path to the API, in a target's templates."""
    templates: Templates = request.getfixturevalue(request.param)
    (row,) = templates.resources("AWS::CloudFront::Distribution").values()
    config: dict[str, Any] = row["DistributionConfig"]
    (api,) = [one["Id"] for one in config["Origins"] if "execute-api" in text(one["DomainName"])]
    behaviours = [one for one in config["CacheBehaviors"] if one["TargetOriginId"] == api]
    assert [one["PathPattern"] for one in behaviours] == ["/v1/*", "/v2/*"]
    assert config["DefaultCacheBehavior"]["TargetOriginId"] != api
    names = set()
    for one in behaviours:
        (association,) = one["FunctionAssociations"]
        assert association["EventType"] == "viewer-request"
        names.add(association["FunctionARN"]["Fn::GetAtt"][0])
    (name,) = names
    functions = templates.resources("AWS::CloudFront::Function").items()
    (found,) = [str(one["FunctionCode"]) for key, one in functions if key.endswith(f"/{name}")]
    return found


def passed(code: str, *sent: object) -> list[Any]:
    """The header passed on for each trace header (in CloudFront's form); None if it is removed."""
    script = (
        f"{code}\nconst sent = {json.dumps(sent)};\n"
        f"const headers = (one) => (one ? {{ '{HEADER}': one }} : {{}});\n"
        "const made = (one) => handler({ request: { uri: '/v1/me', headers: headers(one) } }).headers;\n"
        f"console.log(JSON.stringify(sent.map((one) => made(one)['{HEADER}'] ?? null)));"
    )
    done = subprocess.run(["node", "-e", script], capture_output=True, text=True, check=True, timeout=60)
    found: list[Any] = json.loads(done.stdout)
    return found


def test_trace_ids_pass_and_the_sampling_decision_does_not(code: str) -> None:
    begun = ids()
    flags = ["", ";Sampled=1", ";Sampled=0", ";Sampled=?", ";Sampled=1;Sampled=1", ";Lineage=1:a;Sampled=1"]
    assert passed(code, *({"value": begun + flag} for flag in flags)) == [{"value": begun}] * len(flags)
    alone = f"Root={root()}"
    assert passed(code, {"value": alone}, {"value": f"{alone};Sampled=1"}) == [{"value": alone}] * 2


def test_an_invalid_or_old_trace_id_does_not_pass(code: str) -> None:
    sent = [
        "", "Sampled=1", f"Sampled=1;{ids()}", "Root=x;Sampled=1", f"Root=1-6b04b32c-{'A' * 24}", f"Root={root()}0",
        f"Root=1-ffffffff-{'a' * 24}", ids(before=400), ids(before=-400),
    ]  # fmt: skip
    assert passed(code, *({"value": one} for one in sent)) == [None] * len(sent)
    two = {"value": ids(), "multiValue": [{"value": ids()}, {"value": "Sampled=1"}]}
    assert passed(code, two, None) == [None, None]
