"""The deployed distribution, seen by viewers: pages, errors, caching, compression, ranges, headers.

CloudFront Developer Guide: "Cache behavior settings", "Manage how long content stays in the cache", "Invalidate files
to remove content", "Serve compressed files", "How CloudFront processes partial requests for an object (range GETs)",
"Add or remove HTTP headers in CloudFront responses with a policy".
"""

from __future__ import annotations

import os
import uuid

import httpx
import pytest

from kit.client import Api, Problem
from tests.contract.deployed_edge import DeployedEdge
from tests.support.people import Town, eventually


@pytest.mark.parametrize("path", ["/", "/@somebody", "/posts/01K", "/settings/notifications", "/search?q=1.5"])
def test_a_deep_link_serves_the_page_of_the_app(deployed_edge: DeployedEdge, path: str) -> None:
    answer = deployed_edge.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert '<div id="app"' in answer.text
    assert answer.headers["cache-control"] == "no-cache"
    head = deployed_edge.client.head(deployed_edge.base + path)
    assert (head.status_code, head.content, head.headers["content-type"]) == (200, b"", answer.headers["content-type"])


@pytest.mark.parametrize("path", ["/no/such/page", "/no/such/page?x=1.5", "/posts", "/@a/b"])
def test_an_unknown_page_is_404(deployed_edge: DeployedEdge, path: str) -> None:
    answer = deployed_edge.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert '<div id="app"' not in answer.text


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/assets/index-AAAAAAAA.js", 404, "NoSuchKey"),
        ("/photo.png", 404, "NoSuchKey"),
        ("/a/b.json", 404, "NoSuchKey"),
        # The answer must not reveal which media exist.
        ("/media/public/nothing/a.webp", 403, "AccessDenied"),
    ],
)
def test_a_missing_file_is_not_masked_by_the_page(
    deployed_edge: DeployedEdge, path: str, status: int, code: str
) -> None:
    answer = deployed_edge.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/xml")
    assert f"<Code>{code}</Code>" in answer.text
    assert answer.headers["x-cache"] == "Error from cloudfront"


def test_a_missing_file_is_served_as_soon_as_it_is_deployed(deployed_edge: DeployedEdge) -> None:
    name = f"contract/{uuid.uuid4().hex}.css"
    assert deployed_edge.get(f"/{name}").status_code == 404
    deployed_edge.page(b"a {}", name=name)
    assert deployed_edge.get(f"/{name}").content == b"a {}"


def test_errors_of_the_api_pass_unchanged(deployed_edge: DeployedEdge) -> None:
    unsigned = deployed_edge.get("/v1/me")
    assert (unsigned.status_code, unsigned.json()) == (401, {"message": "Unauthorized"})
    town = Town(deployed_edge.endpoints)
    try:
        person = town.person()
        paths = {"/v1/posts/01K00000000000000000000000": 404, "/v1/no-such-route": 404, "/v1/moderation/cases": 403}
        for path, status in paths.items():
            answer = person.api.http.get(path)
            assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), path
            assert answer.json()["status"] == status
    finally:
        town.close()


def test_an_error_response_is_not_cached_for_other_people(deployed_edge: DeployedEdge) -> None:
    """CloudFront caches a 404 for ten seconds under a key without the token, unless the distribution forbids it."""
    town = Town(deployed_edge.endpoints)
    newcomer: Api = town.stranger()
    try:
        person = town.person()
        with pytest.raises(Problem) as refused:
            newcomer.get("/v1/me")
        assert refused.value.status == 404
        assert person.api.get("/v1/me")["id"] == person.id
    finally:
        newcomer.close()
        town.close()


def test_an_asset_is_cached_for_everyone_regardless_of_query_and_cookies(deployed_edge: DeployedEdge) -> None:
    path = deployed_edge.page(b"a {}")
    first, second = deployed_edge.get(path), deployed_edge.get(f"{path}?v=2", cookie="session=1")
    assert [one.headers["x-cache"] for one in (first, second)] == ["Miss from cloudfront", "Hit from cloudfront"]
    assert "age" not in first.headers
    assert int(second.headers["age"]) >= 0
    assert first.headers["etag"] == second.headers["etag"]
    assert deployed_edge.get(path, if_none_match=first.headers["etag"]).status_code == 304


