"""Measurements of each target, kept between runs: a run of one target leaves the others' unchanged."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from kit.settings import checkout_root

FILE = checkout_root() / "docs" / "parity.json"


@dataclass(frozen=True)
class Measured:
    """One run. ``features``: module of the suite → passed, failed, skipped. ``stopped``: why it did not end.
    ``failures``: tests that failed, as ``module: name``.
    """

    date: str
    commit: str
    machine: str
    features: dict[str, list[int]] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)
    stopped: str = ""
    failures: list[str] = field(default_factory=list)


def load(file: Path = FILE) -> dict[str, Measured]:
    """Measurements by name of the place; empty before the first run."""
    if not file.exists():
        return {}
    return {name: Measured(**row) for name, row in json.loads(file.read_text("utf-8")).items()}


def save(measured: dict[str, Measured], file: Path = FILE) -> None:
    document = {name: asdict(row) for name, row in sorted(measured.items())}
    file.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")
