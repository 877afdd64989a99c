"""A generation's manifest, and what must be true of the state before the emulator starts from it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulation.damage import EMPTY, DamagedStateError
from emulation.emulator import journal_file

#: Beside the services' files; the name is no service of MiniStack.
MANIFEST = "asyncsns_manifest.json"
VERSION = 1
#: Beside the generations, once one with a manifest counts: from then on one without a manifest is damaged.
MARKER = "format"
MARKED = "asyncsns-state 1\n"
#: The document that says which journal follows a generation.
JOURNAL_NAME = "asyncsns_journal"
_GENERATION = re.compile(r"generation-([0-9]+)")
_JOURNAL = re.compile(r"journal-([0-9]+)\.log")
_CODE = re.compile(rb'"code_blob_ref":\s*"([0-9a-f]{64})"')

Described = dict[str, Any]


@dataclass(frozen=True)
class Problem:
    """One file that is not as it was written; ``found`` goes on after "is damaged"."""

    file: Path
    found: str
    lost: str = "What it held is lost"
    #: Besides putting back a copy; None: going back to another generation.
    remedy: str | None = None


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
    try:
        body = json.loads(file.read_bytes())
        checksum = body.pop("crc32")
        whole = checksum == zlib.crc32(_canonical(body))
        version, number, files = body["version"], body["generation"], body["files"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"it is no manifest ({type(error).__name__})") from None
    if not whole:
        raise ValueError("its checksum is wrong")
    if version > VERSION:
        raise ValueError(f"expected version {VERSION}, found {version}: a newer version wrote it")
    return dict(files) if number == number_of(generation) else None


def _canonical(body: Any) -> bytes:
    return json.dumps(body, sort_keys=True).encode()


def mark(root: Path) -> None:
    """Say that a generation with a manifest counts."""
    if not is_marked(root):
        unfinished = root / f"{MARKER}.new"
        unfinished.write_text(MARKED, "utf-8")
        unfinished.replace(root / MARKER)


def is_marked(root: Path) -> bool:
    return os.path.lexists(root / MARKER)


def require_whole(root: Path, blobs: Path) -> None:
    """Read everything that the emulator will start from.

    Raises:
        DamagedStateError: it is not what was written. Nothing was changed.
    """
    problem, current = _problem_of_marker(root), None
    if problem is None:
        problem, current = _problem_of_link(root)
    if problem is None and current is not None:
        problem = _problem_of(current, blobs, is_marked(root)) or _problem_of_journals(root, first_journal(current))
    if problem is not None:
        raise _error(root, blobs, problem, current)


def _problem_of_marker(root: Path) -> Problem | None:
    file = root / MARKER
    if not is_marked(root) or (file.is_file() and file.read_bytes() == MARKED.encode()):
        return None
    remedy = f"or, if no newer version wrote it, `printf '{MARKED.strip()}\\n' > {file}`"
    lost = "Without it nobody can tell which version wrote the state"
    return Problem(file, f"expected {MARKED.strip()!r}, found something else", lost, remedy)


def _problem_of_link(root: Path) -> tuple[Problem | None, Path | None]:
    """What is wrong with ``current``, and the generation that it names."""
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


def _problem_of(generation: Path, blobs: Path, marked: bool) -> Problem | None:
    """``marked``: a generation without a manifest of its own is not one of an older checkout but damaged."""
    untold = "Without it nobody can tell which files are whole"
    try:
        manifest = read_manifest(generation)
    except (OSError, ValueError) as error:
        return Problem(generation / MANIFEST, str(error), untold)
    if manifest is None and marked:
        carried = (generation / MANIFEST).exists()
        return Problem(generation / MANIFEST, "it is another generation's" if carried else "it is missing", untold)
    there = {file.name for file in generation.glob("*.json")} - {MANIFEST}
    if manifest is not None and (extra := sorted(there - set(manifest))):
        return Problem(generation / extra[0], f"{MANIFEST} does not list it", "Nobody can tell whether it is whole")
    names = sorted(there if manifest is None else manifest)
    if not names:
        return Problem(generation, "expected the files of a generation, found none")
    for name in names:
        file = generation / name
        if not file.is_file():
            return Problem(file, "it is missing")
        found = _not_as_written(file.read_bytes(), manifest[name] if manifest is not None else None)
        if found:
            return Problem(file, found)
    return _problem_of_code(generation, blobs)


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


def _problem_of_code(generation: Path, blobs: Path) -> Problem | None:
    """Code of functions and layers is beside the generations, in files named by their SHA-256."""
    state = generation / "lambda.json"
    for digest in sorted(set(_CODE.findall(state.read_bytes()))) if state.is_file() else []:
        file = blobs / "lambda-blobs" / f"{digest.decode()}.zip"
        lost = "The code of a function or layer is lost"
        if not file.is_file():
            return Problem(file, "it is missing", lost)
        if hashlib.sha256(file.read_bytes()).hexdigest() != digest.decode():
            return Problem(file, "its SHA-256 is not its name", lost)
    return None


def journals(root: Path) -> list[tuple[int, Path]]:
    """All files of the journal by number."""
    found = ((_JOURNAL.fullmatch(path.name), path) for path in root.glob("journal-*.log"))
    return sorted((int(match[1]), path) for match, path in found if match)


def _problem_of_journals(root: Path, first: int | None) -> Problem | None:
    files = {number: path for number, path in journals(root) if first is not None and number >= first}
    last = max(files, default=first or 0)
    for number in range(first or 1, last + 1) if first is not None else ():
        path = root / f"journal-{number}.log"
        if number not in files:
            lost = "The writes of items that it held are lost"
            return Problem(path, "it is missing", lost, f"or give them up: `touch {path}`")
        if not path.is_file():
            lost = "The writes of items that it held are lost"
            return Problem(
                path, "expected a file, found a folder", lost, f"or give them up: `rm -r {path}; touch {path}`"
            )
        content = path.read_bytes()
        found = journal_file.decode(content)
        if found.torn and number != last and content.startswith(journal_file.HEADER):
            found.damage = f"it ends within a record, and journal-{number + 1}.log follows"
        if found.damage:
            rest = len(content) - found.whole
            lost = f"The {len(found.entries)} writes before it are whole; those in the {rest} bytes from it on are lost"
            give_up = f"or give those up: `truncate -s {found.whole} {path}`"
            return Problem(path, f"at offset {found.whole}, {found.damage}", lost, give_up)
    return None


def _error(root: Path, blobs: Path, problem: Problem, current: Path | None = None) -> DamagedStateError:
    others = [one for one in reversed(generations(root)) if one != current]
    remedy = problem.remedy or _way_back(
        root, next((one for one in others if _problem_of(one, blobs, is_marked(root)) is None), None)
    )
    return DamagedStateError(problem.file, problem.found, problem.lost, f"put back a copy of it, {remedy}, or {EMPTY}")


def _way_back(root: Path, good: Path | None) -> str:
    if good is None:
        return "as no other generation is whole"
    link = f"`ln -sfn {good.name} {root / 'current'}`"
    return f"or go back to {good.name}, which is whole: {link} (items are kept, other changes since then are lost)"
