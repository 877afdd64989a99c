"""The distribution answers the UI's pages, and 404 for other addresses: compared with the UI's own list of pages."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

_ROOT = Path(__file__).resolve().parents[2]
_FUNCTION = (_ROOT / "infra/cloudfront/spa_rewrite.js").read_text("utf-8")
_ROUTER = (_ROOT / "frontend-static/src/router.ts").read_text("utf-8")
_PATTERNS = re.findall(r"^  \['[a-z-]+', '(/[^']*)'\],$", _ROUTER, re.MULTILINE)
_UNKNOWN = (
    "/nowhere", "/wp-admin/", "/posts", "/posts/1/edit", "/@", "/settings/other", "/.env", "/a/b.c/d", "/.git/config",
    "/assets/", "/users", "/lists/1/2",
)  # fmt: skip
_RUN = """const events = JSON.parse(require('fs').readFileSync(0, 'utf8'));
console.log(JSON.stringify(events.map((uri) => handler({ request: { uri, headers: {} } }))));"""


def _answers(paths: list[str]) -> list[dict[str, Any]]:
    script = f"{_FUNCTION}\n{_RUN}"
    done = subprocess.run(["node", "-e", script], input=json.dumps(paths), capture_output=True, text=True, check=True)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_every_page_of_the_ui_is_the_app() -> None:
    assert len(_PATTERNS) > 30
    paths = [re.sub(r":\w+", "01J8ZQ_x-%E6%97%85", pattern) for pattern in _PATTERNS]
    paths += [f"{path}/" for path in paths if path != "/"]
    assert {answer.get("uri") for answer in _answers(paths)} == {"/index.html"}


def test_other_addresses_are_not_found() -> None:
    for path, answer in zip(_UNKNOWN, _answers(list(_UNKNOWN)), strict=True):
        assert answer.get("statusCode") == 404, path
        assert "このページは見つかりません" in answer["body"]["data"]


@pytest.mark.parametrize("path", ["/assets/index-1a2B.js", "/robots.txt", "/sw.js", "/config.json"])
def test_requests_for_files_pass_to_the_bucket_unchanged(path: str) -> None:
    assert _answers([path]) == [{"uri": path, "headers": {}}]


def test_the_function_fits_the_size_limit_of_cloudfront() -> None:
    """Source: CloudFront quotas: 10 KB for a function."""
    assert len(_FUNCTION.encode()) <= 10_240
