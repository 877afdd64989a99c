"""Sign-out everywhere: by the person, and by staff."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from services.common.clock import now, now_text
from services.common.lazy_dataclasses import dataclass

JOB = "sign-out"


def job_of(user_id: str) -> Mapping[str, Any]:
    """The message for the worker: end all sign-ins up to now."""
    return {"job": JOB, "userId": user_id, "at": now_text()}


@dataclass(frozen=True)
class SignOut:
    """Ends every session of a person; each step is idempotent.

    Args:
        close: commands and tickets of sign-ins up to a moment (seconds since the epoch) are refused.
        revoke: the user pool's tokens; no refresh token gives a new one.
        disconnect: open sockets, and tickets that were issued up to the moment.
    """

    close: Callable[[str, int], None]
    revoke: Callable[[str], bool]
    disconnect: Callable[[str, datetime], None]

    def run(self, job: Mapping[str, Any]) -> None:
        user_id, moment = job["userId"], min(datetime.fromisoformat(job["at"]), now())
        self.close(user_id, int(moment.timestamp()))
        self.revoke(user_id)
        self.disconnect(user_id, moment)
