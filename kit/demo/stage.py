"""The stage of a chapter: two signed-in people, clients of the AWS APIs, and a way to report observations."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.markup import escape

from kit.cast import Cast
from kit.client import Endpoints
from kit.words import Language, Words

__all__ = ["Chapter", "Stage", "Words"]


@dataclass
class Stage(Cast):
    """Made for each run: its people have new names, so that runs do not see each other's data."""

    endpoints: Endpoints
    console: Console
    language: Language
    run: str = field(default_factory=lambda: secrets.token_hex(3))
    facts: dict[str, Any] = field(default_factory=dict)

    def say(self, words: Words) -> None:
        self.console.print(words.text(self.language))

    def seen(self, what: str, value: object) -> None:
        """One observed fact."""
        self.console.print(f"   [green]✓[/] {escape(what)}: [bold]{escape(str(value))}[/]")


@dataclass(frozen=True)
class Chapter:
    """``boxes`` are the boxes of the diagram that light up."""

    title: Words
    story: Words
    boxes: tuple[str, ...]
    play: Callable[[Stage], None]
