"""Deletes an account: each step deletes a page of items, and steps are repeated until all find nothing.

Steps keep no cursor, because deleted items are no longer found. So a killed invocation, a duplicate message and a late
projection all have the same result. After a pass in which a step found something, another follows a little later; the
first pass that finds nothing ends the deletion. Late passes delete items that delayed events (a stalled queue, a
redelivered message) wrote afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from services.common.events import DomainEvent, UserDeleted
from services.common.lazy_dataclasses import dataclass
from services.common.personal_data import Step

#: Between two passes: what streams and queues still do with what was deleted, they have done by then.
SETTLE_SECONDS = 5
#: When the account is gone: how long after the pass before each late pass comes (SQS holds a message back for 900 s).
LATE_SECONDS = (60, 900)


class AccountsInDeletion(Protocol):
    def is_being_deleted(self, user_id: str) -> bool: ...
    def forget(self, user_id: str) -> None: ...


@dataclass(frozen=True)
class Erasure:
    """The workflow, over its queue.

    Args:
        steps: in order; the first ones make the account unreachable.
        again: sends the account's message to the same queue, after so many seconds.
        late: the same for the late pass of this number.
        publish: domain events.
    """

    accounts: AccountsInDeletion
    steps: Sequence[Step]
    again: Callable[[str, int], None]
    late: Callable[[str, int, int], None]
    publish: Callable[[Sequence[DomainEvent]], None]

    def run(self, user_id: str, may_go_on: Callable[[], bool]) -> str:
        """The work of one invocation: ``done``, ``again``, or ``unknown`` (a repeated message; the account is gone)."""
        if not self.accounts.is_being_deleted(user_id):
            return "unknown"
        found, is_whole = self._pass(user_id, may_go_on)
        if found or not is_whole:
            self.again(user_id, SETTLE_SECONDS if is_whole else 1)
            return "again"
        self.publish([UserDeleted(cause=user_id, actor=user_id, user_id=user_id)])
        # Before the account is forgotten: a message that comes once more would not find it.
        self.late(user_id, 0, LATE_SECONDS[0])
        self.accounts.forget(user_id)
        return "done"

    def run_late(self, user_id: str, number: int, may_go_on: Callable[[], bool]) -> str:
        """A late pass: it is repeated if it finds something; the last one that finds nothing ends the deletion."""
        found, is_whole = self._pass(user_id, may_go_on)
        if found or not is_whole:
            self.late(user_id, number, LATE_SECONDS[number] if is_whole else 1)
            return "again"
        if number + 1 < len(LATE_SECONDS):
            self.late(user_id, number + 1, LATE_SECONDS[number + 1])
        return "done"

    def _pass(self, user_id: str, may_go_on: Callable[[], bool]) -> tuple[int, bool]:
        """How many items were found, and whether there was time for all steps."""
        found = 0
        for step in self.steps:
            count = step.most
            while count >= step.most:
                count = step.run(user_id)
                found += count
                if count and not may_go_on():
                    return found, False
        return found, True
