"""Chat in DynamoDB. Access patterns and keys: docs/contexts/chat.md."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from boto3.dynamodb.conditions import Attr
from botocore.exceptions import ClientError

from services.chat.model import Conversation, Membership, Message, no_conversation
from services.common.clock import now_text
from services.common.cursors import Cursor
from services.common.dynamo import (
    Item,
    Repository,
    batch_get,
    cancellation_codes,
    is_conditional_failure,
    plain,
    query_page,
    transact,
)
from services.common.errors import Conflict
from services.common.ids import new_id

HEAD = "HEAD"
_SEQ_DIGITS = 12
#: Writers of one conversation queue up at its head; past this the client tries again (with the same client id).
_ATTEMPTS = 12
_BACKOFF = 0.01


def conversation_key(conversation_id: str) -> str:
    return f"CONV#{conversation_id}"


def inbox_key(user_id: str) -> str:
    return f"INBOX#{user_id}"


def member_key(user_id: str) -> str:
    return f"MEMBER#{user_id}"


def message_key(seq: int) -> str:
    return f"MSG#{seq:0{_SEQ_DIGITS}}"


def sent_key(author: str, client_message_id: str) -> str:
    """Says that this author's client has sent this message, and as which ``seq``."""
    return f"SENT#{author}#{client_message_id}"


def activity_key(updated_at: str, conversation_id: str) -> str:
    return f"{updated_at}#{conversation_id}"


@dataclass(frozen=True)
class Draft:
    """A message before it has its place."""

    conversation_id: str
    sender_id: str
    client_message_id: str
    text: str


