"""Looks up the principal of a signature once a second, not twice per request, and what else depends on it alone.

MiniStack gathers and parses all policies of the caller's role for each check: a sixth of its time in a timeline read.
For each check it also searches all conditions of these policies for keys of tags, and for each invocation it takes the
function's ARN apart four times.
IAM is eventually consistent on AWS too, so a changed policy may take this second to hold.
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any

from emulation.emulator import seams

SECONDS = 1.0
_KEPT, _KEPT_POLICIES = 512, 64


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
    _remember_condition_keys(evaluator)
    _remember_arns(seams.module("services.lambda_svc"))


def _remember_condition_keys(evaluator: Any) -> None:
    """Parsed policies are never changed; those of a principal are the same object for a second."""
    search = evaluator._names_condition_key
    known: dict[tuple[int, str], tuple[Any, bool]] = {}

    def names_condition_key(policies: Any, prefix: str) -> bool:
        key = (id(policies), prefix)
        if key not in known:
            while len(known) >= _KEPT_POLICIES:
                known.pop(next(iter(known)))
            known[key] = (policies, search(policies, prefix))  # kept with them, so that the id stays theirs
        return known[key][1]

    evaluator._names_condition_key = names_condition_key


def _remember_arns(service: Any) -> None:
    for name in ("_lambda_function_account_region_from_arn", "_lambda_function_name_and_qualifier_from_arn"):
        setattr(service, name, lru_cache(_KEPT)(getattr(service, name)))
