"""Compression at the edge. Source: "Serve compressed files"."""

from __future__ import annotations

import zlib

import brotli

from emulation.aws.messages import Response

SMALLEST, LARGEST = 1_000, 10_000_000

#: File types that CloudFront compresses.
TYPES = frozenset(
    (
        "application/dash+xml",
        "application/eot",
        "application/font",
        "application/font-sfnt",
        "application/javascript",
        "application/json",
        "application/opentype",
        "application/otf",
        "application/pdf",
        "application/pkcs7-mime",
        "application/protobuf",
        "application/rss+xml",
        "application/truetype",
        "application/ttf",
        "application/vnd.apple.mpegurl",
        "application/vnd.mapbox-vector-tile",
        "application/vnd.ms-fontobject",
        "application/wasm",
        "application/xhtml+xml",
        "application/xml",
        "application/x-font-opentype",
        "application/x-font-truetype",
        "application/x-font-ttf",
        "application/x-httpd-cgi",
        "application/x-javascript",
        "application/x-mpegurl",
        "application/x-opentype",
        "application/x-otf",
        "application/x-perl",
        "application/x-ttf",
        "font/eot",
        "font/opentype",
        "font/otf",
        "font/ttf",
        "image/svg+xml",
        "text/css",
        "text/csv",
        "text/html",
        "text/javascript",
        "text/js",
        "text/plain",
        "text/richtext",
        "text/tab-separated-values",
        "text/xml",
        "text/x-component",
        "text/x-java-source",
        "text/x-script",
        "vnd.apple.mpegurl",
    )
)


def accepted(header: str, *, gzip: bool, br: bool) -> str:
    """Encoding for an Accept-Encoding header: ``br`` before ``gzip`` when both are enabled, else ``""``."""
    names = set()
    for part in header.lower().split(","):
        name, _, parameter = part.strip().partition(";")
        if parameter.replace(" ", "") not in ("q=0", "q=0.0"):
            names.add(name.strip())
    if br and "br" in names:
        return "br"
    return "gzip" if gzip and "gzip" in names else ""


def compressible(response: Response) -> bool:
    """Whether CloudFront would compress this answer of an origin."""
    if response.stream is not None or response.status not in (200, 403, 404):
        return False
    if not SMALLEST <= len(response.body) <= LARGEST or response.header(b"content-encoding") is not None:
        return False
    kind = (response.header(b"content-type") or b"").decode("latin-1").partition(";")[0].strip().lower()
    return kind in TYPES


def compress(body: bytes, encoding: str) -> bytes:
    if encoding == "br":
        packed: bytes = brotli.compress(body, quality=5)
        return packed
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    return packer.compress(body) + packer.flush()


def encoded(response: Response, body: bytes, encoding: str) -> None:
    """Turn a response into its compressed form: a strong ETag becomes a weak one."""
    response.body = body
    response.set(b"content-encoding", encoding.encode())
    response.drop(b"content-length", b"accept-ranges")
    etag = response.header(b"etag")
    if etag is not None and not etag.startswith(b"W/"):
        response.set(b"etag", b"W/" + etag)
    vary = response.header(b"vary")
    response.set(b"vary", vary + b", Accept-Encoding" if vary else b"Accept-Encoding")