def test_answers_of_the_api_are_neither_cached_nor_compressed(deployed_edge: DeployedEdge) -> None:
    for _ in range(2):
        answer = deployed_edge.get("/v1/status", accept_encoding="gzip, br")
        assert (answer.status_code, answer.headers["x-cache"]) == (200, "Miss from cloudfront")
        assert not {"age", "content-encoding"} & set(answer.headers)


def test_an_invalidation_removes_only_the_named_paths(deployed_edge: DeployedEdge) -> None:
    folder = f"contract/{uuid.uuid4().hex}"
    gone, below, stays = (f"{folder}/{name}.css" for name in ("gone", "below/x", "stays"))
    for key in (gone, below, stays):
        deployed_edge.page(b"old", name=key)
        assert deployed_edge.get(f"/{key}").content == b"old"
        deployed_edge.page(b"new", name=key)
    deployed_edge.invalidate(f"/{gone}", f"/{folder}/below/*")
    for key in (gone, below):
        eventually(lambda key=key: deployed_edge.get(f"/{key}").content, lambda body: body == b"new", key)
    assert deployed_edge.get(f"/{stays}").content == b"old"


@pytest.mark.parametrize(("size", "packed"), [(999, False), (1_000, True), (10_000_000, True), (10_000_001, False)])
def test_files_of_1000_to_10000000_bytes_are_compressed(deployed_edge: DeployedEdge, size: int, packed: bool) -> None:
    path = deployed_edge.page(b"a" * size)
    for _ in range(2):
        answer = deployed_edge.get(path, accept_encoding="gzip, br")
        assert (answer.headers.get("content-encoding"), len(answer.content)) == ("br" if packed else None, size)


@pytest.mark.parametrize(
    ("asked", "given"),
    [("gzip, br", "br"), ("br", "br"), ("gzip", "gzip"), ("gzip;q=1.0, br;q=0", "gzip"), ("deflate", None), ("", None)],
)
def test_the_viewer_chooses_the_encoding(deployed_edge: DeployedEdge, asked: str, given: str | None) -> None:
    body = b"p { margin: 0 }\n" * 100
    path = deployed_edge.page(body)
    answer = deployed_edge.get(path, accept_encoding=asked)
    assert (answer.headers.get("content-encoding"), answer.content) == (given, body)
    if given:
        assert answer.headers["vary"].lower() == "accept-encoding"
        assert answer.headers["etag"].startswith('W/"')
        assert int(answer.headers["content-length"]) < len(body)


@pytest.mark.parametrize(
    ("content_type", "packed"),
    [
        ("text/html; charset=utf-8", True),
        ("text/javascript; charset=utf-8", True),
        ("application/json", True),
        ("image/svg+xml", True),
        ("application/wasm", True),
        ("font/woff2", False),
        ("image/png", False),
        ("video/mp4", False),
        ("application/zip", False),
    ],
)
def test_only_the_listed_types_are_compressed(deployed_edge: DeployedEdge, content_type: str, packed: bool) -> None:
    answer = deployed_edge.get(deployed_edge.page(b"a" * 5000, content_type), accept_encoding="gzip, br")
    assert ("content-encoding" in answer.headers) is packed
    assert answer.content == b"a" * 5000


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("bytes=0-0", (206, slice(0, 1), "bytes 0-0/4000")),
        ("bytes=3990-", (206, slice(3990, 4000), "bytes 3990-3999/4000")),
        ("bytes=-5", (206, slice(3995, 4000), "bytes 3995-3999/4000")),
        ("bytes=100-99999", (206, slice(100, 4000), "bytes 100-3999/4000")),
        ("bytes=4000-", (416, slice(0, 0), "bytes */4000")),
    ],
)
def test_a_part_is_the_same_from_origin_and_cache(
    deployed_edge: DeployedEdge, asked: str, expected: tuple[int, slice, str]
) -> None:
    body = os.urandom(4000)
    path = deployed_edge.page(body, "video/mp4")
    status, part, content_range = expected
    for kept in (False, True):
        answer = deployed_edge.get(path, range=asked)
        assert (answer.status_code, answer.headers["content-range"]) == (status, content_range)
        assert status == 416 or answer.content == body[part]
        if kept and status == 206:
            assert answer.headers["x-cache"] == "Hit from cloudfront"
        deployed_edge.get(path)


