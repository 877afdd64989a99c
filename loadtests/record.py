"""The record of a load test: the JSON beside the page, for comparison with later runs."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from loadtests.thresholds import Judged

FORMAT: Final = 1


@dataclass(frozen=True)
class Row:
    """One name of requests; times in milliseconds, ``rate`` a second."""

    name: str
    requests: int
    failed: int
    rate: float
    p50: float
    p95: float
    p99: float


@dataclass(frozen=True)
class Moment:
    """How it went: every five seconds, over the last ten."""

    seconds: float
    people: int
    rate: float
    failures: float
    p50: float
    p95: float


@dataclass(frozen=True)
class Record:
    """One run. ``at``: RFC 3339; ``missed``: a sentence each."""

    at: str
    scenario: str
    shape: str
    target: str
    people: int
    seconds: float
    rate: float
    requests: int
    failed: int
    rows: list[Row]
    judged: list[Judged]
    missed: list[str]
    moments: list[Moment]

    def to_json(self) -> dict[str, Any]:
        return {"format": FORMAT, **asdict(self)}

    @classmethod
    def read(cls, file: Path) -> Record:
        """A run that was kept.

        Raises:
            ValueError: the file is not a record of a run.
        """
        try:
            found = json.loads(file.read_text("utf-8"))
            if found.pop("format") != FORMAT:
                raise KeyError("format")
            kinds = {"rows": Row, "judged": Judged, "moments": Moment}
            return cls(**{**found, **{name: [kind(**one) for one in found[name]] for name, kind in kinds.items()}})
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"AGAINST: expected the JSON of an earlier `make load`, got {file}: {error!r}") from error
