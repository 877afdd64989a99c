"""API Gateway Developer Guide: "Quotas for configuring and running an HTTP API", "Throttle requests to your HTTP APIs",
"Configure CORS for HTTP APIs", "Control access to HTTP APIs with JWT authorizers", "Working with AWS Lambda proxy
integrations for HTTP APIs".
"""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from emulation.console.gateway_counts import GatewayCounts
from emulation.guard import HELPER_HEADERS
from tests.contract.edge_support import EdgeNetwork
from tests.contract.emulator_process import wait_until

ORIGIN = "http://localhost:8080"


def test_the_event_has_the_headers_that_api_gateway_adds(edge: EdgeNetwork) -> None:
    trace = "Root=1-6b04b32c-964a663396e0d4d9a13e8113"
    answer = edge.client.get(edge.api + "/v1/echo", headers={"x-amzn-trace-id": trace})
    headers = answer.json()["headers"]
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-forwarded-proto"] == "http"
    assert headers["x-forwarded-port"] == edge.gateway.rsplit(":", 1)[1]
    assert headers["x-amzn-trace-id"].startswith(trace)
    assert len(answer.headers["apigw-requestid"]) == 16
    assert "x-amzn-requestid" not in answer.headers


@pytest.mark.parametrize("case", ["raise", "exit", "hang", "malformed", "newline"])
def test_a_failed_function_is_500_without_details(edge: EdgeNetwork, case: str) -> None:
    for base in (edge.api, f"{edge.emulator.url}/_aws/execute-api/{edge.http_api}"):
        answer = edge.client.get(f"{base}/v1/{case}")
        assert (answer.status_code, answer.text) == (500, '{"message":"Internal Server Error"}')


def test_the_event_and_the_answer_are_of_payload_format_2(edge: EdgeNetwork) -> None:
    """ "Create AWS Lambda proxy integrations for HTTP APIs in API Gateway"; ``tests/unit/emulator`` has the rules."""
    for base in (edge.api, f"{edge.emulator.url}/_aws/execute-api/{edge.http_api}"):
        answer = edge.client.get(base + "/v1/echo?a=1&a=2", headers={"cookie": "p=1; q=2"})
        event = answer.json()
        assert event["cookies"] == ["p=1", "q=2"]
        assert event["queryStringParameters"] == {"a": "1,2"}
        assert event["requestContext"]["requestId"] == answer.headers["apigw-requestid"]
        assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
        inferred = edge.client.get(base + "/v1/inferred")
        assert (inferred.status_code, inferred.json()) == (200, {"no": "status"})
        assert edge.client.get(base + "/v1/text-status").status_code == 201


def test_a_502_returned_by_a_function_passes_unchanged(edge: EdgeNetwork) -> None:
    answer = edge.client.get(edge.api + "/v1/own-502")
    assert (answer.status_code, answer.json()) == (502, {"title": "mine"})


def test_an_unknown_route_is_404(edge: EdgeNetwork) -> None:
    answer = edge.client.get(edge.api + "/v9/none")
    assert (answer.status_code, answer.text) == (404, '{"message":"Not Found"}')


def test_a_missing_and_a_forged_token_are_401_with_a_challenge(edge: EdgeNetwork) -> None:
    missing = edge.client.get(edge.api + "/v1/private")
    forged = edge.client.get(edge.api + "/v1/private", headers={"authorization": "Bearer e30.e30.e30"})
    for answer in (missing, forged):
        assert (answer.status_code, answer.text) == (401, '{"message":"Unauthorized"}')
    assert missing.headers["www-authenticate"] == "Bearer"
    assert forged.headers["www-authenticate"].startswith("Bearer error=")


def test_a_route_is_throttled_by_its_own_settings(edge: EdgeNetwork) -> None:
    answers = [edge.client.post(edge.api + "/v1/throttled") for _ in range(4)]
    assert [a.status_code for a in answers] == [200, 200, 429, 429]
    assert answers[-1].text == '{"message":"Too Many Requests"}'
    assert edge.client.post(edge.api + "/v1/other").status_code == 200


def test_the_payload_quota_is_ten_megabytes(edge: EdgeNetwork) -> None:
    whole = edge.client.post(edge.api + "/v1/missing", content=b"a" * (10 * 1024 * 1024))
    over = edge.client.post(edge.api + "/v1/missing", content=b"a" * (10 * 1024 * 1024 + 1))
    assert whole.status_code != 413
    assert (over.status_code, over.text) == (413, '{"message":"Request Entity Too Large"}')


def test_a_payload_without_a_length_is_counted(edge: EdgeNetwork) -> None:
    parts = (b"a" * 1024 * 1024 for _ in range(11))
    assert edge.client.post(edge.api + "/v1/missing", content=parts).status_code == 413


def test_headers_beyond_10240_bytes_are_431(edge: EdgeNetwork) -> None:
    assert edge.client.get(edge.api + "/v1/echo", headers={"x-long": "a" * 9_000}).status_code == 200
    assert edge.client.get(edge.api + "/v1/echo", headers={"x-long": "a" * 10_240}).status_code == 431


