"""The description of the API is current, and the functions answer as it says."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from jsonschema import ValidationError

from services.openapi.__main__ import DOCS, files
from services.openapi.document import APPS
from tests.support import described
from tests.support.aws import Aws
from tests.support.social import Network

ROOT = DOCS.parent
DOCUMENT = DOCS / "openapi.json"


def test_the_committed_documents_are_current() -> None:
    for name, content in files().items():
        assert (DOCS / name).read_text() == content, f"run `make api` and commit docs/{name}"


def test_the_committed_types_of_the_ui_are_current(tmp_path: Path) -> None:
    made = tmp_path / "schema.ts"
    subprocess.run(["node", ROOT / "tools/api-types/generate.mjs", made], check=True, timeout=120)
    assert made.read_text() == (ROOT / "frontend-static/src/api/schema.ts").read_text(), "run `make api` and commit"


def test_no_route_validates_its_answers_again() -> None:
    for app in APPS:
        for one in iter_route_contexts(app.routes):
            route: Any = one
            assert route.response_field is None and not route.response_fields, route.path_format


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
def test_reads_have_the_shape_that_is_described(fresh: Aws, visibility: str) -> None:
    network = Network(fresh)
    author, reader = network.person("a"), network.person("b")
    network.follow(reader, author)
    text = f"hi @{network.handle_of(reader, 'b')} #tag https://example.com"
    post = network.post(author, text, visibility=visibility)
    network.post(reader, "re", replyTo=post["id"])
    for path in (
        f"/v1/users/{author}/followers", f"/v1/posts/{post['id']}/thread", f"/v2/posts/{post['id']}", "/v1/status",
    ):  # fmt: skip
        network.get(reader, path)


def test_another_shape_than_is_described_fails_a_test() -> None:
    with pytest.raises(ValidationError, match="Additional properties"):
        described.check("GET", "/v1/status", 200, {"service": "", "status": "", "at": "", "versions": [], "more": 1})
    with pytest.raises(AssertionError, match="201"):
        described.check("GET", "/v1/status", 201, {})
