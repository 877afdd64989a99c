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
from typing import TYPE_CHECKING

from emulation.private import keep_private
from kit.drills.catalogue import DRILLS
from kit.drills.drill import NOT_HERE
from kit.words import Language

if TYPE_CHECKING:
    from rich.console import Console


def main() -> int:
    keep_private()
    parser = argparse.ArgumentParser(prog="make drill", description=__doc__)
    parser.add_argument("name", nargs="?", help="a drill; all are listed without it; `all` plays every short one")
    japanese = os.environ.get("LANG", "").startswith("ja")
    parser.add_argument("--lang", choices=("en", "ja"), default="ja" if japanese else "en")
    parser.add_argument("--json", action="store_true", help="one JSON document a line, for programs; the list too")
    options = parser.parse_args()
    # The console waits for the list: what lists no table, and plays nothing, needs nothing else.
    if options.json and not options.name:
        print("\n".join(json.dumps(one.to_dict(), ensure_ascii=False) for one in DRILLS.values()))
        return 0
    from rich.console import Console

    console = Console()
    if not options.name:
        list_drills(console, options.lang)
        return 0
    wanted = [one for one in DRILLS.values() if not one.long] if options.name == "all" else [DRILLS.get(options.name)]
    if wanted == [None]:
        console.print(f"NAME: expected one of {', '.join(DRILLS)}, got {options.name!r}", markup=False)
        return NOT_HERE
    # SIGTERM ends the drill as Ctrl-C does: what it broke is restored.
    signal.signal(signal.SIGTERM, _interrupt)
    from kit.drills.terminal import played

    return max(played(one, console, options.lang, as_json=options.json) for one in wanted if one)


def _interrupt(number: int, frame: FrameType | None) -> None:
    # Another one must not interrupt the restoring: a stopping console and its supervisor send one each.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


def list_drills(console: Console, language: Language) -> None:
    from rich.table import Table

    table = Table("NAME", "", "s", box=None, pad_edge=False)
    for drill in DRILLS.values():
        table.add_row(drill.name, drill.title.text(language), str(drill.seconds))
    console.print(table)
    console.print("[dim]make drill NAME=…; docs/drills/ has a page for each[/]")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\ninterrupted; what the drill broke is restored", file=sys.stderr)
        sys.exit(130)
