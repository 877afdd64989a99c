"""The manifest of a generation of snapshots: the length and CRC-32 of each file."""

from __future__ import annotations

import json
import re
import zlib
from pathlib import Path
from typing import Any

#: Beside the services' files; the name is no service of MiniStack.
MANIFEST = "asyncsns_manifest.json"
VERSION = 1
_GENERATION = re.compile(r"generation-([0-9]+)")

Described = dict[str, Any]


class NewerVersionError(ValueError):
    """The manifest is intact, but an unknown version wrote it."""


def describe(content: bytes) -> Described:
    """A file's line in the manifest."""
    return {"bytes": len(content), "crc32": zlib.crc32(content)}


def number_of(generation: Path) -> int:
    match = _GENERATION.fullmatch(generation.name)
    return int(match[1]) if match else 0


def generations(root: Path) -> list[Path]:
    """All that are there, the oldest first."""
    return sorted((path for path in root.glob("generation-*") if number_of(path)), key=number_of)


def write_manifest(generation: Path, number: int, files: dict[str, Described]) -> None:
    """``number`` is in it, so that one that an older version carried over into its next generation is known as such."""
    body = {"version": VERSION, "generation": number, "files": files}
    document = {**body, "crc32": zlib.crc32(_canonical(body))}
    (generation / MANIFEST).write_text(json.dumps(document), "utf-8")


def read_manifest(generation: Path) -> dict[str, Described] | None:
    """Its files; None when a version without manifests wrote this generation.

    Raises:
        ValueError: the manifest itself is damaged or of a newer version; the message says which.
    """
    file = generation / MANIFEST
    if not file.exists():
        return None
    number, files = parse_manifest(file.read_bytes())
    return files if number == number_of(generation) else None


def parse_manifest(content: bytes) -> tuple[int, dict[str, Described]]:
    """The number of its generation, and the files.

    Raises:
        NewerVersionError: another version wrote it.
        ValueError: it is damaged; the message says how.
    """
    try:
        body = json.loads(content)
        checksum = body.pop("crc32")
        whole = checksum == zlib.crc32(_canonical(body))
        version, number, files = body["version"], body["generation"], body["files"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a manifest ({type(error).__name__})") from None
    if not whole:
        raise ValueError("its checksum is wrong")
    if version > VERSION:
        raise NewerVersionError(f"expected version {VERSION}, found {version}: a newer version wrote it")
    return int(number), dict(files)


def _canonical(body: Any) -> bytes:
    return json.dumps(body, sort_keys=True).encode()
