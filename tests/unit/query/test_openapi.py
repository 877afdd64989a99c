"""The description of the API is current, and the functions answer as it says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import TypeAdapter

from services.openapi.__main__ import DOCS, files
from services.openapi.document import ANSWERS
from tests.support.aws import Aws
from tests.support.social import Network

DOCUMENT = DOCS / "openapi.json"


def test_the_committed_documents_are_current() -> None:
    for name, content in files().items():
        assert (DOCS / name).read_text() == content, f"run `python -m services.openapi` and commit docs/{name}"


def test_every_route_is_described_and_every_description_has_a_route() -> None:
    paths = json.loads(DOCUMENT.read_text())["paths"]
    assert {f"{verb.upper()} {path}" for path, verbs in paths.items() for verb in verbs} == set(ANSWERS)


def test_every_reference_leads_somewhere() -> None:
    document = json.loads(DOCUMENT.read_text())

    def references(node: Any) -> set[str]:
        if isinstance(node, dict):
            own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
            return own.union(*map(references, node.values()))
        return set().union(*map(references, node)) if isinstance(node, list) else set()

    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert references(document) <= known


@pytest.mark.parametrize("visibility", ["public", "followers"])
def test_answers_have_the_shape_that_is_described(fresh: Aws, visibility: str) -> None:
    network = Network(fresh)
    author, reader = network.person("a"), network.person("b")
    network.follow(reader, author)
    text = f"hi @{network.handle_of(reader, 'b')} #tag https://example.com"
    post = network.post(author, text, visibility=visibility)
    network.post(reader, "re", replyTo=post["id"])
    checked = {
        "POST /v1/posts": post,
        "GET /v1/me": network.get(reader, "/v1/me"),
        "GET /v1/users/{user_id}": network.get(reader, f"/v1/users/{author}"),
        "GET /v1/users/{user_id}/posts": network.get(reader, f"/v1/users/{author}/posts"),
        "GET /v1/users/{user_id}/followers": network.get(reader, f"/v1/users/{author}/followers"),
        "GET /v1/timelines/home": network.get(author, "/v1/timelines/home"),
        "GET /v1/posts/{post_id}": network.get(reader, f"/v1/posts/{post['id']}"),
        "GET /v2/posts/{post_id}": network.get(reader, f"/v2/posts/{post['id']}"),
        "GET /v1/posts/{post_id}/replies": network.get(author, f"/v1/posts/{post['id']}/replies"),
        "GET /v1/status": network.get(reader, "/v1/status"),
    }
    for route, answer in checked.items():
        (resource,) = set(ANSWERS[route].values())
        TypeAdapter(resource).validate_json(json.dumps(answer), strict=True)
