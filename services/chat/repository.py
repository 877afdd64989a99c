"""Chat in DynamoDB: conversations that open, messages that are sent, marks. Keys: docs/contexts/chat.md."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field, replace

from boto3.dynamodb.conditions import Attr
from botocore.exceptions import ClientError

from services.chat.items import (
    ATTEMPTS,
    HEAD,
    MEMBER_LIST,
    activity_key,
    box_key,
    conversation_key,
    conversation_of,
    inbox_key,
    listed_attributes,
    member_attributes,
    member_key,
    membership_of,
    message_attributes,
    message_key,
    pause,
    sent_key,
)
from services.chat.model import Conversation, Member, Membership, Message, State, later, no_conversation
from services.chat.read_repository import ChatReads
from services.common.clock import now_text
from services.common.dynamo import cancellation_codes, is_conditional_failure, transact
from services.common.errors import Conflict
from services.common.ids import new_id
from services.common.lazy_dataclasses import dataclass


@dataclass(frozen=True)
class NewMessage:
    """A message before it has its ``seq``."""

    conversation_id: str
    sender_id: str
    client_message_id: str
    text: str
    content: Message | None = field(default=None, repr=False)

    def at(self, message_id: str, head: Conversation) -> Message:
        """The message as the next of the conversation."""
        bare = self.content or Message("", "", 0, "", "", self.text, "")
        return replace(
            bare, id=message_id, conversation_id=self.conversation_id, seq=head.seq + 1, sender_id=self.sender_id,
            client_message_id=self.client_message_id, at=later(head.updated_at),
        )  # fmt: skip


class ChatRepository(ChatReads):
    """Opens, sends and marks, on top of the reads."""

    def open_direct(
        self, conversation_id: str, creator: str, other: str, state: State = "active"
    ) -> tuple[Conversation, bool]:
        """The conversation of two people, and whether it is new. It is in the creator's inbox from now on.

        Args:
            state: ``request`` when the other has yet to accept.
        """
        at = now_text()
        head = {
            "kind": "direct", "partners": sorted((creator, other)), "seq": 0, "rev": 0, "memberCount": 2,
            "createdAt": at, "updatedAt": at, **({"pendingFor": other} if state == "request" else {}),
        }  # fmt: skip
        members = {creator: Member("member", 1, "active", at), other: Member("member", 1, state, at)}
        puts = [
            self.put_new(
                conversation_id,
                member_key(user),
                member_attributes(
                    Membership(conversation_id, user, 0, state=one.state),
                    activity_key(at, conversation_id) if user == creator else None,
                ),
            )
            for user, one in members.items()
        ]
        member_list = {"version": 1, "members": {user: listed_attributes(one) for user, one in members.items()}}
        heads = [self.put_new(conversation_id, HEAD, head), self.put_new(conversation_id, MEMBER_LIST, member_list)]
        try:
            transact([*heads, *puts])
        except ClientError as error:
            codes = cancellation_codes(error)
            if "ConditionalCheckFailed" not in codes and "TransactionConflict" not in codes:
                raise
            return self._reopen(conversation_id, creator), False
        return conversation_of({"pk": conversation_key(conversation_id), **head}), True

    def _reopen(self, conversation_id: str, user_id: str) -> Conversation:
        """When two open it at the same moment, the loser waits until the winner's items exist."""
        for attempt in range(ATTEMPTS):
            head, mine = self.get_all(conversation_id, HEAD, member_key(user_id))
            if head and mine:
                found, membership = conversation_of(head), membership_of(mine)
                if membership.state == "active":
                    self._enter_box(found, user_id, "active", only_if_absent=True)
                return found
            pause(attempt)
        raise Conflict("This conversation is being opened elsewhere; try again.")

    def append(self, new: NewMessage, known: Conversation | None = None) -> tuple[Message, bool]:
        """Give the message the next ``seq`` of its conversation, and whether it is new.

        One transaction: the message, the head (only if nobody was faster), the author's client id (only once), and
        the author (only if a member) has read all up to it. A message that was sent before is returned as it is.

        Args:
            known: the head as the caller has just read it, for the first try.

        Raises:
            NotFound: the author is no member.
            Conflict: too many others wrote at the same time, twelve tries long.
        """
        message_id = new_id()
        for attempt in range(ATTEMPTS):
            head = known or self.seen_by(new.conversation_id, new.sender_id)[0]
            known = None
            message = new.at(message_id, head)
            try:
                transact(self._append_operations(message))
            except ClientError as error:
                codes = cancellation_codes(error)
                if not codes:
                    raise
                if codes[0] == "ConditionalCheckFailed":
                    return self.sent(new), False
                pause(attempt)
            else:
                return message, True
        raise Conflict("Many are writing to this conversation right now; try again.")

    def _append_operations(self, message: Message) -> list[dict[str, object]]:
        conversation_id, author = message.conversation_id, message.sender_id
        body = message_attributes(message)
        return [
            self.put_new(conversation_id, sent_key(author, message.client_message_id), {"seq": message.seq}),
            self.put_new(conversation_id, message_key(message.seq), {"type": "message", **body}),
            self.update(
                conversation_id,
                HEAD,
                "SET seq = :seq, lastMessage = :message, updatedAt = :at",
                {":seq": message.seq, ":message": body, ":at": message.at, ":before": message.seq - 1},
                "seq = :before",
            ),
            self.update(
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

    def sent(self, new: NewMessage) -> Message:
        """The message with this client id."""
        found = self.sent_before(new.conversation_id, new.sender_id, new.client_message_id)
        if found is None:
            raise Conflict("This message is being sent elsewhere; try again.")
        return found

    def sent_before(self, conversation_id: str, sender_id: str, client_message_id: str) -> Message | None:
        item = self.get(conversation_id, sent_key(sender_id, client_message_id))
        return self.message(conversation_id, int(item["seq"])) if item else None

    def mark(self, conversation_id: str, user_id: str, seq: int, *, read: bool) -> bool:
        """Move the read (or delivered) mark forward to ``seq``; ``False`` when it already is there or beyond.

        Raises:
            NotFound: the user is no member.
        """
        name = "lastReadSeq" if read else "deliveredSeq"
        expression = f"SET {name} = :seq" + (", readBy = :by" if read else "")
        values: dict[str, object] = {":seq": seq, **({":by": "read"} if read else {})}
        try:
            self.table.update_item(
                Key={"pk": conversation_key(conversation_id), "sk": member_key(user_id)},
                UpdateExpression=expression,
                ConditionExpression=Attr("pk").exists() & (Attr(name).not_exists() | Attr(name).lt(seq)),
                ExpressionAttributeValues=values,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if not is_conditional_failure(error):
                raise
            if not error.response.get("Item"):
                raise no_conversation(conversation_id) from error
            return False
        return True

    def bump_boxes(self, conversation: Conversation, users: Iterable[tuple[str, State]]) -> None:
        """Move the conversation to the top of these members' lists; calls out of order never move it down."""
        for user, state in users:
            self._enter_box(conversation, user, state)

    def _enter_box(
        self, conversation: Conversation, user_id: str, state: State, *, only_if_absent: bool = False
    ) -> None:
        activity = activity_key(conversation.updated_at, conversation.id)
        absent = Attr("gsi1sk").not_exists()
        later_than = absent if only_if_absent else absent | Attr("gsi1sk").lt(activity)
        # A concurrent accept or decline wins; before there were states, everyone was active.
        same = Attr("state").eq(state) | Attr("state").not_exists()
        try:
            self.table.update_item(
                Key={"pk": conversation_key(conversation.id), "sk": member_key(user_id)},
                UpdateExpression="SET gsi1pk = :box, gsi1sk = :activity",
                ConditionExpression=Attr("pk").exists() & same & later_than,
                ExpressionAttributeValues={":box": box_key(user_id, state), ":activity": activity},
            )
        except ClientError as error:
            if not is_conditional_failure(error):
                raise
