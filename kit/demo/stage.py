"""What a chapter plays on: two signed-in people, clients of the AWS APIs, and the way to say what was seen."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import boto3
from rich.console import Console
from rich.markup import escape

from emulation.settings import ACCESS_KEY, SECRET_KEY
from kit.client import Account, Accounts, Api, Endpoints

Language = Literal["en", "ja"]


@dataclass(frozen=True)
class Words:
    """One text in both languages."""

    en: str
    ja: str

    def text(self, language: Language) -> str:
        return self.ja if language == "ja" else self.en


@dataclass
class Stage:
    """Made anew for each run: its people have fresh names, so that a run never meets the traces of another."""

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

    def aws(self, service: str) -> Any:
        """A client with the operator's rights: the emulator's root locally, the environment's on AWS."""
        local: dict[str, Any] = {}
        if self.endpoints.emulator_url:
            local = {
                "endpoint_url": self.endpoints.emulator_url,
                "aws_access_key_id": ACCESS_KEY,
                "aws_secret_access_key": SECRET_KEY,
            }
        return boto3.client(service, region_name=self.endpoints.region, **local)  # type: ignore[call-overload]

    def join(self, name: str, groups: tuple[str, ...] = ()) -> Account:
        """A new person with a profile, in ``groups`` of the user pool."""
        account = Accounts(self.endpoints).join(f"{name}-{self.run}@example.com", f"Demo-{self.run}-2026!", groups)
        with Api(self.endpoints, account) as api:
            api.put("/v1/me", {"handle": f"{name}_{self.run}", "displayName": name.title()})
        return account

    def api(self, account: Account | None = None) -> Api:
        return Api(self.endpoints, account)


@dataclass(frozen=True)
class Chapter:
    """``boxes`` are the boxes of the diagram that light up."""

    title: Words
    story: Words
    boxes: tuple[str, ...]
    play: Callable[[Stage], None]
