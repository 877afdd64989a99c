"""The figures of a suite, the table, the JSON file."""

from __future__ import annotations

import json
import math
import os
import platform
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """One measured number. ``aim`` is the project's goal, as text; ``note`` says how it was measured."""

    suite: str
    name: str
    value: float
    unit: str
    aim: str = ""
    note: str = ""


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest-rank percentile of a non-empty sample; ``share`` from 0 to 1."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def latency_figures(suite: str, name: str, seconds: Sequence[float], aim: str = "", note: str = "") -> list[Figure]:
    """p50, p95 and p99 in milliseconds; the aim stands at p95."""
    note = note or f"{len(seconds)} samples"
    return [
        Figure(suite, f"{name} p50", statistics.median(seconds) * 1000, "ms", note=note),
        Figure(suite, f"{name} p95", percentile(seconds, 0.95) * 1000, "ms", aim, note),
        Figure(suite, f"{name} p99", percentile(seconds, 0.99) * 1000, "ms", note=note),
    ]


def _shown(figure: Figure) -> str:
    """A ratio near one needs two digits."""
    return f"{figure.value:,.2f}" if figure.unit == "×" and figure.value < 10 else f"{figure.value:,.1f}"


def show(figures: Sequence[Figure]) -> None:
    """Print the table."""
    table = Table(title="asyncsns bench")
    for column in ("suite", "figure"):
        table.add_column(column)
    table.add_column("value", justify="right")
    for column in ("unit", "aim", "note"):
        table.add_column(column)
    for figure in figures:
        table.add_row(figure.suite, figure.name, _shown(figure), figure.unit, figure.aim, figure.note)
    Console(width=140).print(table)


def write(figures: Sequence[Figure], folder: Path) -> Path:
    """Write ``bench-<time>.json`` with the machine's description; returns the file."""
    folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    document = {
        "at": now.isoformat(timespec="seconds"),
        "commit": _commit(),
        "machine": {
            "system": platform.platform(),
            "python": platform.python_version(),
            "cpus": os.cpu_count(),
            "load1": os.getloadavg()[0],
        },
        "figures": [asdict(figure) for figure in figures],
    }
    file = folder / f"bench-{now:%Y%m%d-%H%M%S}.json"
    file.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return file


def _commit() -> str | None:
    found = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return found.stdout.strip() or None
