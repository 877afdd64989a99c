"""Plays one drill and prints its lines, for people or for programs."""

from __future__ import annotations

import json

from rich.console import Console
from rich.markup import escape

from kit.client import Endpoints
from kit.drills.alone import alone
from kit.drills.drill import FAILED, NOT_HERE, Drill, Line
from kit.drills.runner import play
from kit.drills.scene import NotHere, Scene
from kit.words import Language, Words


def played(drill: Drill, console: Console, language: Language, *, as_json: bool) -> int:
    """The exit code of the command."""

    def show(line: Line) -> None:
        if as_json:
            print(json.dumps(line.to_dict(), ensure_ascii=False), flush=True)
            return
        mark, colour = ("✓", "green") if line.holds else ("✗", "red")
        console.print(f" [{colour}]{mark}[/] {escape(line.what.text(language))}")
        expected, observed = (escape(text.text(language)) for text in (line.expected, line.observed))
        seen = f"[dim]{words[0]}[/] {expected}  [dim]{words[1]}[/] [bold]{observed}[/]"
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
        console.print(_summary(len(lines), missed, language))
    return FAILED if missed else 0


def _summary(lines: int, missed: int, language: Language) -> str:
    if missed:
        text = Words(f"{missed} of {lines} lines differ", f"{lines}項目中{missed}項目が期待と異なります")
        return f"[red]{text.text(language)}[/]"
    return f"[green]{Words(f'all {lines} lines are as expected', f'全{lines}項目が期待どおりです').text(language)}[/]"
