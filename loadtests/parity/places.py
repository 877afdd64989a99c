"""The targets that are compared, and which of them are at hand on this machine."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

from kit import pythons, shell
from kit.opensearch_node.assemble import missing_tools
from kit.search_node import ENGINE, NODE

#: Left out of a command.
_DEFAULTS = frozenset({"embedded", "ministack", ENGINE})


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
        given = " ".join(f"{name}={value}" for name, value in self.variables if value not in _DEFAULTS)
        return f"make up {given}".strip() if self.variables else "make deploy TARGET=aws"

    @property
    def seed(self) -> str:
        """``SEED`` as `make up` has it: LocalStack is too slow for it on a small machine."""
        return "no" if dict(self.variables).get("EMULATOR") == "localstack" else "yes"

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
        elif wanted["SEARCH"] == NODE and (missing := missing_tools()):
            return f"the search node needs {'; '.join(missing)}"
        return None


def _processes(emulator: str, search: str = ENGINE) -> tuple[tuple[str, str], ...]:
    """All are named: what the last `make up` chose would apply otherwise."""
    return (("TARGET", "embedded"), ("EMULATOR", emulator), ("SEARCH", search))


#: The whole suite signs up hundreds of people, which on LocalStack takes seconds each: a module for each thing that a
#: person does, on all places but the first.
SHORT = ("accounts", "chat", "graph", "media_uploads", "moderation", "realtime", "search", "social_posts",
         "social_timelines")  # fmt: skip
PLACES = (
    Place("embedded", "MiniStack, processes", _processes("ministack")),
    Place("embedded-node", "MiniStack, processes, OpenSearch node", _processes("ministack", NODE), SHORT),
    Place("embedded-localstack", "LocalStack, processes", _processes("localstack"), SHORT),
    Place("compose", "MiniStack, Docker", (("TARGET", "compose"), ("EMULATOR", "ministack")), SHORT),
    Place("compose-localstack", "LocalStack, Docker", (("TARGET", "compose"), ("EMULATOR", "localstack")), SHORT),
    Place("aws", "AWS", ()),
)
