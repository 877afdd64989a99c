"""Deleting an account: steps that each take away a page and are repeated until all find nothing.

No step keeps a cursor: what is deleted is found no more, so that an invocation that dies, a message that comes twice
and a projection that comes late all lead to the same end. A pass in which some step found something is followed by
another, a little later; the first pass that finds nothing ends it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.common.events import DomainEvent, UserDeleted
from services.common.personal_data import Step

#: Between two passes: what streams and queues still do with what was deleted, they have done by then.
SETTLE_SECONDS = 5


class AccountsInDeletion(Protocol):
    def is_being_deleted(self, user_id: str) -> bool: ...
    def forget(self, user_id: str) -> None: ...


@dataclass(frozen=True)
class Erasure:
    """The workflow, over its queue.

    Args:
        steps: in order; first what makes the account unreachable.
        again: sends the account's message to oneself, after so many seconds.
        publish: domain events.
    """

    accounts: AccountsInDeletion
    steps: Sequence[Step]
    again: Callable[[str, int], None]
    publish: Callable[[Sequence[DomainEvent]], None]

    def run(self, user_id: str, may_go_on: Callable[[], bool]) -> str:
        """One invocation's worth: ``done``, ``again``, or ``unknown`` (a repeated message; the account is gone)."""
        if not self.accounts.is_being_deleted(user_id):
            return "unknown"
        found = 0
        for step in self.steps:
            count = step.most
            while count >= step.most:
                count = step.run(user_id)
                found += count
                if count and not may_go_on():
                    self.again(user_id, 1)
                    return "again"
        if found:
            self.again(user_id, SETTLE_SECONDS)
            return "again"
        self.publish([UserDeleted(cause=user_id, actor=user_id, user_id=user_id)])
        self.accounts.forget(user_id)
        return "done"
