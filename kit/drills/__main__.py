"""``python -m kit.drills [NAME]``: lists drills, or plays one against the running network.

Exit code 0: all lines hold. 1: at least one does not. 2: the drill cannot be played here.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from types import FrameType

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from emulation.private import keep_private
from kit.client import Endpoints
from kit.drills.alone import alone
from kit.drills.catalogue import DRILLS
from kit.drills.drill import Drill, Line
from kit.drills.runner import play
from kit.drills.scene import NotHere, Scene
from kit.words import Language

FAILED, NOT_HERE = 1, 2


def main() -> int:
    keep_private()
    parser = argparse.ArgumentParser(prog="make drill", description=__doc__)
    parser.add_argument("name", nargs="?", help="a drill; all are listed without it; `all` plays every short one")
    japanese = os.environ.get("LANG", "").startswith("ja")
    parser.add_argument("--lang", choices=("en", "ja"), default="ja" if japanese else "en")
    parser.add_argument("--json", action="store_true", help="one JSON document a line, for programs; the list too")
    options = parser.parse_args()
    console = Console()
    if not options.name:
        if options.json:
            print("\n".join(json.dumps(one.to_dict(), ensure_ascii=False) for one in DRILLS.values()))
        else:
            list_drills(console, options.lang)
        return 0
    wanted = [one for one in DRILLS.values() if not one.long] if options.name == "all" else [DRILLS.get(options.name)]
    if wanted == [None]:
        console.print(f"NAME: expected one of {', '.join(DRILLS)}, got {options.name!r}", markup=False)
        return NOT_HERE
    # SIGTERM ends the drill as Ctrl-C does: what it broke is restored.
    signal.signal(signal.SIGTERM, _interrupt)
    return max(_played(one, console, options.lang, as_json=options.json) for one in wanted if one)


def _interrupt(number: int, frame: FrameType | None) -> None:
    # Another one must not interrupt the restoring: a stopping console and its supervisor send one each.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


def list_drills(console: Console, language: Language) -> None:
    table = Table("NAME", "", "s", box=None, pad_edge=False)
    for drill in DRILLS.values():
        table.add_row(drill.name, drill.title.text(language), str(drill.seconds))
    console.print(table)
    console.print("[dim]make drill NAME=…; docs/drills/ has a page for each[/]")


def _played(drill: Drill, console: Console, language: Language, *, as_json: bool) -> int:
    def show(line: Line) -> None:
        if as_json:
            print(json.dumps(line.to_dict(), ensure_ascii=False), flush=True)
            return
        mark, colour = ("✓", "green") if line.holds else ("✗", "red")
        console.print(f" [{colour}]{mark}[/] {escape(line.what.text(language))}")
        seen = f"[dim]{words[0]}[/] {escape(line.expected)}  [dim]{words[1]}[/] [bold]{escape(line.observed)}[/]"
        console.print(f"     {seen}")

    words = ("期待", "結果") if language == "ja" else ("expected", "observed")
    if not as_json:
        console.rule(f"{drill.name}: {drill.title.text(language)}")
        console.print(drill.story.text(language))
    try:
        scene = Scene(Endpoints.load(), show)
        with alone(scene.settings):
            lines = play(drill, scene)
    except (NotHere, FileNotFoundError) as error:
        console.print(f"{drill.name}: {error}", markup=False, soft_wrap=True)
        return NOT_HERE
    missed = sum(not line.holds for line in lines)
    if not as_json:
        console.print(
            f"[green]{len(lines)} of {len(lines)}[/]" if not missed else f"[red]{missed} of {len(lines)} differ[/]"
        )
    return FAILED if missed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\ninterrupted; what the drill broke is restored", file=sys.stderr)
        sys.exit(130)
