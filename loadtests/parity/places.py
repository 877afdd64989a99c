"""The targets that are compared, and which of them are at hand on this machine."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

from kit import pythons, shell


@dataclass(frozen=True)
class Place:
    """``variables`` of `make up`; none for AWS, which is deployed by hand before. ``modules`` of the end-to-end suite;
    empty: all of them."""

    name: str
    title: str
    variables: tuple[tuple[str, str], ...]
    modules: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        given = " ".join(f"{name}={value}" for name, value in self.variables if value not in ("embedded", "ministack"))
        return f"make up {given}".strip() if self.variables else "make deploy TARGET=aws"

    def lacks(self) -> str | None:
        """What this machine lacks for this target, in a sentence."""
        wanted = dict(self.variables)
        if not wanted:
            return "AWS is never deployed by this command"
        if wanted["TARGET"] == "compose":
            if shutil.which("docker") is None or shell.capture(["docker", "info"]) is None:
                return "no Docker engine answers"
        elif wanted["EMULATOR"] == "localstack" and pythons.find("3.13") is None:
            return "Python 3.13 is absent"
        return None


#: The whole suite signs up hundreds of people, which on LocalStack takes seconds each: a module for each thing that a
#: person does, on all places but the first.
SHORT = ("accounts", "chat", "graph", "media_uploads", "moderation", "realtime", "search", "social_posts",
         "social_timelines")  # fmt: skip
PLACES = (
    Place("embedded", "MiniStack, processes", (("TARGET", "embedded"), ("EMULATOR", "ministack"))),
    Place("embedded-localstack", "LocalStack, processes", (("TARGET", "embedded"), ("EMULATOR", "localstack")), SHORT),
    Place("compose", "MiniStack, Docker", (("TARGET", "compose"), ("EMULATOR", "ministack")), SHORT),
    Place("compose-localstack", "LocalStack, Docker", (("TARGET", "compose"), ("EMULATOR", "localstack")), SHORT),
    Place("aws", "AWS", ()),
)
