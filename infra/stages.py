"""The stages on AWS as data: their sizes and deletion protection.

Stages may share an account: every name begins with the stage's prefix. Of their own they have nothing but these rows.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_SYSTEM: Final = "asyncsns"
VARIABLE: Final = "ASYNCSNS_STAGE"


@dataclass(frozen=True)
class Stage:
    """``keeps_data``: people's data outlive the stacks and are protected against deletion."""

    name: str
    prefix: str
    keeps_data: bool
    #: CloudFormation refuses to delete the stacks until somebody allows it.
    is_protected: bool
    #: Executions are kept for the functions that people wait for; an account has 1,000 for all its stages.
    reserves: bool
    log_days: int
    #: Of requests that X-Ray traces, beside one a second.
    traced_share: float
    budget_usd: int
    #: Shards of the stream of frames.
    shards: int
    search_instance: str
    search_gb: int


STAGES: Final[dict[str, Stage]] = {
    stage.name: stage
    for stage in (
        Stage(
            name="dev", prefix=f"{_SYSTEM}-dev", keeps_data=False, is_protected=False, reserves=False, log_days=7,
            traced_share=1.0, budget_usd=80, shards=1, search_instance="t3.small.search", search_gb=10,
        ),
        Stage(
            name="staging", prefix=f"{_SYSTEM}-staging", keeps_data=False, is_protected=True, reserves=False,
            log_days=14, traced_share=0.1, budget_usd=100, shards=2, search_instance="t3.small.search", search_gb=10,
        ),
        Stage(
            name="prod", prefix=_SYSTEM, keeps_data=True, is_protected=True, reserves=True, log_days=30,
            traced_share=0.1, budget_usd=100, shards=2, search_instance="t3.small.search", search_gb=10,
        ),
    )
}  # fmt: skip
PROD: Final = STAGES["prod"]


def is_of(stage: Stage, name: str) -> bool:
    """Whether a physical name is of this stage: ``asyncsns-dev-posts`` also begins with the prefix of ``prod``."""
    longer = [one.prefix for one in STAGES.values() if len(one.prefix) > len(stage.prefix)]
    return name.startswith(f"{stage.prefix}-") and not name.startswith(tuple(f"{prefix}-" for prefix in longer))


def stage_of(environ: Mapping[str, str] = os.environ) -> Stage:
    """The stage that ``ASYNCSNS_STAGE`` names; ``prod`` without it.

    Raises:
        ValueError: the stage does not exist.
    """
    name = environ.get(VARIABLE) or PROD.name
    if name not in STAGES:
        raise ValueError(f"{VARIABLE}: expected one of {', '.join(STAGES)}, got {name!r}")
    return STAGES[name]
