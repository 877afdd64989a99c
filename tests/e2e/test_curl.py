"""The commands of ``docs/api.md`` that call the API with curl, as a reader runs them."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from kit.client import Endpoints

ROOT = Path(__file__).parents[2]


def run(commands: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-ec", f"unset MAKEFLAGS MAKELEVEL MFLAGS\n{commands}"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def test_the_commands_of_the_page_call_the_api(endpoints: Endpoints) -> None:
    if not endpoints.document.get("logins"):
        pytest.skip("SEED=no: there is no seeded login")
    page = (ROOT / "docs" / "api.md").read_text("utf-8")
    (commands,) = re.findall(r"```sh\n(TOKEN=.*?)```", page, re.DOTALL)
    assert commands.count("http://localhost:8080") == 2
    done = run(commands.replace("http://localhost:8080", endpoints.base_url))
    assert done.returncode == 0, done.stderr
    # Two documents, one after the other.
    decoder = json.JSONDecoder()
    me, end = decoder.raw_decode(done.stdout)
    post, _ = decoder.raw_decode(done.stdout[end:].lstrip())
    assert (me["handle"], post["author"]["handle"], post["text"]) == ("hana", "hana", "Hello from curl")


def test_a_token_is_all_of_the_output_and_an_unknown_login_has_none(endpoints: Endpoints) -> None:
    if endpoints.document.get("logins"):
        done = run("make token LOGIN=olivia")
        assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+\n", done.stdout), done.stderr
    refused = run("make token LOGIN=nobody")
    assert (refused.returncode != 0, refused.stdout) == (True, "")
    assert "make token: LOGIN: expected a seeded login" in refused.stderr
