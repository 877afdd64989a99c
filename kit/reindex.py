"""``python -m kit.reindex``: every index again from the tables, with a progress bar and no downtime.

Works on what ``endpoints.json`` names; ``--target aws`` takes ``endpoints-aws.json`` and your own credentials.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from kit.deploy.finish import endpoints_file
from kit.settings import Settings
from services.common.clock import now
from services.search.public import estimated_items, rebuild_indices

if TYPE_CHECKING:
    from services.search.public import Progress, ReindexOutcome


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m kit.reindex", description=__doc__)
    parser.add_argument("--target", default="embedded", choices=["embedded", "compose", "aws"])
    target = parser.parse_args().target
    settings = Settings.load()
    file = endpoints_file(settings, target)
    if not file.exists():
        print(f"{file} is not there: run `make up` (or `make deploy`) first", file=sys.stderr)
        return 1
    endpoints = json.loads(file.read_text("utf-8"))
    if target != "aws":
        os.environ.update(settings.aws_environment())
    outcome = _run(endpoints)
    for alias, (old, new, count) in outcome.moved.items():
        print(f"{alias}: {', '.join(old) or 'nothing'} -> {new}, {count} documents")
    if outcome.progress.skipped:
        print(f"{outcome.progress.skipped} items could not become documents", file=sys.stderr)
    return 1 if outcome.progress.skipped else 0


def _run(endpoints: dict[str, Any]) -> ReindexOutcome:
    tables = [endpoints["tables"]["posts"], endpoints["tables"]["profiles"]]
    url = endpoints.get("searchUrl") or endpoints["outputs"]["SearchEndpoint"]
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("reindex", total=estimated_items(tables))

        def told(progress: Progress) -> None:
            bar.update(task, description=progress.step, completed=progress.read)

        outcome = rebuild_indices(url, tables, now=now(), told=told)
        bar.update(task, description="done", total=outcome.progress.read)
        return outcome


if __name__ == "__main__":
    sys.exit(main())
