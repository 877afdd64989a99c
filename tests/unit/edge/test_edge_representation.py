"""Compression, conditional and range requests, response headers policies."""

from __future__ import annotations

import gzip

import brotli
import pytest

from emulation.aws.messages import Request, Response
from emulation.edge.compression import accepted, compress, compressible, encoded
from emulation.edge.conditional import apply_range, not_modified
from emulation.edge.policies import PolicyCors, ResponseHeadersPolicy


def get(method: str = "GET", **headers: str) -> Request:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request(method, "/a", "", pairs, "127.0.0.1", "http", 80)


def page(size: int = 2_000, kind: str = "text/html; charset=utf-8", status: int = 200) -> Response:
    return Response(status, [(b"content-type", kind.encode()), (b"etag", b'"e1"')], b"abcd" * (size // 4))


@pytest.mark.parametrize(
    ("header", "chosen"),
    [("gzip, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip"), ("", ""), ("deflate", ""), ("GZIP", "gzip")],
)
def test_brotli_is_chosen_before_gzip(header: str, chosen: str) -> None:
    assert accepted(header, gzip=True, br=True) == chosen
    assert accepted("br", gzip=True, br=False) == ""


def test_only_documented_types_and_sizes_are_compressed() -> None:
    assert compressible(page())
    assert not compressible(page(996))
    assert not compressible(page(10_000_004))
    assert not compressible(page(kind="image/jpeg"))
    assert not compressible(page(status=206))
    packed = page()
    packed.headers.append((b"content-encoding", b"gzip"))
    assert not compressible(packed)


def test_compressed_content_is_whole_and_its_etag_weak() -> None:
    response = page()
    body = response.body
    assert gzip.decompress(compress(body, "gzip")) == body
    encoded(response, compress(body, "br"), "br")
    assert brotli.decompress(response.body) == body
    assert response.header(b"etag") == b'W/"e1"'
    assert response.header(b"vary") == b"Accept-Encoding"


def test_if_none_match_goes_before_if_modified_since() -> None:
    response = page()
    response.headers.append((b"last-modified", b"Mon, 23 Nov 2026 10:00:00 GMT"))
    assert not_modified(get(if_none_match='"x", W/"e1"'), response)
    assert not_modified(get(if_none_match="*"), response)
    later = "Mon, 23 Nov 2026 11:00:00 GMT"
    assert not not_modified(get(if_none_match='"x"', if_modified_since=later), response)
    assert not_modified(get(if_modified_since=later), response)
    assert not not_modified(get("POST", if_none_match="*"), response)
    assert not not_modified(get(if_modified_since="yesterday"), response)


@pytest.mark.parametrize(
    ("header", "status", "body", "content_range"),
    [
        ("bytes=0-3", 206, b"abcd", b"bytes 0-3/2000"),
        ("bytes=-2", 206, b"cd", b"bytes 1998-1999/2000"),
        ("bytes=1996-", 206, b"abcd", b"bytes 1996-1999/2000"),
        ("bytes=1998-9999", 206, b"cd", b"bytes 1998-1999/2000"),
        ("bytes=2000-", 416, b"", b"bytes */2000"),
        ("bytes=5-2", 416, b"", b"bytes */2000"),
        ("bytes=-0", 416, b"", b"bytes */2000"),
    ],
)
def test_a_single_range_is_answered_with_its_part(header: str, status: int, body: bytes, content_range: bytes) -> None:
    response = page()
    apply_range(get(range=header), response)
    assert (response.status, response.body, response.header(b"content-range")) == (status, body, content_range)


@pytest.mark.parametrize("header", ["bytes=-", "items=0-1", "bytes=0-1,4-5", "bytes=a-b"])
def test_other_ranges_are_ignored(header: str) -> None:
    response = page()
    apply_range(get(range=header), response)
    assert response.status == 200


def test_if_range_of_another_version_gets_the_whole() -> None:
    response = page()
    apply_range(get(range="bytes=0-3", if_range='"old"'), response)
    assert response.status == 200


def test_security_headers_override_or_fill_in() -> None:
    policy = ResponseHeadersPolicy(
        ((b"x-frame-options", b"DENY", True), (b"referrer-policy", b"same-origin", False)), (b"x-powered-by",)
    )
    response = Response(
        200, [(b"x-frame-options", b"ALLOW"), (b"referrer-policy", b"no-referrer"), (b"x-powered-by", b"p")]
    )
    policy.apply(get(), response)
    assert dict(response.headers) == {b"x-frame-options": b"DENY", b"referrer-policy": b"no-referrer"}


def test_cors_headers_are_only_for_allowed_origins() -> None:
    cors = PolicyCors(("https://a.example",), b"GET", b"*", b"", b"600", False, True)
    policy = ResponseHeadersPolicy(cors=cors)
    allowed, refused, preflight = Response(200), Response(200), Response(200)
    policy.apply(get(origin="https://a.example"), allowed)
    policy.apply(get(origin="https://b.example"), refused)
    policy.apply(get("OPTIONS", origin="https://a.example"), preflight)
    assert allowed.headers == [(b"access-control-allow-origin", b"https://a.example")]
    assert refused.headers == []
    assert preflight.header(b"access-control-max-age") == b"600"