def test_a_range_is_served_only_for_the_version_that_the_viewer_has(deployed_edge: DeployedEdge) -> None:
    path = deployed_edge.page(b"0123456789", "video/mp4")
    etag = deployed_edge.get(path).headers["etag"]
    assert deployed_edge.get(path, range="bytes=2-3", if_range=etag).content == b"23"
    assert deployed_edge.get(path, range="bytes=2-3", if_range='"other"').content == b"0123456789"


def test_pages_carry_a_strict_policy(deployed_edge: DeployedEdge) -> None:
    headers = deployed_edge.get("/").headers
    rules = dict(one.strip().split(" ", 1) for one in headers["content-security-policy"].split(";"))
    assert rules["default-src"] == rules["script-src"] == "'self'"
    assert (rules["object-src"], rules["frame-ancestors"], rules["base-uri"]) == ("'none'", "'none'", "'self'")
    assert "*" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert "geolocation=()" in headers["permissions-policy"]


def test_errors_and_media_carry_their_policies_too(deployed_edge: DeployedEdge) -> None:
    for path in ("/nothing.png", "/v1/status", deployed_edge.medium(b"x", private=False)):
        headers = deployed_edge.get(path).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert "default-src" in headers["content-security-policy"], path
    media = deployed_edge.get(deployed_edge.medium(b"x", private=False)).headers
    assert "sandbox" in media["content-security-policy"]
    assert "script-src" not in media["content-security-policy"]
    assert media["cross-origin-resource-policy"] == "same-site"


@pytest.mark.parametrize(("path", "verb"), [("/", "POST"), ("/x.css", "DELETE"), ("/media/a/thumb.webp", "PUT")])
def test_only_the_api_accepts_methods_that_change_something(deployed_edge: DeployedEdge, path: str, verb: str) -> None:
    answer = deployed_edge.client.request(verb, deployed_edge.base + path)
    assert answer.status_code == 403
    assert "not configured to allow the HTTP request method" in answer.text
    assert deployed_edge.client.request(verb, deployed_edge.base + "/v1/me").status_code in (401, 404)


def test_the_buckets_refuse_everybody_but_the_distribution(deployed_edge: DeployedEdge) -> None:
    """ "Restrict access to an Amazon S3 origin": the same object, requested from CloudFront and from S3."""
    for bucket, path in (
        (deployed_edge.ui_bucket, deployed_edge.page(b"page")),
        (deployed_edge.media_bucket, deployed_edge.medium(b"photo", private=False)),
    ):
        assert deployed_edge.get(path).status_code == 200
        at = f"{deployed_edge.endpoints.emulator_url}/{bucket}"
        for verb, target in (("GET", path), ("HEAD", path), ("GET", "?list-type=2"), ("PUT", path), ("DELETE", path)):
            assert httpx.request(verb, at + target, timeout=60).status_code == 403, (verb, target)
        assert deployed_edge.get(path).content in (b"page", b"photo")


def test_pending_uploads_are_not_served(deployed_edge: DeployedEdge) -> None:
    key = f"uploads/somebody/{uuid.uuid4().hex}.bin"
    deployed_edge.put(deployed_edge.media_bucket, key, b"not looked at yet", "text/html", "no-store")
    for path in (f"/{key}", f"/media/../{key}", f"/media/%2e%2e/{key}", f"/media/..%2f{key}"):
        answer = deployed_edge.client.send(httpx.Request("GET", httpx.URL(deployed_edge.base, raw_path=path.encode())))
        assert b"not looked at yet" not in answer.content, path
        assert answer.status_code in (400, 403, 404), path
