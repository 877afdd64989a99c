"""Taking an account that is deleted out of its conversations. What it wrote stays with those who got it."""

from __future__ import annotations

from contextlib import suppress
from itertools import islice

from services.chat.group_commands import leaving
from services.chat.items import conversation_key, hidden_key, member_key
from services.chat.rosters import RosterRepository
from services.common.dynamo import batch_write
from services.common.errors import NotFound
from services.common.partitions import items_of, wipe

#: Lists in which a conversation stands for a person: partitions of the index.
_BOXES = ("INBOX", "REQUESTS")


class ChatErasure:
    """Takes away up to ``most`` memberships and says how many it found."""

    def __init__(self, rosters: RosterRepository, most: int) -> None:
        self._rosters, self._most = rosters, most

    def memberships(self, user_id: str) -> int:
        """Groups are left as by hand: they are told, and somebody else becomes the owner. A conversation of two loses
        the person's own side of it."""
        found = 0
        for box in _BOXES:
            for membership in islice(items_of(self._rosters.name, f"{box}#{user_id}", index="gsi1"), self._most):
                self._leave(user_id, str(membership["pk"]).removeprefix(conversation_key("")))
                found += 1
        return found

    def _leave(self, user_id: str, conversation_id: str) -> None:
        with suppress(NotFound):  # A conversation of two, or a group that has been left.
            self._rosters.change(conversation_id, user_id, leaving(user_id))
        partition = conversation_key(conversation_id)
        batch_write(self._rosters.name, deletes=[(partition, member_key(user_id))])
        wipe(self._rosters.name, partition, most=self._most, prefix=hidden_key(user_id))
