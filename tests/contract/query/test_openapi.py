"""The functions' answers match the OpenAPI document."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from services.openapi.__main__ import DOCS
from tests.support.aws import Aws
from tests.support.social import Network

ROOT = DOCS.parent


def test_the_committed_types_of_the_ui_are_current(tmp_path: Path) -> None:
    made = tmp_path / "schema.ts"
    subprocess.run(["node", ROOT / "tools/api-types/generate.mjs", made], check=True, timeout=120)
    assert made.read_text() == (ROOT / "frontend-static/src/api/schema.ts").read_text(), "run `make api` and commit"


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
