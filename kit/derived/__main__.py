"""``python -m kit.derived verify|rebuild``: lists differences from the source data, or repairs them.

Works on the deployment of ``endpoints.json``; ``--target aws`` takes ``endpoints-aws.json`` and your own credentials.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from emulation.private import keep_private
from kit import console
from kit.deploy.finish import endpoints_file
from kit.derived.parts import PARTS, CannotCompare, comparison
from kit.derived.walk import Bookmark, Told, differing
from kit.settings import Settings
from services.common.errors import Unavailable


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
    run: Callable[[str], int] = functools.partial(_verify, endpoints=endpoints)
    if given.command == "rebuild":
        run = functools.partial(
            _rebuild, endpoints=endpoints, settings=settings, target=given.target, dry=given.dry_run
        )
    return max(_told(part, given.target, run) for part in given.what)


def _told(part: str, target: str, run: Callable[[str], int]) -> int:
    """A part that cannot be compared is named, and the others go on."""
    try:
        return run(part)
    except CannotCompare as error:
        command = f"{error.command} TARGET={target}" if target != "embedded" else error.command
        console.say(f"{console.red('✗')} {part}: {error}. `{command}` mends it")
    except Unavailable as error:
        console.say(f"{console.red('✗')} {part}: {error.detail} `make status` shows what runs")
    return 1


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
