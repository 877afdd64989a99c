"""Which routes the edge serves itself, and how it converts a function's result into a response."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulation.aws.invocation_frames import Came
from emulation.aws.messages import Request, Response
from emulation.edge.authorizer import Authorizer
from emulation.edge.integration import FunctionCall, FunctionIntegration, FunctionRoute, function_routes

TARGET = {"integrationId": "i", "integrationType": "AWS_PROXY", "payloadFormatVersion": "2.0", "integrationUri": "f"}
JWT = {
    "authorizerId": "a", "authorizerType": "JWT", "identitySource": ["$request.header.Authorization"],
    "jwtConfiguration": {"issuer": "https://cognito-idp.us-east-1.amazonaws.com/p"},
}  # fmt: skip


def routes(integration: dict[str, Any] | None = None, **route: Any) -> dict[str, FunctionRoute]:
    described = {"routeKey": "GET /v1/{id}/{rest+}", "target": "integrations/i", **route}
    return function_routes([described], [TARGET | (integration or {})], [JWT])


def test_a_route_to_a_function_has_its_parameters() -> None:
    (route,) = routes().values()
    assert (route.uri, route.rules) == ("f", None)
    assert route.parameters("/v1/a/b/c") == {"id": "a", "rest": "b/c"}
    assert route.parameters("/v1/a/") is None
    (guarded,) = routes(authorizationType="JWT", authorizerId="a", authorizationScopes=["s"]).values()
    assert guarded.rules is not None
    assert guarded.scopes == ("s",)


@pytest.mark.parametrize(
    ("integration", "route"),
    [
        ({"payloadFormatVersion": "1.0"}, {}),
        ({"integrationType": "HTTP_PROXY"}, {}),
        ({}, {"routeKey": "$default"}),
        ({}, {"target": "integrations/other"}),
        ({}, {"authorizationType": "AWS_IAM"}),
        ({}, {"authorizationType": "CUSTOM", "authorizerId": "a"}),
        ({}, {"authorizationType": "JWT", "authorizerId": "unknown"}),
    ],
)
def test_other_routes_are_left_to_the_emulator(integration: dict[str, Any], route: dict[str, Any]) -> None:
    assert routes(integration, **route) == {}


class _Invoker:
    """Always gives the same answer."""

    def __init__(self, came: Came, answer: Any = None, *, reachable: bool = True) -> None:
        self._answer = came, json.dumps(answer).encode()
        self._reachable = reachable
        self.events: list[dict[str, Any]] = []

    def is_reachable(self) -> bool:
        return self._reachable

    async def invoke(self, head: dict[str, str], event: bytes, seconds: float) -> tuple[Came, bytes]:
        self.events.append(json.loads(event))
        return self._answer


async def _answered(invoker: _Invoker, path: str = "/v1/a/b") -> Response | None:
    (route,) = routes().values()
    request = Request("GET", path, "q=1&q=2&e=", [], "127.0.0.1", "http", 80)
    headers = [(b"x-a", b"1"), (b"x-a", "é".encode()), (b"connection", b"close"), (b"cookie", b"a=1; b=2")]
    call = FunctionCall("api", "$default", {"v": "1"}, route, path, request, headers, b"", b"Root=1-a-b")
    functions = FunctionIntegration(invoker, Authorizer(None))  # type: ignore[arg-type]
    return await functions.answer(call, 1)


async def test_the_event_has_the_request_and_the_response_the_functions_result() -> None:
    said = {"statusCode": "201", "headers": {"X-B": "1", "x-b": "2"}, "cookies": ["a=1", "b=2"], "body": "é"}
    invoker = _Invoker(Came.ANSWERED, said)
    answer = await _answered(invoker)
    assert answer is not None
    assert (answer.status, answer.body.decode()) == (201, "é")
    assert answer.header(b"x-b") == b"1, 2"
    assert [value for name, value in answer.headers if name == b"set-cookie"] == [b"a=1", b"b=2"]
    (event,) = invoker.events
    assert event["headers"] == {"x-a": "1, é"}
    assert event["cookies"] == ["a=1", "b=2"]
    assert event["queryStringParameters"] == {"q": "1,2", "e": ""}
    assert event["pathParameters"] == {"id": "a", "rest": "b"}
    assert event["stageVariables"] == {"v": "1"}
    assert answer.header(b"apigw-requestid") == event["requestContext"]["requestId"].encode()


@pytest.mark.parametrize(
    ("came", "said", "status"),
    [(Came.FAILED, None, 500), (Came.THROTTLED, None, 503), (Came.ANSWERED, {"statusCode": "abc"}, 500)],
)
async def test_a_failed_invocation_reveals_no_details(came: Came, said: Any, status: int) -> None:
    answer = await _answered(_Invoker(came, said))
    assert answer is not None
    text = {500: "Internal Server Error", 503: "Service Unavailable"}[status]
    assert (answer.status, json.loads(answer.body)) == (status, {"message": text})


async def test_requests_that_the_socket_cannot_carry_go_by_http() -> None:
    assert await _answered(_Invoker(Came.BY_HTTP)) is None
    unreachable = _Invoker(Came.ANSWERED, {}, reachable=False)
    assert await _answered(unreachable) is None
    assert await _answered(_Invoker(Came.ANSWERED, {}), "/v1/a/%2525") is None
    assert unreachable.events == []
