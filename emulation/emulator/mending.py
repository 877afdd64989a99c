"""Repairs damage at the start when an intact source exists; nothing is deleted for it.

| Damaged | Put right from | Lost |
|---|---|---|
| a file of the newest generation, its manifest | the second copy (``copies``) | nothing |
| | otherwise the newest generation that is whole, and the journals since | what is in neither |
| the link ``current`` | the newest generation that is whole | what is in none |
| a journal | its records that are whole, if they are the larger part | the others |
| code of a function or layer | the same archive in a bucket | nothing |

Damage that cannot be repaired stays and stops the start (``integrity``), and so do files of a newer version.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from emulation import mended
from emulation.emulator import copies, integrity, journal_file, journalled
from emulation.emulator.integrity import JOURNAL_NAME, MARKER, Problem
from emulation.emulator.manifest import MANIFEST, Described, generations, number_of, read_manifest

_NOTHING = "Nothing is lost"


class Mending:
    """``home``: the emulator's state, with ``snapshots``, ``blobs`` and ``s3``."""

    def __init__(self, home: Path) -> None:
        self._home, self._root, self._blobs = home, home / "snapshots", home / "blobs"

    def mend(self) -> list[str]:
        """Repair; returns one sentence for each repaired damage, which are in the report too.

        Raises:
            DamagedStateError: the remaining damage cannot be repaired.
        """
        said: list[str] = []
        while True:
            problem, current = integrity.find(self._root, self._blobs)
            if problem is None:
                return said
            done = None if problem.newer else self._put_right(problem, current)
            if done is None:
                raise integrity.refusal(self._root, self._blobs, problem, current)
            said.append(mended.note(self._home, f"{problem.file} was damaged: {problem.found}. {done}."))

    def _put_right(self, problem: Problem, current: Path | None) -> str | None:
        """The sentence about the repair; None without an intact source."""
        if problem.file == self._root / MARKER:
            return self._mark_again(problem.file)
        if problem.file == self._root / "current":
            return self._point_to_newest(problem.file)
        if problem.file.name.startswith("journal-"):
            return self._keep_whole_records(problem.file)
        if problem.file.is_relative_to(self._blobs):
            return self._find_code(problem.file)
        assert current is not None
        return self._from_copy(problem.file, current) or self._go_back(current)

    def _aside(self, path: Path) -> str:
        if not path.exists() and not path.is_symlink():
            return ""
        return f"; the damaged one is kept as {mended.set_aside(path, self._home)}"

    def _mark_again(self, marker: Path) -> str | None:
        """What it says is known again from a manifest of this version."""
        _, current = integrity.problem_of_link(self._root)
        if current is None or integrity.problem_of(current, self._blobs, marked=True):
            return None
        kept = self._aside(marker)
        integrity.mark(self._root)
        return f"It was written again{kept}. {_NOTHING}"

    def _point_to_newest(self, link: Path) -> str | None:
        good = self._newest_whole(None)
        if good is None:
            return None
        later = [one for one in generations(self._root) if number_of(one) > number_of(good)]
        kept = self._aside(link) + "".join(map(self._aside, later))
        link.symlink_to(good.name)
        lost = "Changes since then that are not in the journal are lost" if later else _NOTHING
        return f"It leads to {good.name} again, the newest that is whole{kept}. {lost}"

    def _newest_whole(self, but: Path | None) -> Path | None:
        found = (one for one in reversed(generations(self._root)) if one != but)
        return next((one for one in found if self._counts(one)), None)

    def _counts(self, generation: Path) -> bool:
        return integrity.problem_of(generation, self._blobs, integrity.is_marked(self._root)) is None

    def _from_copy(self, file: Path, current: Path) -> str | None:
        if file.name == MANIFEST:
            content = copies.of_manifest(self._root, current)
        else:
            described = (read_manifest(current) or {}).get(file.name)
            if file.parent == current and described is None and integrity.is_marked(self._root):
                return f"It is no part of the state{self._aside(file)}. {_NOTHING}"
            content = copies.of_file(self._root, file.name, described) if described else None
        if content is None:
            return None
        kept = self._aside(file)
        file.write_bytes(content)
        return f"The second copy is in its place{kept}. {_NOTHING}"

    def _go_back(self, current: Path) -> str | None:
        good = self._newest_whole(current)
        if good is None:
            return None
        lost = _lost_since(good, current)
        kept = self._aside(current)
        (self._root / "current").unlink()
        (self._root / "current").symlink_to(good.name)
        return f"{good.name} counts again, with the journals since{kept}. {lost}"

    def _keep_whole_records(self, journal: Path) -> str | None:
        content = journal.read_bytes() if journal.is_file() else b""
        whole = journal_file.salvage(content)
        full = max(len(content), copies.lengths(self._root).get(journal_file.number_of(journal), 0))
        if len(whole) <= len(journal_file.HEADER) or len(whole) < full / 2:
            return None
        kept = self._aside(journal)
        journal.write_bytes(whole)
        copies.forget_lengths(self._root)
        count = len(journal_file.decode(whole).entries)
        return f"Its {count} records that are whole count{kept}. What the other {full - len(whole)} bytes held is lost"

    def _find_code(self, file: Path) -> str | None:
        """What was deployed from a bucket is still there."""
        for found in _archives(self._home / "s3"):
            if hashlib.sha256(found.read_bytes()).hexdigest() == file.stem:
                kept = self._aside(file)
                file.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(found, file)
                return f"The archive that it was deployed from is in its place{kept}. {_NOTHING}"
        return None


def _archives(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and _begins(path, b"PK")]


def _begins(path: Path, start: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(start)) == start


def _lost_since(good: Path, current: Path) -> str:
    """Which services have changes that neither the older generation nor a journal has."""
    journalled_files = {f"{name}.json" for name in (*journalled.STATES, JOURNAL_NAME)}
    before, after = _files(good), _files(current)
    changed = [name for name in sorted({*before, *after} - journalled_files) if before.get(name) != after.get(name)]
    if not after:
        return f"Changes since {good.name} that are not in the journal are lost"
    services = ", ".join(name.removesuffix(".json") for name in changed)
    return f"Changes since {good.name} are lost of: {services}" if changed else _NOTHING


def _files(generation: Path) -> dict[str, Described]:
    try:
        return read_manifest(generation) or {}
    except (OSError, ValueError):
        return {}
