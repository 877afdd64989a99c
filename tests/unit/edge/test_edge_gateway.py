"""The gateway front's rules: routes, throttling, CORS, error bodies, trace headers."""

from __future__ import annotations

import json

import pytest

from emulation.aws.messages import Request, Response
from emulation.edge.apis import parse_api
from emulation.edge.aws_front import service_of
from emulation.edge.cors import CorsConfig
from emulation.edge.http_api import aws_answer, forwarded_headers
from emulation.edge.routes import RouteTable
from emulation.edge.throttle import Buckets
from emulation.edge.tracing import new_trace_id, parse_header
from emulation.edge.websocket import safe_text
from emulation.token_bucket import TokenBucket

TABLE = RouteTable(
    [
        "GET /v1/posts/{id}",
        "GET /v1/posts/mine",
        "ANY /v1/posts/{id}",
        "ANY /v1/{proxy+}",
        "ANY /v1/x/{proxy+}",
        "GET /",
    ]
)


@pytest.mark.parametrize(
    ("method", "path", "key"),
    [
        ("GET", "/v1/posts/7", "GET /v1/posts/{id}"),
        ("GET", "/v1/posts/mine", "GET /v1/posts/mine"),
        ("PUT", "/v1/posts/mine", "ANY /v1/posts/{id}"),
        ("GET", "/v1/posts/7/likes", "ANY /v1/{proxy+}"),
        ("GET", "/v1/x/y/z", "ANY /v1/x/{proxy+}"),
        ("GET", "/", "GET /"),
        ("POST", "/", None),
        ("GET", "/v2/posts", None),
        ("GET", "/v1", None),
    ],
)
def test_the_most_specific_route_wins(method: str, path: str, key: str | None) -> None:
    assert TABLE.select(method, path) == key


def test_default_takes_the_rest() -> None:
    assert RouteTable(["GET /a", "$default"]).select("POST", "/b") == "$default"


def test_a_bucket_has_a_burst_and_refills_at_its_rate() -> None:
    now = [0.0]
    bucket = TokenBucket(rate=2, burst=3, clock=lambda: now[0])
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]
    now[0] = 0.5
    assert [bucket.take() for _ in range(2)] == [True, False]
    now[0] = 60
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]


def test_a_bucket_survives_a_reload_unless_its_limits_change() -> None:
    buckets = Buckets(clock=lambda: 0.0)
    assert buckets.take("a", 1, 1)
    assert not buckets.take("a", 1, 1)
    assert buckets.take("a", 2, 1)


def test_settings_of_cloudformation_and_of_the_api_are_the_same() -> None:
    stage = {
        "stageName": "$default",
        "defaultRouteSettings": {"ThrottlingRateLimit": 5},
        "routeSettings": {"POST /v1/posts": {"throttlingBurstLimit": 2}},
    }
    cors = {"AllowOrigins": ["http://a"], "AllowMethods": ["GET"], "MaxAge": 60}
    api = parse_api({"apiId": "a", "corsConfiguration": cors}, [{"routeKey": "POST /v1/posts"}], [stage])
    assert api.stages["$default"].default.rate == 5
    assert (api.stages["$default"].routes["POST /v1/posts"].rate, api.cors is not None) == (5, True)
    assert api.stages["$default"].routes["POST /v1/posts"].burst == 2


def cors(**changes: object) -> CorsConfig:
    raw = {"allowOrigins": ["http://Localhost:8080"], "allowMethods": ["GET", "POST"], "maxAge": 60}
    return CorsConfig.parse(raw | changes)


def test_a_preflight_answer_has_the_configured_values() -> None:
    answer = cors(allowHeaders=["authorization"]).preflight("http://localhost:8080")
    assert answer.status == 204
    assert answer.header(b"access-control-allow-origin") == b"http://localhost:8080"
    assert answer.header(b"access-control-allow-methods") == b"GET,POST"
    assert answer.header(b"access-control-allow-headers") == b"authorization"
    assert answer.header(b"access-control-max-age") == b"60"


def test_a_foreign_origin_gets_no_cors_headers() -> None:
    assert cors().preflight("http://evil.example").headers == []
    assert cors().response_headers("") == []


