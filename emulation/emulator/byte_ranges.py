"""``Range`` of S3's GetObject: one range of bytes; any other header is ignored.

MiniStack answers 416 for an invalid range, and takes the first of several. Sources: RFC 9110, 14.2 (a server ignores a
range unit it does not know, and may ignore an invalid set), and GetObject: "Amazon S3 doesn't support retrieving
multiple ranges of data per GET request", https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
"""

from __future__ import annotations

import re
from typing import Any

from emulation.emulator import seams

_RANGE = re.compile(r"bytes=([0-9]*)-([0-9]*)", re.IGNORECASE)


def is_range(header: str) -> bool:
    """Whether this is one valid range of bytes; whether it can be satisfied is another question."""
    found = _RANGE.fullmatch(header.strip())
    if found is None or found.group(1) == found.group(2) == "":
        return False
    first, last = found.groups()
    return not first or not last or int(first) <= int(last)


def ignore_what_is_none() -> None:
    """Take an invalid ``Range`` out of a request before MiniStack reads it."""
    s3 = seams.module("services.s3")
    get = s3._get_object

    def get_object(bucket: str, key: str, headers: dict[str, str], query: dict[str, Any] | None = None) -> Any:
        wanted = headers.get("range", "")
        if wanted:
            headers = {name: value for name, value in headers.items() if name != "range"}
            if is_range(wanted):
                headers["range"] = wanted.strip().lower()
        return get(bucket, key, headers, query)

    s3._get_object = get_object
