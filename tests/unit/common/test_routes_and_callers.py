"""What every context's application does for its routes: it knows the caller, describes answers, and offers no more."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict, cast

import pytest
from botocore.exceptions import ConnectTimeoutError
from fastapi import APIRouter, FastAPI, Header
from fastapi.testclient import TestClient
from starlette.types import Receive, Scope, Send

from services.common.http import PROBLEM, CurrentViewer, DescribedRoute, Router, create_app


class Thing(TypedDict):
    name: str


class Refusal(TypedDict):
    why: str


def _router() -> APIRouter:
    router = Router(prefix="/v1")

    @router.post(
        "/things",
        response_model=Thing,
        status_code=201,
        summary="Make a thing",
        responses={"409": {"model": Refusal}, 204: {"description": "There is none."}},
    )
    def make() -> Thing:
        return cast("Thing", {"answered": 1})

    @router.get("/things", response_model=Thing)
    def read() -> Thing:
        return cast("Thing", {"answered": 2})

    @router.put("/things")
    def write() -> None:
        raise ConnectTimeoutError(endpoint_url="https://dynamodb")

    @router.get("/me")
    async def me(viewer: CurrentViewer) -> dict[str, str]:
        return {"id": viewer.user_id}

    @router.get("/items/{item_id}")
    def item(item_id: int, x_count: Annotated[int, Header()]) -> None: ...

    return router


@pytest.fixture
def app() -> FastAPI:
    return create_app("things", _router())


def client(app: FastAPI, event: dict[str, Any] | None = None) -> TestClient:
    """Requests as they come through API Gateway, whose event Mangum adds."""

    async def of_gateway(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, **({"aws.event": event} if event is not None else {})}, receive, send)

    return TestClient(of_gateway, raise_server_exceptions=False, follow_redirects=False)


def test_the_caller_is_the_one_whose_token_the_gateway_checked(app: FastAPI) -> None:
    event = {"requestContext": {"authorizer": {"jwt": {"claims": {"sub": "ann"}}}}}
    assert client(app, event).get("/v1/me").json() == {"id": "ann"}


@pytest.mark.parametrize("event", [None, {}, {"requestContext": {}}])
def test_nobody_is_the_caller_of_a_request_without_claims(app: FastAPI, event: dict[str, Any] | None) -> None:
    answer = client(app, event).get("/v1/me")
    assert (answer.status_code, answer.json()["type"]) == (403, "forbidden")


def test_routes_answer_with_their_status_and_validate_no_answer(app: FastAPI) -> None:
    made, read = client(app).post("/v1/things"), client(app).get("/v1/things")
    assert (made.status_code, made.json()) == (201, {"answered": 1})
    assert (read.status_code, read.json()) == (200, {"answered": 2})


def test_routes_describe_each_answer_by_its_status() -> None:
    router = _router()
    described = {one.name: one.answers for one in router.routes if isinstance(one, DescribedRoute)}
    assert described == {
        "make": {201: Thing, 204: None, 409: Refusal},
        "read": {200: Thing},
        "write": {200: None},
        "me": {200: None},
        "item": {200: None},
    }


def test_a_route_is_built_at_the_first_request_to_it(app: FastAPI) -> None:
    def built() -> set[str]:
        return {one.name for one in app.routes if "app" in vars(one)}

    assert not built()
    for _ in range(2):
        assert client(app).get("/v1/things").status_code == 200
        assert built() == {"read"}


def test_what_a_route_does_not_have_is_no_attribute_of_it(app: FastAPI) -> None:
    for _ in range(2):
        assert not hasattr(app.routes[0], "nothing")


def test_a_routes_other_settings_reach_the_description(app: FastAPI) -> None:
    assert app.openapi()["paths"]["/v1/things"]["post"]["summary"] == "Make a thing"


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/v1/things/"])
def test_only_its_own_routes_are_served_and_nothing_redirects(app: FastAPI, path: str) -> None:
    answer = client(app).get(path)
    assert answer.json() == {
        "type": "about:blank", "title": "Not Found", "status": 404,
        "detail": f"Expected a route of the API, got GET {path}.",
    }  # fmt: skip


def test_a_method_that_is_not_allowed_learns_the_allowed_ones(app: FastAPI) -> None:
    answer = client(app).delete("/v1/me")
    assert (answer.status_code, answer.headers["allow"], answer.headers["content-type"]) == (405, "GET", PROBLEM)
    assert answer.json() == {
        "type": "about:blank", "title": "Method Not Allowed", "status": 405,
        "detail": "Expected GET for /v1/me, got DELETE.",
    }  # fmt: skip
    assert client(app).patch("/v1/things").headers["allow"] == "GET, POST, PUT"


def test_an_unreachable_service_is_a_reason_to_try_again(app: FastAPI) -> None:
    answer = client(app).put("/v1/things")
    assert (answer.status_code, answer.headers["content-type"]) == (503, PROBLEM)
    assert answer.json()["type"] == "unavailable"


def test_refused_headers_and_parts_of_the_path_are_named_without_their_place(app: FastAPI) -> None:
    answer = client(app).get("/v1/items/one")
    assert [(one["field"], one["got"]) for one in answer.json()["errors"]] == [
        ("item_id", "'one'"),
        ("x-count", "nothing"),
    ]
