"""The UI on a separate server: the edge's files and headers, and the pages of the CloudFront function."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from kit.compose import ui

_POLICY = "default-src 'self'; script-src 'self' \"x\""
_FILES = {
    "/index.html": ("text/html; charset=utf-8", "no-cache", b"<title>"),
    "/assets/app-1a2b3c4d.js": ("text/javascript; charset=utf-8", "immutable", b"let x"),
    "/absent.txt": ("text/plain", "no-store", b"absent"),
    "/no/such/page": ("text/html", "no-store", b"no page"),
}


def _edge(request: httpx.Request) -> httpx.Response:
    kind, cache, body = _FILES[request.url.path]
    headers = {"content-type": kind, "cache-control": cache, "content-security-policy": _POLICY, "etag": "1"}
    status = 404 if "absent" in request.url.path or "such" in request.url.path else 200
    return httpx.Response(status, headers=headers, content=body)


@pytest.fixture
def edge() -> httpx.Client:
    return httpx.Client(base_url="http://edge:8080", transport=httpx.MockTransport(_edge))


def test_each_file_has_the_headers_of_the_edge(edge: httpx.Client, tmp_path: Path) -> None:
    assert ui.write(edge, tmp_path, ["index.html", "assets/app-1a2b3c4d.js"]) == 2
    assert (tmp_path / "files" / "assets" / "app-1a2b3c4d.js").read_bytes() == b"let x"
    text = (tmp_path / "nginx.conf").read_text()
    block = text.split("location = /assets/app-1a2b3c4d.js {")[1].split("}")[0]
    assert 'default_type "text/javascript; charset=utf-8";' in block
    assert 'add_header cache-control "immutable" always;' in block
    assert "script-src 'self' \\\"x\\\"" in block
    assert "etag" not in text
    assert 'gzip_types "text/javascript; charset=utf-8";' in text


def test_other_paths_are_those_of_the_distribution(edge: httpx.Client, tmp_path: Path) -> None:
    ui.write(edge, tmp_path, ["index.html"])
    text = (tmp_path / "nginx.conf").read_text()
    assert f'location ~ "{ui.pages()}" {{' in text
    passed_on = "location ^~ /v1/ {\n      proxy_pass http://edge:8080;\n      proxy_set_header Host $http_host;"
    assert passed_on in text, "the edge judges by the host that the client named"
    assert "return 404;" in text
    assert (tmp_path / "files" / "no-page").read_bytes() == b"no page"


def test_pages_are_those_of_cloudfronts_function() -> None:
    assert re.match(ui.pages(), "/@ann/followers")
    assert re.match(ui.pages(), "/")
    assert not re.match(ui.pages(), "/no/such/page")


def test_a_file_that_was_not_deployed_is_named(edge: httpx.Client, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"does not serve absent\.txt: deploy first"):
        ui.write(edge, tmp_path, ["absent.txt"])
