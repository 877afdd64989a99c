"""``python -m kit.reindex``: rebuild every index from the tables, with a progress bar and no downtime.

Works on the deployment of ``endpoints.json``; ``--target aws`` takes ``endpoints-aws.json`` and your own credentials.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from emulation.search.mending import REFILL
from kit.deploy.finish import endpoints_file
from kit.deploy.incremental import PROGRESS
from kit.settings import Settings
from services.common.clock import now
from services.common.errors import Unavailable
from services.search.public import estimated_items, outdated_indices, rebuild_indices, refill_indices

if TYPE_CHECKING:
    from services.search.public import Progress, ReindexOutcome


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m kit.reindex", description=__doc__)
    parser.add_argument("--target", default="embedded", choices=["embedded", "compose", "aws"])
    parser.add_argument("--outdated", action="store_true", help="only indices with older mappings; says which")
    given = parser.parse_args()
    target = given.target
    settings = Settings.load()
    file = endpoints_file(settings, target)
    if not file.exists():
        print(f"{file} is not there: run `make up` (or `make deploy`) first", file=sys.stderr)
        return 1
    if given.outdated:
        print(bring_up_to_date(settings, lambda line: print(f"{PROGRESS}{line}", flush=True)) or "")
        return 0
    endpoints = json.loads(file.read_text("utf-8"))
    if target != "aws":
        os.environ.update(settings.aws_environment())
    try:
        outcome = _run(endpoints, began_empty=target == "embedded" and _began_empty(settings))
    except Unavailable as error:
        print(f"{error.detail} Readers still use the earlier indices; run `make reindex` again", file=sys.stderr)
        return 1
    if target == "embedded":
        _refill(settings).unlink(missing_ok=True)
    for alias, (old, new, count) in outcome.moved.items():
        print(f"{alias}: {', '.join(old) or 'nothing'} -> {new}, {count} documents")
    if outcome.progress.skipped:
        print(f"{outcome.progress.skipped} items could not become documents", file=sys.stderr)
    return 1 if outcome.progress.skipped else 0


def bring_up_to_date(settings: Settings, say: Callable[[str], None] = lambda line: None) -> str | None:
    """Fill new indices where the running ones have older mappings, or were damaged; `make up` does it after a deploy.

    None: neither.

    Search is where this process reaches it: in a container of Compose that is not the address for browsers.

    Args:
        say: called with each step, because a replacement takes half a minute.
    """
    endpoints = json.loads(settings.endpoints_file.read_text("utf-8"))
    os.environ.update(settings.aws_environment())
    url = settings.url("search")
    refill = _refill(settings)
    reasons = outdated_indices(url) + ([refill.read_text() or "damaged indices"] if refill.exists() else [])
    if not reasons:
        return None
    said: list[str] = []

    def told(progress: Progress) -> None:
        line = _in_words(progress)
        if line.split(":")[0] != (said[-1] if said else ""):
            said.append(line.split(":")[0])
            say(line)

    outcome = _replaced_or_filled(url, _tables(endpoints), told, began_empty=_began_empty(settings))
    refill.unlink(missing_ok=True)
    return f"{', '.join(reasons)} replaced, {sum(count for _, _, count in outcome.moved.values())} documents"


def _replaced_or_filled(
    url: str, tables: list[str], told: Callable[[Progress], None], *, began_empty: bool
) -> ReindexOutcome:
    """Empty indices are filled where they are, which takes no longer than reading the tables."""
    filled = refill_indices(url, tables, told=told) if began_empty else None
    return filled or rebuild_indices(url, tables, now=now(), told=told)


def _in_words(progress: Progress) -> str:
    return f"{progress.step}: {progress.waits} s" if progress.waits else progress.step


def _began_empty(settings: Settings) -> bool:
    """Whether the engine set its damaged store aside; with a reason, its indices hold what may be old."""
    file = _refill(settings)
    return file.exists() and not file.read_text()


def _refill(settings: Settings) -> Path:
    """The file exists while the engine has to be refilled: its store was damaged, or for the reason in its text."""
    return settings.state / "search" / REFILL


def _search_url(endpoints: dict[str, Any]) -> str:
    return str(endpoints.get("searchUrl") or endpoints["outputs"]["SearchEndpoint"])


def _tables(endpoints: dict[str, Any]) -> list[str]:
    return [endpoints["tables"]["posts"], endpoints["tables"]["profiles"]]


def _run(endpoints: dict[str, Any], *, began_empty: bool) -> ReindexOutcome:
    tables, url = _tables(endpoints), _search_url(endpoints)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("reindex", total=estimated_items(tables))

        def told(progress: Progress) -> None:
            bar.update(task, description=_in_words(progress), completed=progress.read)

        outcome = _replaced_or_filled(url, tables, told, began_empty=began_empty)
        bar.update(task, description="done", total=outcome.progress.read)
        return outcome


if __name__ == "__main__":
    sys.exit(main())
