"""Checks the state before the emulator starts from it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from emulation.damage import EMPTY, DamagedStateError
from emulation.emulator import copies, journal_file
from emulation.emulator.manifest import MANIFEST, Described, NewerVersionError, generations, number_of, read_manifest

#: Beside the generations, once one with a manifest counts: from then on one without a manifest is damaged.
MARKER = "format"
MARKED = "asyncsns-state 1\n"
#: The document that says which journal follows a generation.
JOURNAL_NAME = "asyncsns_journal"
_MARKED = re.compile(rb"asyncsns-state [0-9]+\n")
#: The state of functions and layers, which names their code.
_FUNCTIONS = "lambda.json"
_CODE = re.compile(rb'"code_blob_ref":\s*"([0-9a-f]{64})"')


@dataclass(frozen=True)
class Problem:
    """One damaged file; ``found`` continues the sentence after "is damaged"."""

    file: Path
    found: str
    lost: str = "What it held is lost"
    #: Besides putting back a copy; None: going back to another generation.
    remedy: str | None = None
    #: A newer version wrote it, so it is not repaired.
    newer: bool = False


def mark(root: Path) -> None:
    """Mark that generations with a manifest are in use."""
    if not is_marked(root):
        unfinished = root / f"{MARKER}.new"
        unfinished.write_text(MARKED, "utf-8")
        unfinished.replace(root / MARKER)


def is_marked(root: Path) -> bool:
    return os.path.lexists(root / MARKER)


def require_whole(root: Path, blobs: Path) -> None:
    """Read everything that the emulator will start from.

    Raises:
        DamagedStateError: a file is damaged. Nothing was changed.
    """
    problem, current = find(root, blobs)
    if problem is not None:
        raise refusal(root, blobs, problem, current)


def find(root: Path, blobs: Path) -> tuple[Problem | None, Path | None]:
    """The first damaged file, and the current generation, if it can be determined."""
    return next(problems(root, blobs), None), problem_of_link(root)[1]


def problems(root: Path, blobs: Path) -> Iterator[Problem]:
    """Every damaged file that can be determined. Without the link or the manifest, the rest cannot be in full."""
    if problem := _problem_of_marker(root):
        yield problem
    problem, current = problem_of_link(root)
    if problem is not None:
        yield problem
    if current is not None:
        yield from _problems_of(current, blobs, is_marked(root))
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):  # it is damaged, and was named above
            yield from _problems_of_journals(root, first_journal(current))


def _problem_of_marker(root: Path) -> Problem | None:
    file = root / MARKER
    if not is_marked(root) or (file.is_file() and file.read_bytes() == MARKED.encode()):
        return None
    remedy = f"or, if no newer version wrote it, `printf '{MARKED.strip()}\\n' > {file}`"
    lost = "Without it nobody can tell which version wrote the state"
    newer = file.is_file() and _MARKED.fullmatch(file.read_bytes()) is not None
    return Problem(file, f"expected {MARKED.strip()!r}, found something else", lost, remedy, newer)


def problem_of_link(root: Path) -> tuple[Problem | None, Path | None]:
    """The damage of ``current``, if any, and the generation that it names."""
    link, known = root / "current", generations(root)
    if not link.is_symlink():
        if known or link.exists() or is_marked(root):
            what = "the link to the newest generation is missing"
            return Problem(link, what, "Without it nobody can tell which generation counts"), None
        return None, None
    target = str(link.readlink())
    current = root / target
    if not number_of(Path(target)) or target != current.name:
        return Problem(link, f"expected a link to a generation beside it, found one to {target}"), None
    if not current.is_dir() or current.is_symlink():
        if not known and target == "generation-1" and not is_marked(root):
            return None, None  # killed while the very first one was written
        return Problem(link, f"it points to {target}, which is not there"), None
    return None, current


def first_journal(generation: Path) -> int | None:
    """The number of the journal that follows a generation; None when it is of before journals."""
    file = generation / f"{JOURNAL_NAME}.json"
    return int(json.loads(file.read_bytes())["payload"]["first"]) if file.exists() else None


def problem_of(generation: Path, blobs: Path, marked: bool) -> Problem | None:
    """``marked``: a generation without a manifest of its own is not one of an older checkout but damaged."""
    return next(_problems_of(generation, blobs, marked), None)


def _problems_of(generation: Path, blobs: Path, marked: bool) -> Iterator[Problem]:
    untold = "Without it nobody can tell which files are whole"
    manifest: dict[str, Described] | None = None
    try:
        manifest = read_manifest(generation)
        if manifest is None and marked:
            carried = (generation / MANIFEST).exists()
            yield Problem(generation / MANIFEST, "it is another generation's" if carried else "it is missing", untold)
    except (OSError, ValueError) as error:
        newer = isinstance(error, NewerVersionError)
        yield Problem(generation / MANIFEST, str(error), untold, newer=newer)
        if newer:
            return
    there = {file.name for file in generation.glob("*.json")} - {MANIFEST}
    for extra in sorted(there - set(manifest)) if manifest is not None else []:
        yield Problem(generation / extra, f"{MANIFEST} does not list it", "Nobody can tell whether it is whole")
    names = sorted(there if manifest is None else manifest)
    if not names:
        yield Problem(generation, "expected the files of a generation, found none")
    damaged = set()
    for name in names:
        file = generation / name
        found = "it is missing"
        if file.is_file():
            found = _not_as_written(file.read_bytes(), manifest[name] if manifest is not None else None)
        if found:
            damaged.add(name)
            yield Problem(file, found)
    yield from _problems_of_code(generation, blobs, whole=_FUNCTIONS not in damaged)


def _not_as_written(content: bytes, expected: Described | None) -> str:
    if expected is None:  # of a version without manifests: JSON is all that can be asked for
        try:
            json.loads(content)
        except ValueError as error:
            return f"it is not JSON ({error})"
        return ""
    if len(content) != expected["bytes"]:
        return f"expected {expected['bytes']} bytes, found {len(content)}"
    return "" if zlib.crc32(content) == expected["crc32"] else "its checksum is wrong"


def _problems_of_code(generation: Path, blobs: Path, *, whole: bool) -> Iterator[Problem]:
    """Code of functions and layers is beside the generations, in files named by their SHA-256.

    ``whole``: a damaged list of functions may name files that never were.
    """
    state = generation / _FUNCTIONS
    for digest in sorted(set(_CODE.findall(state.read_bytes()))) if state.is_file() else []:
        file = blobs / "lambda-blobs" / f"{digest.decode()}.zip"
        lost = "The code of a function or layer is lost"
        if not file.is_file():
            if whole:
                yield Problem(file, "it is missing", lost)
        elif hashlib.sha256(file.read_bytes()).hexdigest() != digest.decode():
            yield Problem(file, "its SHA-256 is not its name", lost)


def _problems_of_journals(root: Path, first: int | None) -> Iterator[Problem]:
    if first is None:
        return
    files = {number: path for number, path in journal_file.journals(root) if number >= first}
    noted = copies.lengths(root)
    last = max(files, default=first)
    for number in range(first, last + 1):
        path = root / f"journal-{number}.log"
        if not path.is_file():
            there = os.path.lexists(path)
            found = "expected a file, found a folder" if there else "it is missing"
            give_up = f"`rm -r {path}; touch {path}`" if there else f"`touch {path}`"
            yield Problem(path, found, "The changes that it held are lost", f"or give them up: {give_up}")
        elif problem := _problem_of_journal(path, number != last, noted.get(number, 0)):
            yield problem


def _problem_of_journal(path: Path, followed: bool, noted: int) -> Problem | None:
    """``noted``: how many bytes it has had."""
    content = path.read_bytes()
    found = journal_file.decode(content)
    if found.torn and followed and journal_file.has_header(content):
        found.damage = f"it ends within a record, and journal-{journal_file.number_of(path) + 1}.log follows"
    rest = max(len(content), noted) - found.whole
    if not found.damage and len(content) < noted:
        found.damage = f"expected at least {noted} bytes, found {len(content)}"
        # Without the note the file is whole.
        note = f"or give those up: `rm {path.parent / copies.FOLDER / copies.LENGTHS}`"
        return Problem(path, f"at offset {found.whole}, {found.damage}", _lost(len(found.entries), rest), note)
    if not found.damage:
        return None
    give_up = f"or give those up: `truncate -s {found.whole} {path}`"
    newer = journal_file.is_newer(content)
    return Problem(path, f"at offset {found.whole}, {found.damage}", _lost(len(found.entries), rest), give_up, newer)


def _lost(kept: int, rest: int) -> str:
    return f"The {kept} changes before it are whole; those in the {rest} bytes from it on are lost"


def refusal(root: Path, blobs: Path, problem: Problem, current: Path | None = None) -> DamagedStateError:
    """Advice on what to do about the damage."""
    others = [one for one in reversed(generations(root)) if one != current]
    remedy = problem.remedy or _way_back(
        root, next((one for one in others if problem_of(one, blobs, is_marked(root)) is None), None)
    )
    return DamagedStateError(problem.file, problem.found, problem.lost, f"put back a copy of it, {remedy}, or {EMPTY}")


def _way_back(root: Path, good: Path | None) -> str:
    if good is None:
        return "as no other generation is whole"
    link = f"`ln -sfn {good.name} {root / 'current'}`"
    kept = "what is in the journal is kept, other changes since then are lost"
    return f"or go back to {good.name}, which is whole: {link} ({kept})"