def test_origins_may_be_wildcards() -> None:
    assert cors(allowOrigins=["*"]).allows("http://any") == b"*"
    assert cors(allowOrigins=["https://*"]).allows("https://any") == b"https://any"
    assert cors(allowOrigins=["https://*"]).allows("http://any") is None


LEAK = json.dumps({"errorMessage": "secret", "errorType": "Runtime.HandlerError"}).encode()


@pytest.mark.parametrize(
    ("status", "body", "expected", "text"),
    [
        (502, LEAK, 500, "Internal Server Error"),
        (502, b'{"message": "Lambda function \'x\' not found"}', 500, "Internal Server Error"),
        (500, b"", 500, "Internal Server Error"),
        (429, b'{"Reason": "ConcurrentInvocationLimitExceeded"}', 503, "Service Unavailable"),
        (200, b"x" * 6_300_000, 500, "Internal Server Error"),
        (404, b'{"message": "Not Found"}', 404, "Not Found"),
    ],
)
def test_failures_have_the_bodies_of_api_gateway(status: int, body: bytes, expected: int, text: str) -> None:
    answer = aws_answer(Response(status, [], body), authorized=False)
    assert (answer.status, answer.body) == (expected, b'{"message":"' + text.encode() + b'"}')


@pytest.mark.parametrize(("status", "body"), [(502, b'{"detail":"mine"}'), (429, b'{"title":"slow down"}')])
def test_answers_of_a_function_pass(status: int, body: bytes) -> None:
    answer = aws_answer(Response(status, [(b"content-type", b"application/problem+json")], body), authorized=True)
    assert (answer.status, answer.body) == (status, body)


def test_a_refused_token_is_challenged() -> None:
    body = b'{"message": "Unauthorized"}'
    missing = aws_answer(Response(401, [], body), authorized=False)
    invalid = aws_answer(Response(401, [], body), authorized=True)
    assert missing.header(b"www-authenticate") == b"Bearer"
    assert invalid.header(b"www-authenticate") == b'Bearer error="invalid_token"'
    assert invalid.body == b'{"message":"Unauthorized"}'


def test_the_integration_gets_the_client_address_and_trace() -> None:
    headers = [(b"host", b"localhost:8081"), (b"x-forwarded-for", b"10.0.0.1"), (b"x-amzn-trace-id", b"old")]
    request = Request("GET", "/", "", [*headers, (b"x-asyncsns", b"mine")], "127.0.0.1", "http", 8081)
    pairs = forwarded_headers(request, b"Root=1-a-b")
    sent = dict(pairs)
    assert len(sent) == len(pairs)
    assert b"x-asyncsns" not in sent
    assert sent[b"x-forwarded-for"] == b"10.0.0.1, 127.0.0.1"
    assert sent[b"x-forwarded-proto"] == b"http"
    assert sent[b"x-forwarded-port"] == b"8081"
    assert sent[b"x-amzn-trace-id"] == b"Root=1-a-b"


def test_trace_headers_are_parsed_and_new_ids_hold_the_time() -> None:
    assert parse_header("Root=1-a-b;Parent=c;Sampled=1") == {"Root": "1-a-b", "Parent": "c", "Sampled": "1"}
    assert parse_header("nonsense") == {}
    trace_id = new_trace_id(1_700_000_000.0)
    assert trace_id.startswith("1-6553f100-")
    assert len(trace_id) == 35


def test_error_texts_do_not_reach_sockets() -> None:
    assert safe_text('{"type":"pong"}') == '{"type":"pong"}'
    assert json.loads(safe_text("Traceback: secret"))["message"] == "Internal server error"


def test_a_signed_call_names_its_service() -> None:
    scope = (
        b"AWS4-HMAC-SHA256 Credential=ASIA/20261123/us-east-1/monitoring/aws4_request, SignedHeaders=host, Signature=0"
    )
    request = Request("POST", "/", "", [(b"authorization", scope)], "127.0.0.1", "http", 80)
    assert service_of(request) == "monitoring"
    assert service_of(Request("POST", "/", "", [], "127.0.0.1", "http", 80)) == ""
