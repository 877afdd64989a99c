"""Skip work whose inputs did not change: a step is current when the hash of its inputs equals its stamp."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

_SKIPPED_FOLDERS = {
    "__pycache__",
    "node_modules",
    "dist",
    ".asyncsns",
    "cdk.out",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
}


def files_under(paths: Iterable[Path]) -> Iterator[Path]:
    """Files in a stable order; folders are walked, missing paths are left out, build products are skipped."""
    for path in sorted(paths):
        if path.is_file():
            yield path
        elif path.is_dir():
            for folder, names, files in os.walk(path):
                names[:] = sorted(name for name in names if name not in _SKIPPED_FOLDERS)
                yield from (Path(folder, name) for name in sorted(files) if not name.endswith((".pyc", ".tmp")))


def fingerprint(paths: Iterable[Path], *extra: str, read: dict[Path, bytes] | None = None) -> str:
    """SHA-256 (hex) over names and contents of ``paths``, and over ``extra`` strings (versions, options).

    Args:
        read: hashes of contents, for calls that follow each other and share files; each file is read once.
    """
    read = {} if read is None else read
    digest = hashlib.sha256()
    for text in extra:
        digest.update(text.encode() + b"\0")
    for path in files_under(paths):
        digest.update(str(path).encode() + b"\0")
        if path not in read:
            read[path] = hashlib.sha256(path.read_bytes()).digest()
        digest.update(read[path])
    return digest.hexdigest()


class Stamp:
    """The hash of the inputs a step last succeeded with, in one small file."""

    def __init__(self, file: Path, value: str) -> None:
        self.file = file
        self.value = value

    def is_current(self) -> bool:
        try:
            return self.file.read_text("utf-8").strip() == self.value
        except (OSError, ValueError):
            return False

    def write(self) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.file.with_suffix(".tmp")
        temporary.write_text(self.value + "\n", "utf-8")
        temporary.replace(self.file)

    def clear(self) -> None:
        self.file.unlink(missing_ok=True)
