"""``python -m kit.derived verify|rebuild``: lists differences from the source data, or repairs them.

Works on the deployment of ``endpoints.json``; ``--target aws`` takes ``endpoints-aws.json`` and your own credentials.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from emulation.private import keep_private
from kit import console
from kit.deploy.finish import endpoints_file
from kit.derived.parts import PARTS, comparison
from kit.derived.walk import Bookmark, Told, differing
from kit.settings import Settings


def main(arguments: list[str] | None = None) -> int:
    """verify: 1 when something differs. rebuild: 1 when something could not be repaired."""
    keep_private()
    parser = argparse.ArgumentParser(prog="python -m kit.derived", description=__doc__)
    parser.add_argument("command", choices=["verify", "rebuild"])
    parser.add_argument("--what", nargs="*", default=list(PARTS), choices=PARTS, metavar="part")
    parser.add_argument("--target", default="embedded", choices=["embedded", "compose", "aws"])
    parser.add_argument("--dry-run", action="store_true", help="print what would be repaired, change nothing")
    given = parser.parse_args(arguments)
    settings = Settings.load()
    file = endpoints_file(settings, given.target)
    if not file.exists():
        print(f"{file} is not there: run `make up` (or `make deploy`) first", file=sys.stderr)
        return 1
    if given.target != "aws":
        os.environ.update(settings.aws_environment())
    endpoints = json.loads(file.read_text("utf-8"))
    if given.command == "verify":
        return max(_verify(part, endpoints) for part in given.what)
    return max(_rebuild(part, endpoints, settings, given.target, dry=given.dry_run) for part in given.what)


def _verify(part: str, endpoints: dict[str, Any]) -> int:
    found = 0
    with _counting(part) as told:
        for one in differing(comparison(part, endpoints), None, told):
            _say(part, one.subject, one.differences)
            found += 1
    if found:
        console.say(f"{console.red('✗')} {part}: {found} differ; `make rebuild WHAT={part}` repairs them")
        return 1
    console.say(f"{console.green('✓')} {part}: matches the source data")
    return 0


def _rebuild(part: str, endpoints: dict[str, Any], settings: Settings, target: str, *, dry: bool) -> int:
    bookmark = Bookmark(settings.home / "rebuild" / f"{target}-{part}.json")
    after = None if dry else bookmark.read()
    if after:
        console.say(f"{part}: continues after {after}, where the last rebuild was interrupted")
    mended = failed = 0
    with _counting(part) as told:
        for one in differing(comparison(part, endpoints), after, told):
            _say(part, one.subject, one.differences)
            if not dry:
                try:
                    one.mend()
                except RuntimeError as error:
                    failed += 1
                    console.say(f"  {console.red('✗')} {error}")
                bookmark.write(one.subject)
            mended += 1
    if not dry:
        bookmark.forget()
    not_mended = f", {failed} could not be" if failed else ""
    console.say(f"{part}: {mended - failed} {'would be' if dry else 'were'} repaired{not_mended}")
    return 1 if failed else 0


def _say(part: str, subject: str, differences: tuple[str, ...]) -> None:
    for difference in differences:
        console.say(f"{part} {subject}: {difference}")


@contextmanager
def _counting(part: str) -> Iterator[Told]:
    columns = (SpinnerColumn(), TextColumn("{task.description}: {task.completed} compared"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(part, total=None)
        yield lambda number: bar.update(task, completed=number)


if __name__ == "__main__":
    sys.exit(main())
