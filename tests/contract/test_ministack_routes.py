"""MiniStack's own routes: the test reads them from its code, and requests each without a signature.

Sources: AWS Lambda API Reference, "GetFunction" (a presigned link of 10 minutes); Amazon Cognito Developer Guide, "User
pool endpoints and managed login reference" (they belong to a domain); Amazon ECR User Guide, "Private registry
authentication". Not run against AWS.
"""

from __future__ import annotations

import ast
import io
import re
import zipfile
from typing import Any

import httpx
import pytest

from emulation.emulator.unsigned import CODE_PATHS, HOSTED_SIGN_IN
from emulation.guard import HELPER_HEADERS
from kit.settings import checkout_root
from tests.contract.emulator_process import EmulatorProcess

#: Their answers reveal nothing about the account; or the secret is in the link, as in the presigned URLs that
#: CloudFormation gives to custom resources and wait conditions.
TELLS_NOTHING = {"/_ministack/health", "/_ministack/ready", "/_localstack/health", "/_localstack/"}
SECRET_LINKS = {"/_ministack/cfn-response/", "/_ministack/cfn-signal/"}
#: Deployed APIs, function URLs and load balancers: each has its own authorizers.
DATA_PLANE = {"/_aws/execute-api/", "/_aws/lambda-url/", "/_alb/"}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def own_routes() -> set[str]:
    """Every path below ``/_…`` in MiniStack's code, also as the prefix of a pattern."""
    found = set()
    (package,) = checkout_root().glob(".asyncsns/venv-emulator/lib/python*/site-packages/ministack")
    for source in package.rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= set(re.findall(r"^/_(?:[a-z]+)/(?:[a-z-]+/?)*(?:[a-z-]+\.pem)?", node.value))
    return found


def test_each_ministack_route_is_listed_here_or_requires_the_helper_header(emulator: EmulatorProcess) -> None:
    routes = own_routes()
    assert {"/_ministack/config", "/_ministack/rds/iam-auth", "/_ministack/eks-auth/", *CODE_PATHS} <= routes
    passed = []
    for route in sorted(routes - TELLS_NOTHING - SECRET_LINKS - DATA_PLANE):
        for path in (route, f"{route.rstrip('/')}/000000000000/us-east-1/name/1/content"):
            for method in METHODS:
                answer = httpx.request(method, emulator.url + path, timeout=60)
                if answer.status_code != 403:
                    passed.append((method, path, answer.status_code))
    assert passed == []


def test_pages_about_its_health_name_nothing_of_the_account(emulator: EmulatorProcess) -> None:
    emulator.client("sqs").create_queue(QueueName="of-this-account")
    for route in sorted(TELLS_NOTHING):
        assert "of-this-account" not in httpx.get(emulator.url + route, timeout=60).text


def test_a_link_that_was_not_handed_out_answers_and_signals_nothing(emulator: EmulatorProcess) -> None:
    assert httpx.put(f"{emulator.url}/_ministack/cfn-signal/0", content=b"{}", timeout=60).status_code == 404
    assert httpx.get(f"{emulator.url}/_ministack/cfn-response/0", timeout=60).status_code in (403, 404)


def _archive() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("app.py", "def handler(event, context): return 'private'\n")
    return held.getvalue()


@pytest.fixture(scope="module")
def links(emulator: EmulatorProcess) -> dict[str, str]:
    """``Location`` of a function's code and of a layer's, as returned to their owner."""
    function: Any = emulator.client("lambda")
    role = emulator.client("iam").create_role(RoleName="of-code", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    code = {"ZipFile": _archive()}
    function.create_function(
        FunctionName="of-code", Runtime="python3.11", Role=role, Handler="app.handler", Code=code, Timeout=60
    )
    layer = function.publish_layer_version(LayerName="of-code", Content=code)
    return {
        "function": function.get_function(FunctionName="of-code")["Code"]["Location"],
        "layer": layer["Content"]["Location"],
    }


@pytest.mark.parametrize("kind", ["function", "layer"])
def test_code_is_served_only_by_the_link_given_to_its_owner(
    emulator: EmulatorProcess, links: dict[str, str], kind: str
) -> None:
    link = httpx.URL(links[kind]).copy_with(host="127.0.0.1", port=int(emulator.url.rsplit(":", 1)[1]))
    assert zipfile.ZipFile(io.BytesIO(httpx.get(link, timeout=60).content)).namelist() == ["app.py"]
    given = dict(link.params)
    later = {**given, "X-Amz-Expires-At": str(int(given["X-Amz-Expires-At"]) + 60)}
    past = {**given, "X-Amz-Expires-At": "1"}
    other = link.copy_with(path=link.path.replace("of-code", "of-others"))
    forged = [link.copy_with(params=one) for one in ({}, later, past, {**given, "X-Amz-Signature": "ministack"})]
    assert [httpx.get(one, timeout=60).status_code for one in (*forged, other)] == [403] * 5


@pytest.mark.parametrize("path", sorted(HOSTED_SIGN_IN))
def test_hosted_sign_in_requires_a_domain(emulator: EmulatorProcess, path: str) -> None:
    for method in ("GET", "POST"):
        answer = httpx.request(
            method,
            emulator.url + path,
            data={"username": "a", "password": "b"} if method == "POST" else None,
            timeout=60,
        )
        assert (answer.status_code, "domain" in answer.text) == (404, True), method


@pytest.mark.parametrize(
    "path", ["/v2", "/v2/", "/v2/_catalog", "/v2/a/tags/list", "/v2/a/manifests/b", "/v2/a/blobs/c"]
)
def test_container_images_are_not_served(emulator: EmulatorProcess, path: str) -> None:
    for method in METHODS:
        assert httpx.request(method, emulator.url + path, timeout=60).status_code == 401, method


def test_helper_routes_answer_the_kit(emulator: EmulatorProcess) -> None:
    answer = httpx.get(f"{emulator.url}/_ministack/sqs/messages", headers=HELPER_HEADERS, timeout=60)
    assert answer.status_code == 200
