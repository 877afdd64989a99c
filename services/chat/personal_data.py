"""Chat's data about a person: for their export, and for the erasure of their account.

Messages of a deleted account stay with the people who received them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import Any

from services.chat.group_commands import leaving
from services.chat.items import MESSAGES, conversation_key, hidden_key, member_key
from services.chat.member_repository import MemberRepository
from services.common.dynamo import batch_write
from services.common.errors import NotFound
from services.common.partitions import items_of, wipe
from services.common.personal_data import PAGE, PersonalData, Source, Step, erased, partition

#: Lists in which a conversation stands for a person: partitions of the index.
_BOXES = ("INBOX", "REQUESTS")


class ChatPersonalData:
    """Reads and deletes a person's side of their conversations."""

    def __init__(self, members: MemberRepository) -> None:
        self._members = members

    def messages(self, user_id: str) -> Iterator[Mapping[str, Any]]:
        """Each message of each conversation of this person since they joined, also what others wrote to them."""
        table = self._members.name
        for membership in self._memberships(user_id):
            conversation = str(membership["pk"]).removeprefix(conversation_key(""))
            for message in items_of(table, membership["pk"], prefix=MESSAGES):
                if message["seq"] >= membership.get("since", 1):
                    yield {"conversation": conversation, **message}

    def _memberships(self, user_id: str) -> Iterator[Mapping[str, Any]]:
        for box in _BOXES:
            yield from items_of(self._members.name, f"{box}#{user_id}", index="gsi1")

    def leave_conversations(self, user_id: str) -> int:
        """Leave groups as the command does: members are notified, and the owner's role passes on. In a conversation of
        two, delete the person's own side."""
        found = 0
        for box in _BOXES:
            for membership in islice(items_of(self._members.name, f"{box}#{user_id}", index="gsi1"), PAGE):
                self._leave(user_id, str(membership["pk"]).removeprefix(conversation_key("")))
                found += 1
        return found

    def _leave(self, user_id: str, conversation_id: str) -> None:
        with suppress(NotFound):  # A conversation of two, or a group that has been left.
            self._members.change(conversation_id, user_id, leaving(user_id))
        partition = conversation_key(conversation_id)
        batch_write(self._members.name, deletes=[(partition, member_key(user_id))])
        wipe(self._members.name, partition, most=PAGE, prefix=hidden_key(user_id))


def personal_data(table: str) -> PersonalData:
    kept = ChatPersonalData(MemberRepository(table))
    return PersonalData(
        export=(
            Source("conversations", partition(table, "INBOX", index="gsi1")),
            Source("chat-settings", partition(table, "USER")),
            Source("messages", kept.messages),
        ),
        erasure=(
            Step("chat", erased(table, "USER")),
            Step("chat memberships", kept.leave_conversations),
        ),
    )
