"""A wrong method at a path of the API gets 405 and all methods of the path, whichever functions serve them."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from services.common.http import PROBLEM
from services.openapi.document import APPS, routes
from tests.support.gateway import context_of

METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
CLIENTS = {app.title: TestClient(app, raise_server_exceptions=False) for app in APPS}
SERVED = [route.split(" ") for route in routes()]
PATHS = sorted({re.sub(r"{\w+}", "one", path) for _, path in SERVED})


def allowed(path: str) -> list[str]:
    """The methods of all templates that this path is of."""
    return sorted({verb for verb, one in SERVED if re.fullmatch(re.sub(r"{\w+}", "[^/]+", one), path)})


@pytest.mark.parametrize("path", PATHS)
def test_a_wrong_method_learns_the_methods_of_all_functions(path: str) -> None:
    expected = allowed(path)
    assert expected
    for method in METHODS:
        if method in expected:
            continue
        answer = CLIENTS[context_of(method, path)].request(method, path)
        said = (answer.status_code, answer.headers.get("allow"), answer.headers["content-type"])
        assert said == (405, ", ".join(expected), PROBLEM), (method, path)
        if method != "HEAD":
            assert answer.json()["detail"] == f"Expected {', '.join(expected)} for {path}, got {method}."


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/posts/", "/v1/posts//like", "/v1/posts/one/nothing", "/", "/v1"])
@pytest.mark.parametrize("method", METHODS)
def test_a_path_of_no_function_is_not_found(method: str, path: str) -> None:
    answer = CLIENTS[context_of(method, path)].request(method, path)
    assert (answer.status_code, answer.headers.get("allow")) == (404, None)