def test_preflights_are_answered_from_the_configuration(edge: EdgeNetwork) -> None:
    asked = {"origin": ORIGIN, "access-control-request-method": "POST"}
    answer = edge.client.options(edge.api + "/v1/echo", headers=asked)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-allow-methods"] == "GET,POST"
    assert answer.headers["access-control-allow-headers"] == "authorization"
    assert answer.headers["access-control-max-age"] == "60"
    foreign = edge.client.options(edge.api + "/v1/echo", headers=asked | {"origin": "http://other.example"})
    assert foreign.status_code == 204
    assert "access-control-allow-origin" not in foreign.headers


def test_errors_have_cors_headers_too(edge: EdgeNetwork) -> None:
    for path in ("/v1/raise", "/v9/none", "/v1/private"):
        answer = edge.client.get(edge.api + path, headers={"origin": ORIGIN})
        assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "access-control-allow-origin" not in edge.client.get(edge.api + "/v1/raise").headers


def test_cognito_answers_browsers_of_any_origin(edge: EdgeNetwork) -> None:
    pool = edge.emulator.client("cognito-idp").create_user_pool(PoolName=uuid.uuid4().hex)["UserPool"]["Id"]
    asked = {
        "origin": ORIGIN,
        "access-control-request-method": "POST",
        "access-control-request-headers": "x-amz-target",
    }
    preflight = edge.client.options(edge.gateway + "/_cognito/", headers=asked)
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "x-amz-target" in preflight.headers["access-control-allow-headers"]
    headers = {
        "origin": ORIGIN,
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "AWSCognitoIdentityProviderService.InitiateAuth",
    }
    body = {"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": "none", "AuthParameters": {"USERNAME": "a", "PASSWORD": "b"}}
    answer = edge.client.post(edge.gateway + "/_cognito/", headers=headers, content=json.dumps(body))
    assert answer.status_code == 400
    assert answer.json()["__type"] == "ResourceNotFoundException"
    assert answer.headers["access-control-allow-origin"] == "*"
    keys = edge.client.get(f"{edge.gateway}/_cognito/{pool}/.well-known/jwks.json")
    assert keys.json()["keys"][0]["kty"] == "RSA"


def test_only_services_for_browsers_take_signed_calls(edge: EdgeNetwork) -> None:
    scope = "AWS4-HMAC-SHA256 Credential=test/20261123/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0"
    answer = edge.client.post(edge.gateway + "/", headers={"authorization": scope})
    assert answer.status_code == 403


def test_when_api_gateway_is_down_the_page_and_cognito_work(edge: EdgeNetwork) -> None:
    edge.fault("down")
    try:
        answer = edge.client.get(edge.api + "/v1/echo")
        assert (answer.status_code, answer.text) == (503, '{"message":"Service Unavailable"}')
        assert edge.client.get(edge.cdn + "/").status_code == 200
        target = {"x-amz-target": "AWSCognitoIdentityProviderService.InitiateAuth"}
        assert edge.client.post(edge.gateway + "/_cognito/", headers=target, content=b"{}").status_code == 400
    finally:
        edge.fault("up")
    assert edge.client.get(edge.api + "/v1/echo").status_code == 200


def test_every_request_is_in_the_access_log(edge: EdgeNetwork) -> None:
    marker = uuid.uuid4().hex
    edge.client.get(f"{edge.api}/v1/things/{marker}")
    path = edge.emulator.home / "logs" / "gateway-access.log"
    line = json.loads(
        wait_until(lambda: next((t for t in path.read_text().splitlines() if marker in t), None), 60, "the log line")
    )
    assert (line["routeKey"], line["status"], line["httpMethod"]) == ("GET /v1/things/{id}", 200, "GET")


def test_requests_are_metrics_as_api_gateway_has_them(edge: EdgeNetwork) -> None:
    """ "Monitor HTTP APIs with CloudWatch metrics": names, dimensions, values of 0 and 1 for failures."""
    with httpx.Client(base_url=edge.gateway, headers=HELPER_HEADERS) as gateway:
        counts = GatewayCounts(gateway, edge.emulator.client("cloudwatch"))
        counts.put()
        dimensions = [{"Name": "ApiId", "Value": edge.http_api}, {"Name": "Stage", "Value": "$default"}]
        before = {name: _sum(edge, name, dimensions) for name in ("Count", "4xx", "5xx")}
        for path in ("/v1/echo", "/v1/missing", "/v9/none", "/v1/raise"):
            edge.client.get(edge.api + path)
        counts.put()
    more = {name: _sum(edge, name, dimensions) - value for name, value in before.items()}
    assert more == {"Count": 4, "4xx": 2, "5xx": 1}
    listed = edge.emulator.client("cloudwatch").list_metrics(Namespace="AWS/ApiGateway")["Metrics"]
    of_api = {one["MetricName"] for one in listed if one["Dimensions"] == dimensions[:1]}
    assert of_api >= {"Count", "4xx", "5xx", "Latency", "IntegrationLatency", "DataProcessed"}


def _sum(edge: EdgeNetwork, name: str, dimensions: list[dict[str, str]]) -> float:
    now = datetime.now(UTC)
    points = edge.emulator.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/ApiGateway", MetricName=name, Dimensions=dimensions, Statistics=["Sum"],
        Period=3600, StartTime=now - timedelta(hours=1), EndTime=now + timedelta(minutes=1),
    )  # fmt: skip
    return sum(float(point["Sum"]) for point in points["Datapoints"])
