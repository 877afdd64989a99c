"""Decides which requests and invocations are traced when no header has decided it, like X-Ray's default rule.

Source: AWS X-Ray Developer Guide, "Configuring sampling rules".
"""

from __future__ import annotations

import os
import random

from emulation.token_bucket import TokenBucket

#: Every one is traced up to this many a second, then this share of the rest.
RESERVOIR_PER_SECOND = 20
SHARE_OF_THE_REST = 0.05


class Sampler:
    """Decides; ``EMULATION_TRACE_SHARE`` is the share of the rest."""

    def __init__(self) -> None:
        self._reservoir = TokenBucket(RESERVOIR_PER_SECOND, RESERVOIR_PER_SECOND)
        self._share = float(os.environ.get("EMULATION_TRACE_SHARE", SHARE_OF_THE_REST))

    def decide(self) -> bool:
        return self._reservoir.take() or random.random() < self._share  # noqa: S311
