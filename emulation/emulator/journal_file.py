"""The format of a journal file: a first line that names the version, then a line per record.

``<length> <CRC-32> <JSON>``: the decimal length of the JSON in bytes, its checksum in eight hexadecimal digits. So a
record that a kill cut off (never acknowledged) can be distinguished from one that was changed on disk. Files of the
first version have neither first line nor lengths: each line is JSON.
"""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HEADER = b"asyncsns-journal of changes 4\n"
#: The same format with fewer kinds of rows: the second version has DynamoDB's alone, the third has none of Cognito and
#: of mails. A checkout that knows fewer kinds refuses a later version.
_EARLIER = (b"asyncsns-journal of changes 3\n", b"asyncsns-journal 2\n")
_JOURNAL = re.compile(r"journal-([0-9]+)\.log")
_RECORD = re.compile(rb"([0-9]{1,10}) ([0-9a-f]{8}) ")
#: A record's head, complete or not.
_BEGINNING = re.compile(rb"[0-9]{1,10}( [0-9a-f]{0,8}| [0-9a-f]{8} .*)?")


@dataclass
class Contents:
    """What a file holds, up to the first byte that is no record."""

    entries: list[list[Any]] = field(default_factory=list)
    #: Offset of the end of the last whole record.
    whole: int = 0
    #: Whether the rest is the beginning of a record.
    torn: bool = False
    #: Why the rest is neither; empty when it is.
    damage: str = ""


def journals(root: Path) -> list[tuple[int, Path]]:
    """All files of the journal by number."""
    found = ((_JOURNAL.fullmatch(path.name), path) for path in root.glob("journal-*.log"))
    return sorted((int(match[1]), path) for match, path in found if match)


def number_of(file: Path) -> int:
    match = _JOURNAL.fullmatch(file.name)
    return int(match[1]) if match else 0


def has_header(content: bytes) -> bool:
    return content.startswith((HEADER, *_EARLIER))


def is_newer(content: bytes) -> bool:
    """Whether an unknown version wrote the file."""
    return not has_header(content) and content.startswith(b"asyncsns-journal") and b"\n" in content[:64]


def encode(entry: list[Any]) -> bytes:
    """One record."""
    content = json.dumps(entry, separators=(",", ":")).encode()
    return b"%d %08x %b\n" % (len(content), zlib.crc32(content), content)


def decode(content: bytes) -> Contents:
    """All records of a file's ``content``."""
    first_version = content.startswith(b"[")
    found = Contents()
    if not first_version:
        if HEADER.startswith(content) and content != HEADER:
            found.torn = content != b""
            return found
        if not has_header(content):
            found.damage = f"expected it to begin with {HEADER.decode().strip()!r}"
            return found
        found.whole = content.index(b"\n") + 1
    while (end := content.find(b"\n", found.whole)) >= 0:
        line = content[found.whole : end]
        try:
            entry = json.loads(line) if first_version else _entry(line)
        except ValueError as error:
            found.damage = str(error)
            return found
        found.entries.append(entry)
        found.whole = end + 1
    rest = content[found.whole :]
    if rest:
        found.torn = first_version or _is_beginning(rest)
        found.damage = "" if found.torn else "the last record is malformed, or longer than its declared length"
    return found


def _entry(line: bytes) -> list[Any]:
    """Raises ValueError: the record is damaged."""
    head = _RECORD.match(line)
    if head is None:
        raise ValueError("expected length, checksum and JSON of a record")
    content = line[head.end() :]
    if len(content) != int(head[1]):
        raise ValueError(f"expected a record of {int(head[1])} bytes, found {len(content)}")
    if zlib.crc32(content) != int(head[2], 16):
        raise ValueError("the checksum of the record is wrong")
    return list(json.loads(content))


def _is_beginning(rest: bytes) -> bool:
    """Whether a record with this beginning can have been cut off: it is shorter than its declared length."""
    head = _RECORD.match(rest)
    if head is None:
        return _BEGINNING.fullmatch(rest) is not None
    content = rest[head.end() :]
    return len(content) < int(head[1]) or (len(content) == int(head[1]) and zlib.crc32(content) == int(head[2], 16))


def salvage(content: bytes) -> bytes:
    """A new file with all intact records in their order, including those after the damage.

    Each record has its own length and checksum, and holds a state, not a step to it.
    """
    lines = content.split(b"\n")[:-1]
    return HEADER + b"".join(line + b"\n" for line in lines if _is_record(line))


def _is_record(line: bytes) -> bool:
    try:
        _entry(line)
    except ValueError:
        return False
    return True
