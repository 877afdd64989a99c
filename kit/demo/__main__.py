"""``python -m kit.demo``: plays the chapters against the running stack, one after the other."""

from __future__ import annotations

import argparse
import os
import sys

from rich.console import Console
from rich.rule import Rule

from emulation.private import keep_private
from kit.client import Endpoints
from kit.demo.chapters import CHAPTERS
from kit.demo.stage import Stage


def main() -> None:
    """On a terminal it waits for Enter between chapters; ``--no-pause`` and pipes go straight through."""
    keep_private()
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    japanese = os.environ.get("LANG", "").startswith("ja")
    parser.add_argument("--lang", choices=("en", "ja"), default="ja" if japanese else "en")
    parser.add_argument("--no-pause", action="store_true")
    options = parser.parse_args()
    pause = sys.stdin.isatty() and not options.no_pause
    console = Console()
    stage = Stage(Endpoints.load(), console, options.lang)
    for number, chapter in enumerate(CHAPTERS, 1):
        console.print(Rule(f"{number}. {chapter.title.text(options.lang)}"))
        stage.say(chapter.story)
        if chapter.boxes:
            console.print("   " + " · ".join(f"[cyan]{box}[/]" for box in chapter.boxes))
        chapter.play(stage)
        if pause and number < len(CHAPTERS):
            console.input("[dim]Enter ↵[/]")
    console.print(Rule())


if __name__ == "__main__":
    main()
