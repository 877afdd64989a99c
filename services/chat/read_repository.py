"""Reads of chat in DynamoDB: heads, members, messages, inboxes. Access patterns and keys: docs/contexts/chat.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.chat.items import (
    HEAD,
    MEMBER_LIST,
    ChatTable,
    conversation_key,
    conversation_of,
    hidden_key,
    implied_member_list,
    inbox_key,
    member_key,
    member_list_of,
    membership_of,
    message_key,
    message_of,
    requests_key,
)
from services.chat.model import Conversation, MemberList, Membership, Message, no_conversation
from services.common.cursors import Cursor
from services.common.dynamo import batch_get, query_page


class ChatReads(ChatTable):
    """Reads, strongly consistent unless a method says otherwise."""

    def conversation(self, conversation_id: str) -> Conversation | None:
        """The head, strongly consistent."""
        item = self.get(conversation_id, HEAD)
        return conversation_of(item) if item else None

    def picture_of(self, conversation_id: str) -> str | None:
        """The medium that is a group's picture, strongly consistent."""
        item = self.get(conversation_id, HEAD) or {}
        found: str | None = item.get("avatarMediaId")
        return found

    def membership(self, conversation_id: str, user_id: str) -> Membership | None:
        item = self.get(conversation_id, member_key(user_id))
        return membership_of(item) if item else None

    def member_list(self, conversation_id: str) -> MemberList | None:
        """Everyone who is in, strongly consistent."""
        head, item = self.get_all(conversation_id, HEAD, MEMBER_LIST)
        if item:
            return member_list_of(conversation_id, item)
        return implied_member_list(conversation_of(head)) if head else None

    def seen_by(self, conversation_id: str, user_id: str) -> tuple[Conversation, Membership]:
        """The head and the caller's own membership.

        Raises:
            NotFound: there is none, or the caller is no member.
        """
        head, mine = self.get_all(conversation_id, HEAD, member_key(user_id))
        if head is None or mine is None:
            raise no_conversation(conversation_id)
        return conversation_of(head), membership_of(mine)

    def message(self, conversation_id: str, seq: int) -> Message | None:
        item = self.get(conversation_id, message_key(seq))
        return message_of(item) if item else None

    def inbox(
        self, user_id: str, cursor: Cursor | None, limit: int, *, requests: bool = False
    ) -> list[tuple[str, Membership]]:
        """``(sort key, membership)`` by last activity; up to ``limit + 1``."""
        partition = requests_key(user_id) if requests else inbox_key(user_id)
        rows = query_page(self.table, partition, cursor=cursor, limit=limit, index="gsi1")
        return [(row["gsi1sk"], membership_of(row)) for row in rows]

    def heads(self, conversation_ids: Sequence[str]) -> dict[str, Conversation]:
        found = batch_get({self.name: [(conversation_key(one), HEAD) for one in conversation_ids]})
        heads = [conversation_of(item) for item in found.values()]
        return {head.id: head for head in heads}

    def member_lists(self, conversation_ids: Sequence[str]) -> list[MemberList]:
        """The existing ones, eventually consistent."""
        found = batch_get({self.name: [(conversation_key(one), MEMBER_LIST) for one in conversation_ids]})
        return [member_list_of(pk.removeprefix("CONV#"), item) for (_, pk, _), item in found.items()]

    def memberships(self, conversation_id: str, users: Iterable[str]) -> list[Membership]:
        """Memberships of several members, strongly consistent."""
        found = self.get_all(conversation_id, *(member_key(user) for user in users))
        return [membership_of(item) for item in found if item]

    def messages(self, conversation_id: str, cursor: Cursor | None, limit: int) -> list[tuple[str, Message]]:
        """``(sort key, message)`` by ``seq``; up to ``limit + 1``; strongly consistent, so that a resume has no gap."""
        partition = conversation_key(conversation_id)
        rows = query_page(self.table, partition, cursor=cursor, limit=limit, prefix="MSG#", consistent=True)
        return [(row["sk"], message_of(row)) for row in rows]

    def messages_at(self, conversation_id: str, seqs: Iterable[int]) -> list[Message]:
        """Single messages as they are now, strongly consistent."""
        found = self.get_all(conversation_id, *(message_key(seq) for seq in seqs))
        return [message_of(item) for item in found if item]

    def changes(self, conversation_id: str, after: int, limit: int) -> list[tuple[int, int]]:
        """``(rev, seq of the message)`` of changes after ``after``, in order; strongly consistent."""
        cursor = Cursor("changes", "newer", f"CHG#{after:012}")
        rows = query_page(
            self.table, conversation_key(conversation_id), cursor=cursor, limit=limit, prefix="CHG#", consistent=True
        )
        return [(int(row["rev"]), int(row["seq"])) for row in rows[:limit]]

    def hidden(self, conversation_id: str, user_id: str) -> frozenset[int]:
        """``seq`` of what this member deleted for themselves."""
        item = self.get(conversation_id, hidden_key(user_id))
        return frozenset(int(seq) for seq in item["seqs"]) if item else frozenset()
