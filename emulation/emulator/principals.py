"""Looks up the principal of a signature once a second, not twice per request.

MiniStack gathers and parses all policies of the caller's role for each check: a sixth of its time in a timeline read.
IAM is eventually consistent on AWS too, so a changed policy may take this second to hold.
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
"""

from __future__ import annotations

import time
from typing import Any

from emulation.emulator import seams

SECONDS = 1.0
_KEPT = 512


def remember() -> None:
    """Wrap ``resolve_principal``: what it found for a key and account is given again for one second. Failures are
    looked up again each time."""
    evaluator = seams.module("core.iam_evaluator")
    resolve, failure = evaluator.resolve_principal, evaluator.AuthError
    known: dict[tuple[str, str], tuple[float, Any]] = {}

    def resolve_or_remember(access_key_id: str, account_id: str, credential: Any = None) -> Any:
        key = (access_key_id, account_id)
        until, principal = known.get(key, (0.0, None))
        if time.monotonic() < until:
            return principal
        principal = resolve(access_key_id, account_id, credential)
        known.pop(key, None)
        if not isinstance(principal, failure):
            while len(known) >= _KEPT:
                known.pop(next(iter(known)))
            known[key] = (time.monotonic() + SECONDS, principal)
        return principal

    evaluator.resolve_principal = resolve_or_remember