class ChatRepository(Repository):
    """The one who knows the chat table."""

    setting = "table_chat"

    def conversation(self, conversation_id: str) -> Conversation | None:
        """The head, strongly consistent."""
        item = self._get(conversation_id, HEAD)
        return conversation_of(item) if item else None

    def membership(self, conversation_id: str, user_id: str) -> Membership | None:
        item = self._get(conversation_id, member_key(user_id))
        return membership_of(item) if item else None

    def open_direct(self, conversation_id: str, creator: str, other: str) -> tuple[Conversation, bool]:
        """The conversation of two people, and whether it is new. It is in the creator's inbox from now on."""
        at = now_text()
        head = {
            "kind": "direct", "members": sorted((creator, other)), "seq": 0, "createdAt": at, "updatedAt": at,
        }  # fmt: skip
        puts = [
            self._put_new(conversation_id, HEAD, head),
            self._put_new(conversation_id, member_key(creator), self._member(conversation_id, creator, at)),
            self._put_new(conversation_id, member_key(other), self._member(conversation_id, other, None)),
        ]
        try:
            transact(puts)
        except ClientError as error:
            codes = cancellation_codes(error)
            if "ConditionalCheckFailed" not in codes and "TransactionConflict" not in codes:
                raise
            return self._reopen(conversation_id, creator), False
        return conversation_of({"pk": conversation_key(conversation_id), **head}), True

    def _reopen(self, conversation_id: str, user_id: str) -> Conversation:
        """Two may open at the same moment: the loser of the race waits until the winner's items are there."""
        for attempt in range(_ATTEMPTS):
            found = self.conversation(conversation_id)
            if found:
                self._enter_inbox(found, user_id, only_if_absent=True)
                return found
            _pause(attempt)
        raise Conflict("This conversation is being opened elsewhere; try again.")

    def append(self, draft: Draft) -> tuple[Message, bool]:
        """Give the message the next ``seq`` of its conversation, and whether it is new.

        One transaction: the message, the head (only if nobody was faster), the author's client id (only once), and
        the author has read all up to it. A message that was sent before is returned as it was.

        Raises:
            NotFound: the author is no member.
            Conflict: too many others wrote at the same time, twelve tries long.
        """
        message_id = new_id()
        for attempt in range(_ATTEMPTS):
            head = self.conversation(draft.conversation_id)
            if head is None:
                raise no_conversation(draft.conversation_id)
            head.require_member(draft.sender_id)
            message = Message(
                message_id, draft.conversation_id, head.seq + 1, draft.sender_id, draft.client_message_id,
                draft.text, max(now_text(), head.updated_at),
            )  # fmt: skip
            try:
                transact(self._append_operations(message))
            except ClientError as error:
                codes = cancellation_codes(error)
                if not codes:
                    raise
                if codes[0] == "ConditionalCheckFailed":
                    return self._sent(draft), False
                _pause(attempt)
            else:
                return message, True
        raise Conflict("Many are writing to this conversation right now; try again.")

    def _append_operations(self, message: Message) -> list[dict[str, Any]]:
        conversation_id, author = message.conversation_id, message.sender_id
        body = _message_attributes(message)
        sent = {"seq": message.seq}
        return [
            self._put_new(conversation_id, sent_key(author, message.client_message_id), sent),
            self._put_new(conversation_id, message_key(message.seq), {"type": "message", **body}),
            self._update(
                conversation_id,
                HEAD,
                "SET seq = :seq, lastMessage = :message, updatedAt = :at",
                {":seq": message.seq, ":message": body, ":at": message.at, ":before": message.seq - 1},
                "seq = :before",
            ),
            self._update(
                conversation_id,
                member_key(author),
                "SET lastReadSeq = :seq, readBy = :by, gsi1pk = :inbox, gsi1sk = :activity",
                {
                    ":seq": message.seq,
                    ":by": "send",
                    ":inbox": inbox_key(author),
                    ":activity": activity_key(message.at, conversation_id),
                },
                "attribute_exists(pk)",
            ),
        ]

    def _sent(self, draft: Draft) -> Message:
        item = self._get(draft.conversation_id, sent_key(draft.sender_id, draft.client_message_id))
        found = self._get(draft.conversation_id, message_key(int(item["seq"]))) if item else None
        if found is None:
            raise Conflict("This message is being sent elsewhere; try again.")
        return message_of(found)

    def mark_read(self, conversation_id: str, user_id: str, seq: int) -> bool:
        """Move the read mark forward to ``seq``; ``False`` when it already is there or beyond.

        Raises:
            NotFound: the user is no member.
        """
        try:
            self.table.update_item(
                Key={"pk": conversation_key(conversation_id), "sk": member_key(user_id)},
                UpdateExpression="SET lastReadSeq = :seq, readBy = :by",
                ConditionExpression=Attr("lastReadSeq").lt(seq),
                ExpressionAttributeValues={":seq": seq, ":by": "read"},
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if not is_conditional_failure(error):
                raise
            if not error.response.get("Item"):
                raise no_conversation(conversation_id) from error
            return False
        return True

    def bump_inboxes(self, conversation: Conversation, users: list[str]) -> None:
        """Move the conversation to the top of these members' inboxes; never back down, whatever order calls come in."""
        for user in users:
            self._enter_inbox(conversation, user)

    def _enter_inbox(self, conversation: Conversation, user_id: str, *, only_if_absent: bool = False) -> None:
        activity = activity_key(conversation.updated_at, conversation.id)
        absent = Attr("gsi1sk").not_exists()
        later = absent if only_if_absent else absent | Attr("gsi1sk").lt(activity)
        try:
            self.table.update_item(
                Key={"pk": conversation_key(conversation.id), "sk": member_key(user_id)},
                UpdateExpression="SET gsi1pk = :inbox, gsi1sk = :activity",
                ConditionExpression=Attr("pk").exists() & later,
                ExpressionAttributeValues={":inbox": inbox_key(user_id), ":activity": activity},
            )
        except ClientError as error:
            if not is_conditional_failure(error):
                raise

    def inbox(self, user_id: str, cursor: Cursor | None, limit: int) -> list[tuple[str, Membership]]:
        """``(sort key, membership)`` by last activity; up to ``limit + 1``."""
        rows = query_page(self.table, inbox_key(user_id), cursor=cursor, limit=limit, index="gsi1")
        return [(row["gsi1sk"], membership_of(row)) for row in rows]

    def heads(self, conversation_ids: list[str]) -> dict[str, Conversation]:
        found = batch_get({self.name: [(conversation_key(one), HEAD) for one in conversation_ids]})
        heads = [conversation_of(item) for item in found.values()]
        return {head.id: head for head in heads}

    def messages(self, conversation_id: str, cursor: Cursor | None, limit: int) -> list[tuple[str, Message]]:
        """``(sort key, message)`` by ``seq``; up to ``limit + 1``; strongly consistent, so that a resume has no gap."""
        partition = conversation_key(conversation_id)
        rows = query_page(self.table, partition, cursor=cursor, limit=limit, prefix="MSG#", consistent=True)
        return [(row["sk"], message_of(row)) for row in rows]

    def _get(self, conversation_id: str, sort: str) -> Item | None:
        key = {"pk": conversation_key(conversation_id), "sk": sort}
        item = self.table.get_item(Key=key, ConsistentRead=True).get("Item")
        return plain(item) if item else None

    def _member(self, conversation_id: str, user_id: str, seen_at: str | None) -> dict[str, Any]:
        """A membership; only with ``seen_at`` does it stand in the member's inbox."""
        item: dict[str, Any] = {"conversationId": conversation_id, "userId": user_id, "lastReadSeq": 0}
        if seen_at:
            item |= {"gsi1pk": inbox_key(user_id), "gsi1sk": activity_key(seen_at, conversation_id)}
        return item

    def _put_new(self, conversation_id: str, sort: str, attributes: Mapping[str, Any]) -> dict[str, Any]:
        item = {"pk": conversation_key(conversation_id), "sk": sort, **attributes}
        return {"Put": {"TableName": self.name, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}}

    def _update(
        self, conversation_id: str, sort: str, expression: str, values: dict[str, Any], condition: str
    ) -> dict[str, Any]:
        return {
            "Update": {
                "TableName": self.name,
                "Key": {"pk": conversation_key(conversation_id), "sk": sort},
                "UpdateExpression": expression,
                "ConditionExpression": condition,
                "ExpressionAttributeValues": values,
            }
        }


def _pause(attempt: int) -> None:
    """Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/"""
    time.sleep(random.uniform(0, _BACKOFF * 2 ** min(attempt, 5)))  # noqa: S311


def _message_attributes(message: Message) -> dict[str, Any]:
    wire = message.to_wire()
    return {("messageId" if key == "id" else key): value for key, value in wire.items()}


def message_of(item: Mapping[str, Any]) -> Message:
    """A message from its item, or from ``lastMessage`` of the head."""
    return Message(
        id=item["messageId"],
        conversation_id=item["conversationId"],
        seq=int(item["seq"]),
        sender_id=item["senderId"],
        client_message_id=item["clientMessageId"],
        text=item["text"],
        at=item["at"],
    )


def membership_of(item: Mapping[str, Any]) -> Membership:
    return Membership(item["conversationId"], item["userId"], int(item["lastReadSeq"]))


def conversation_of(item: Mapping[str, Any]) -> Conversation:
    """A conversation from its head item."""
    last = item.get("lastMessage")
    return Conversation(
        id=item["pk"].removeprefix("CONV#"),
        kind=item["kind"],
        member_ids=tuple(item["members"]),
        seq=int(item["seq"]),
        last_message=message_of(last) if last else None,
        created_at=item["createdAt"],
        updated_at=item["updatedAt"],
    )
