"""Routes of the small servers: handler arguments, allowed results, and supported methods."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from emulation.routes import Routes

routes = Routes()


@routes.get("/things/{name}")
async def thing(name: str) -> dict[str, Any]:
    return {"name": name}


@routes.route("/things/{name}/parts/{part}", "PUT", "POST")
def part(part: str, name: str, request: Request) -> Response:
    return Response(f"{request.method} {name} {part}", 201)


@routes.get("/list")
def everything() -> list[int]:
    return [1, 2]


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=routes))


def test_a_handler_gets_path_parameters_by_name_and_returns_json(client: TestClient) -> None:
    answer = client.get("/things/a%20b")
    assert (answer.status_code, answer.json()) == (200, {"name": "a b"})
    assert answer.headers["content-type"] == "application/json"
    assert client.get("/list").json() == [1, 2]


def test_a_response_is_sent_unchanged(client: TestClient) -> None:
    answer = client.post("/things/a/parts/b")
    assert (answer.status_code, answer.text) == (201, "POST a b")


@pytest.mark.parametrize(
    ("method", "path"), [("HEAD", "/things/a"), ("POST", "/things/a"), ("GET", "/things/a/parts/b")]
)
def test_other_methods_than_those_of_the_route_are_refused(client: TestClient, method: str, path: str) -> None:
    assert client.request(method, path).status_code == 405


def test_an_unknown_route_is_not_found(client: TestClient) -> None:
    assert client.get("/things").status_code == 404
