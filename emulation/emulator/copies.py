"""A second copy of the newest generation, and the length of each journal: repairs of damage start from them.

Generations share the files that did not change (hard links), so a file that is changed in place is changed in all of
them. The copy shares nothing. It is written after the responses, so it can lag by a moment; a copy is valid only if it
matches the manifest of the generation.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from emulation.emulator import journal_file, manifest

FOLDER = "copies"
LENGTHS = "journals.json"


class Copies:
    """Below the root of a ``SnapshotStore``. Not for two threads at once."""

    def __init__(self, root: Path) -> None:
        self._root, self._folder = root, root / FOLDER
        self._copied: dict[str, manifest.Described] = {}
        self._lengths: dict[int, int] = {}

    def follow(self, generation: Path) -> None:
        """Copy the changes since the last call. A generation that is removed meanwhile has a successor."""
        with contextlib.suppress(FileNotFoundError):
            files = manifest.read_manifest(generation)
            for name, described in (files or {}).items():
                if self._copied.get(name) != described:
                    content = (generation / name).read_bytes()
                    if manifest.describe(content) == described:
                        self._put(name, content)
                        self._copied[name] = described
            if files is not None:
                self._put(manifest.MANIFEST, (generation / manifest.MANIFEST).read_bytes())
                for name in {file.name for file in self._folder.glob("*.json")} - {
                    manifest.MANIFEST, LENGTHS, *files,
                }:  # fmt: skip
                    (self._folder / name).unlink()

    def note_lengths(self) -> None:
        """Bytes of each journal: they only grow, so a shorter one is damaged."""
        found: dict[int, int] = {}
        for number, path in journal_file.journals(self._root):
            with contextlib.suppress(FileNotFoundError):
                found[number] = path.stat().st_size
        if found != self._lengths:
            self._put(LENGTHS, json.dumps(found).encode())
            self._lengths = found

    def _put(self, name: str, content: bytes) -> None:
        self._folder.mkdir(exist_ok=True)
        unfinished = self._folder / f"{name}.new"
        unfinished.write_bytes(content)
        unfinished.replace(self._folder / name)


def lengths(root: Path) -> dict[int, int]:
    """Lengths as last noted; empty when they cannot be read, because they are not part of the state."""
    try:
        noted = json.loads((root / FOLDER / LENGTHS).read_bytes())
        return {int(number): int(length) for number, length in noted.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def forget_lengths(root: Path) -> None:
    """A journal was made shorter on purpose."""
    (root / FOLDER / LENGTHS).unlink(missing_ok=True)


def of_file(root: Path, name: str, described: manifest.Described) -> bytes | None:
    """The copy of a file, if it matches the manifest."""
    file = root / FOLDER / name
    content = file.read_bytes() if file.is_file() else b""
    return content if manifest.describe(content) == described else None


def of_manifest(root: Path, generation: Path) -> bytes | None:
    """The copy of this generation's manifest, if it is whole."""
    file = root / FOLDER / manifest.MANIFEST
    try:
        content = file.read_bytes()
        return content if manifest.parse_manifest(content)[0] == manifest.number_of(generation) else None
    except (OSError, ValueError):
        return None
