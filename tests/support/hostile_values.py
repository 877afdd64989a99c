"""Values that break parsers, and strings that an answer to them must not contain."""

from __future__ import annotations

import re
from typing import Any

HUGE = "9" * 400
_DEEP = b"[" * 20_000
BODIES: tuple[bytes, ...] = (
    b"", b"{", b"null", b"[]", b"7", b'"x"', b"NaN", b'{"a":NaN}', b"\xff\xfe", b"\x00", _DEEP, b'{"a":' * 2_000,
    b'{"text":"\\ud800","clientPostId":"a"}', b'{"\\ud800":1}', b'{"text":"a","text":"b"}', b'{"seq":1e400}',
    b'{"seq":' + HUGE.encode() + b"}", b'{"seq":' + b"9" * 5000 + b"}", b'{"__proto__":{},"constructor":1}',
    b"\xef\xbb\xbf{}",
)  # fmt: skip
#: Replacements for each property of a body, one at a time.
VALUES: tuple[Any, ...] = (
    None, True, -1, 10**400, 1e308, float("nan"), float("-inf"), "", "\x00", "\ud800", "a" * 70_000, [], [[[]]], {},
    {"\ud800": "\udfff"}, ["\ud800"] * 3, "9" * 400, "‮", "99999-99-99T99:99:99Z", "0001-01-01T00:00:00Z",
)  # fmt: skip
INTERNALS = re.compile(r"Traceback|botocore|dynamodb|ValidationException|\.py\b|/site-packages|services\.", re.I)
