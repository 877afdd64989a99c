"""The running gateway's answers match ``docs/openapi.json``."""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from kit.client import Accounts, Api, Endpoints
from tests.support.people import PASSWORD, Person, Town, eventually

DOCUMENT: dict[str, Any] = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text())
ROUTES = [(path, verb) for path, verbs in DOCUMENT["paths"].items() for verb in verbs]


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    made = Town(Endpoints.load())
    yield made
    made.close()


@pytest.fixture(scope="module")
def person(town: Town) -> Person:
    return town.person()


@pytest.fixture(scope="module")
def moderator(town: Town) -> Iterator[Person]:
    account = Accounts(town.endpoints).join(f"mod{secrets.token_hex(6)}@example.com", PASSWORD, ("moderators",))
    with Api(town.endpoints, account) as api:
        yield Person(api, account.user_id, "")


@pytest.mark.parametrize(("path", "verb"), ROUTES)
def test_without_a_token_the_gateway_answers_401(town: Town, path: str, verb: str) -> None:
    operation = DOCUMENT["paths"][path][verb]
    names = {one["name"]: uuid.uuid4().hex for one in operation["parameters"] if one["in"] == "path"}
    answer = httpx.request(verb.upper(), town.endpoints.base_url + path.format(**names), timeout=60)
    if operation.get("security") == []:
        assert answer.status_code == 200
        _check(path, verb, answer)
    else:
        assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})
        assert answer.headers["content-type"] in DOCUMENT["components"]["responses"]["Unauthorized"]["content"]


def test_answers_have_the_shape_that_is_described(town: Town, person: Person, moderator: Person) -> None:
    other = town.person()
    other.follow(person)
    tag = f"t{secrets.token_hex(5)}"
    body = {"clientPostId": uuid.uuid4().hex, "text": f"@{other.handle} #{tag} https://example.com"}
    post = _call(person, "POST", "/v1/posts", body)
    _call(person, "POST", "/v1/conversations", {"memberId": other.id})
    group = {"clientGroupId": uuid.uuid4().hex, "title": "shapes", "userIds": [other.id]}
    opened = _call(person, "POST", "/v1/conversations/groups", group)
    _call(person, "POST", "/v1/media", {"kind": "photo", "contentType": "image/png", "bytes": 5})
    _call(person, "POST", "/v1/realtime/tickets", {})
    _call(person, "POST", "/v1/me/export", {})
    names = {
        "user_id": person.id, "handle": person.handle, "tag": tag, "post_id": post["id"],
        "conversation_id": opened["id"],
    }  # fmt: skip
    eventually(lambda: other.home(), lambda found: post["id"] in found, "the post in the timeline")
    for path in DOCUMENT["paths"]:
        needed = {part[1:-1] for part in path.split("/") if part.startswith("{")}
        if "get" in DOCUMENT["paths"][path] and needed <= set(names):
            query = f"?q={tag}" if "/search" in path else ""
            caller = other if "/home" in path else moderator if "/moderation/" in path else person
            _call(caller, "GET", path, None, query, names)


@pytest.mark.parametrize("kind", ["posts", "people", "tags"])
def test_search_answers_by_type(town: Town, person: Person, kind: str) -> None:
    _call(person, "GET", "/v1/search", None, f"?q=hello&type={kind}")


@pytest.mark.parametrize(
    ("verb", "path"),
    [("GET", "/v1/posts/1"), ("GET", "/v1/timelines/home?cursor=x"), ("POST", "/v1/posts"), ("GET", "/v1/nowhere")],
)
def test_refusals_are_problem_documents(person: Person, verb: str, path: str) -> None:
    answer = person.api.http.request(verb, path)
    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"] == "application/problem+json"
    _validator("Problem").validate(answer.json())


def _call(
    person: Person, verb: str, path: str, body: Any = None, query: str = "", names: dict[str, str] | None = None
) -> Any:
    answer = person.api.http.request(verb, path.format(**(names or {})) + query, json=body)
    _check(path, verb.lower(), answer)
    return answer.json()


def _check(path: str, verb: str, answer: httpx.Response) -> None:
    described = DOCUMENT["paths"][path][verb]["responses"]
    assert str(answer.status_code) in described, f"{verb} {path}: {answer.status_code} {answer.text[:500]}"
    reference = described[str(answer.status_code)]["content"]["application/json"]["schema"]["$ref"]
    _validator(reference.rpartition("/")[2]).validate(answer.json())


def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]})
