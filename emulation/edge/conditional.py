"""Conditional and range requests on a whole response (RFC 9110, sections 13 and 14)."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime

from emulation.aws.messages import Request, Response

_RANGE = re.compile(r"bytes=(\d*)-(\d*)\Z")


def not_modified(request: Request, response: Response) -> bool:
    """Whether the viewer has this representation already (If-None-Match goes before If-Modified-Since)."""
    if response.status != 200 or request.method not in ("GET", "HEAD"):
        return False
    wanted = request.header(b"if-none-match")
    if wanted is not None:
        etag = _opaque(response.header(b"etag") or b"")
        return wanted.strip() == b"*" or (bool(etag) and etag in {_opaque(part) for part in wanted.split(b",")})
    since, modified = request.header(b"if-modified-since"), response.header(b"last-modified")
    if since is None or modified is None:
        return False
    try:
        return parsedate_to_datetime(modified.decode()) <= parsedate_to_datetime(since.decode())
    except ValueError:
        return False


def _opaque(etag: bytes) -> bytes:
    """Weak comparison: ``W/`` does not matter."""
    return etag.strip().removeprefix(b"W/")


def as_not_modified(response: Response) -> None:
    response.status = 304
    response.body = b""
    response.drop(b"content-length", b"content-type", b"content-encoding")


def apply_range(request: Request, response: Response) -> None:
    """206 with the asked part, 416 when it is outside, unchanged when there is no (single) range."""
    header = request.text_header(b"range")
    found = _RANGE.match(header.strip())
    if response.status != 200 or response.stream is not None or request.method != "GET" or found is None:
        return
    if found[1] == "" and found[2] == "":
        return
    condition = request.header(b"if-range")
    if condition is not None and condition not in (response.header(b"etag"), response.header(b"last-modified")):
        return
    size = len(response.body)
    if found[1] == "":
        first, last = max(0, size - int(found[2])), size - 1
    else:
        first = int(found[1])
        last = min(int(found[2]), size - 1) if found[2] else size - 1
    response.drop(b"content-length")
    if first >= size or first > last or (found[1] == "" and int(found[2]) == 0):
        response.status, response.body = 416, b""
        response.set(b"content-range", f"bytes */{size}".encode())
        return
    response.status = 206
    response.body = response.body[first : last + 1]
    response.set(b"content-range", f"bytes {first}-{last}/{size}".encode())
