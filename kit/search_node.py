"""A real OpenSearch node instead of the search engine: ``make up SEARCH=node``.

``kit/opensearch_node`` assembles it from Maven Central. It listens on loopback; the server ``search`` is then
``emulation.relay`` in front of it. This module is also the process that the supervisor starts: it becomes the node.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from emulation.private import keep_private
from emulation.search.mending import REFILL
from kit.opensearch_node.assemble import CannotAssemble, assemble, command, missing_tools
from kit.settings import Settings
from kit.steps import StepFailed

#: ``SEARCH``: the engine of ``emulation/search``, or the node.
ENGINE, NODE = "engine", "node"


def is_wanted(settings: Settings, environ: Mapping[str, str] = os.environ) -> bool:
    """``SEARCH``, else the value of the last ``make up``. Raises ``ValueError`` as ``choice``."""
    return choice(settings, environ) == NODE


def choice(settings: Settings, environ: Mapping[str, str] = os.environ) -> str:
    """``engine`` or ``node``.

    Raises:
        ValueError: ``SEARCH`` is neither.
    """
    chosen = environ.get("SEARCH") or settings.remembered().get("search", ENGINE)
    if chosen not in (ENGINE, NODE):
        raise ValueError(f"SEARCH={chosen}: expected {ENGINE} or {NODE}")
    return chosen


def problem(settings: Settings) -> str | None:
    """Why there can be no node, and what to do."""
    without = f"`make up SEARCH={ENGINE}` goes on with the engine of this project"
    if missing := missing_tools():
        return f"SEARCH={NODE} needs {'; '.join(missing)}; {without}"
    if settings.emulation.strict:
        return f"SEARCH={NODE} takes unsigned requests, which ASYNCSNS_STRICT=yes refuses: leave one of them out"
    return None


def home(settings: Settings) -> Path:
    """Where its jars and classes are; shared with `make search-node`."""
    return settings.home / "search-node"


def install(settings: Settings) -> str | None:
    """Fetch and compile it.

    Raises:
        StepFailed: it can't be assembled; the message says why.
    """
    try:
        assemble(home(settings))
    except CannotAssemble as error:
        raise StepFailed(f"{error}\n`make up SEARCH={ENGINE}` goes on without it") from error
    return None


def note_change(settings: Settings) -> None:
    """Before a start, note that this engine lacks the other's documents: `make up` then refills the indices."""
    if settings.remembered().get("search", ENGINE) != choice(settings) and settings.endpoints_file.exists():
        (settings.state / "search").mkdir(parents=True, exist_ok=True)
        (settings.state / "search" / REFILL).write_text("indices of the other engine")


def main() -> None:
    """Become the node."""
    keep_private()
    settings = Settings.load()
    data = settings.state / "search-node"
    try:
        words = command(assemble(home(settings)), data, settings.port("search_node"))
    except CannotAssemble as error:
        sys.exit(str(error))
    os.execvp(words[0], words)  # noqa: S606


if __name__ == "__main__":
    main()
