"""The worked example as data: new files, and lines to add to existing files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kit.new_context.names import Names

PAGE = Path("docs/worked-example.md")
_BLOCK = re.compile(
    r"^\*\*`(?P<path>[^`\n]+)`\*\*\n\n```(?P<kind>[a-z]+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)


class ExampleRefused(Exception):
    """The example does not fit the tree: the message says where, and what to do."""


@dataclass(frozen=True)
class Block:
    """One block of the page: a file's path, and its text or the lines that are added to it."""

    path: str
    text: str
    adds: bool


def blocks_of(page: str) -> list[Block]:
    """Raises: ExampleRefused (no block was found)."""
    found = [Block(one["path"], one["text"], one["kind"] == "diff") for one in _BLOCK.finditer(page)]
    if not found:
        raise ExampleRefused(f"expected blocks below a file's name in {PAGE}, got none")
    return found


def files_after(root: Path, names: Names) -> Mapping[str, str]:
    """Path → text, of each file that the example makes or changes in the tree at ``root``. Nothing is written.

    Raises:
        ExampleRefused: a new file is there already, or a line that something is added to is not there once.
    """
    found: dict[str, str] = {}
    for block in blocks_of((root / PAGE).read_text("utf-8")):
        path = names.put_into(block.path)
        if not block.adds:
            if (root / path).exists():
                raise ExampleRefused(f"{path} is there already: expected a name that no context has")
            found[path] = names.put_into(block.text)
            continue
        text = found.get(path) or (root / path).read_text("utf-8")
        for hunk in _hunks(block.text):
            text = _added(path, text, hunk, names)
        found[path] = text
    return found


def _hunks(text: str) -> Iterator[list[str]]:
    for hunk in re.split(r"^@@\n", text, flags=re.MULTILINE):
        yield hunk.splitlines()


def _added(path: str, text: str, hunk: list[str], names: Names) -> str:
    """``text`` with the hunk's ``+`` lines; its other lines stand there as they are, exactly once."""
    before = [line[1:] for line in hunk if line[0] in " -"]
    after = [names.put_into(line[1:]) if line[0] == "+" else line[1:] for line in hunk if line[0] in " +"]
    lines = text.splitlines()
    places = [at for at in range(len(lines)) if lines[at : at + len(before)] == before]
    if len(places) != 1:
        raise ExampleRefused(
            f"{path}: expected these lines once, found them {len(places)} times. Where the file changed, "
            f"change its block in {PAGE} too:\n" + "\n".join(before)
        )
    start = places[0]
    return "\n".join([*lines[:start], *after, *lines[start + len(before) :]]) + "\n"
