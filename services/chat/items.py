"""Items of the chat table: keys, and from items to the model and back. Access patterns: docs/contexts/chat.md."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from services.chat.model import Conversation, Member, MemberList, Membership, Message
from services.common.dynamo import Item, Repository, batch_get, plain

HEAD = "HEAD"
MEMBER_LIST = "ROSTER"
#: The prefix of the sort keys of messages.
MESSAGES = "MSG#"
SEQ_DIGITS = 12
#: Writers of one conversation queue up at its head; past this the client tries again (with the same client id).
ATTEMPTS = 12
_BACKOFF = 0.01


def conversation_key(conversation_id: str) -> str:
    return f"CONV#{conversation_id}"


def inbox_key(user_id: str) -> str:
    return f"INBOX#{user_id}"


def requests_key(user_id: str) -> str:
    return f"REQUESTS#{user_id}"


def box_key(user_id: str, state: str) -> str:
    """The list that has the conversation for a member of this state."""
    return requests_key(user_id) if state == "request" else inbox_key(user_id)


def member_key(user_id: str) -> str:
    return f"MEMBER#{user_id}"


def hidden_key(user_id: str) -> str:
    return f"HIDDEN#{user_id}"


def message_key(seq: int) -> str:
    return f"{MESSAGES}{seq:0{SEQ_DIGITS}}"


def change_key(rev: int) -> str:
    return f"CHG#{rev:0{SEQ_DIGITS}}"


def sent_key(author: str, client_message_id: str) -> str:
    """The marker that this author's client has sent this message, with its ``seq``."""
    return f"SENT#{author}#{client_message_id}"


def activity_key(updated_at: str, conversation_id: str) -> str:
    return f"{updated_at}#{conversation_id}"


class ChatTable(Repository):
    """Base of repositories that write the chat table."""

    def get(self, conversation_id: str, sort: str) -> Item | None:
        """One item of a conversation, strongly consistent."""
        key = {"pk": conversation_key(conversation_id), "sk": sort}
        item = self.table.get_item(Key=key, ConsistentRead=True).get("Item")
        return plain(item) if item else None

    def get_all(self, conversation_id: str, *sorts: str) -> list[Item | None]:
        """Several items of one conversation, strongly consistent, in one request."""
        partition = conversation_key(conversation_id)
        found = batch_get({self.name: [(partition, sort) for sort in sorts]}, consistent=True)
        return [found.get((self.name, partition, sort)) for sort in sorts]

    def put_new(self, conversation_id: str, sort: str, attributes: Mapping[str, Any]) -> dict[str, Any]:
        """A transaction's ``Put`` of an item that must not be there yet."""
        return self.put(conversation_id, sort, attributes, "attribute_not_exists(pk)")

    def put(
        self, conversation_id: str, sort: str, attributes: Mapping[str, Any], condition: str | None = None,
        values: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """A transaction's ``Put``."""
        body: dict[str, Any] = {
            "TableName": self.name,
            "Item": {"pk": conversation_key(conversation_id), "sk": sort, **attributes},
        }
        if condition:
            body["ConditionExpression"] = condition
        if values:
            body["ExpressionAttributeValues"] = values
        return {"Put": body}

    def update(
        self, conversation_id: str, sort: str, expression: str, values: Mapping[str, Any], condition: str,
        names: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """A transaction's ``Update``."""
        body: dict[str, Any] = {
            "TableName": self.name,
            "Key": {"pk": conversation_key(conversation_id), "sk": sort},
            "UpdateExpression": expression,
            "ConditionExpression": condition,
        }
        if values:
            body["ExpressionAttributeValues"] = values
        if names:
            body["ExpressionAttributeNames"] = names
        return {"Update": body}

    def delete(self, conversation_id: str, sort: str) -> dict[str, Any]:
        """A transaction's ``Delete``."""
        return {"Delete": {"TableName": self.name, "Key": {"pk": conversation_key(conversation_id), "sk": sort}}}


def pause(attempt: int) -> None:
    """Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/"""
    time.sleep(random.uniform(0, _BACKOFF * 2 ** min(attempt, 5)))  # noqa: S311


def message_attributes(message: Message) -> dict[str, Any]:
    """The stored attributes of a message, in its item and in the head."""
    kept: dict[str, Any] = {
        "messageId": message.id,
        "conversationId": message.conversation_id,
        "seq": message.seq,
        "senderId": message.sender_id,
        "clientMessageId": message.client_message_id,
        "text": message.text,
        "at": message.at,
        "rev": message.rev,
        "replyTo": message.reply_to,
        "editedAt": message.edited_at,
        "media": [{k: v for k, v in one.items() if v is not None} for one in message.media] or None,
        "mentions": dict(message.mentions) or None,
        "links": list(message.links) or None,
        "system": dict(message.system) if message.system else None,
        "reactions": dict(message.reactions) or None,
        "deleted": message.deleted or None,
    }
    return {key: value for key, value in kept.items() if value is not None}


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
        media=tuple({"url": None, "thumbnailUrl": None, **one} for one in item.get("media", ())),
        reply_to=item.get("replyTo"),
        mentions=item.get("mentions", {}),
        links=tuple(item.get("links", ())),
        system=item.get("system"),
        reactions=item.get("reactions", {}),
        edited_at=item.get("editedAt"),
        deleted=bool(item.get("deleted")),
        rev=int(item.get("rev", 0)),
    )


def member_attributes(membership: Membership, box_at: str | None) -> dict[str, Any]:
    """A member's item; only with ``box_at`` (an activity key) does it stand in one of the member's lists."""
    kept: dict[str, Any] = {
        "conversationId": membership.conversation_id,
        "userId": membership.user_id,
        "lastReadSeq": membership.last_read_seq,
        "deliveredSeq": membership.delivered_seq,
        "since": membership.since,
        "state": membership.state,
    }
    if membership.muted_until:
        kept["mutedUntil"] = membership.muted_until
    if box_at:
        kept |= {"gsi1pk": box_key(membership.user_id, membership.state), "gsi1sk": box_at}
    return kept


def membership_of(item: Mapping[str, Any]) -> Membership:
    return Membership(
        item["conversationId"],
        item["userId"],
        int(item["lastReadSeq"]),
        int(item.get("deliveredSeq", 0)),
        int(item.get("since", 1)),
        item.get("state", "active"),
        item.get("mutedUntil"),
    )


def listed_attributes(member: Member) -> dict[str, Any]:
    return {key: value for key, value in asdict(member).items() if value is not None}


def member_list_of(conversation_id: str, item: Mapping[str, Any]) -> MemberList:
    members = {user: Member(**one) for user, one in item["members"].items()}
    return MemberList(conversation_id, int(item["version"]), members)


def conversation_of(item: Mapping[str, Any]) -> Conversation:
    """A conversation from its head item."""
    last = item.get("lastMessage")
    return Conversation(
        id=item["pk"].removeprefix("CONV#"),
        kind=item["kind"],
        seq=int(item["seq"]),
        last_message=message_of(last) if last else None,
        created_at=item["createdAt"],
        updated_at=item["updatedAt"],
        # ``members``: as conversations of two were written at first.
        partners=tuple(item.get("partners") or item.get("members") or ()),
        rev=int(item.get("rev", 0)),
        title=item.get("title"),
        avatar_url=item.get("avatarUrl"),
        member_count=int(item.get("memberCount", 2)),
        pending_for=item.get("pendingFor"),
        deleted_seqs=tuple(int(seq) for seq in item.get("deletedSeqs", ())),
    )


def implied_member_list(head: Conversation) -> MemberList:
    """The member list of a conversation of two that was begun before member lists were kept."""
    member = Member("member", 1, "active", head.created_at)
    return MemberList(head.id, 0, dict.fromkeys(head.partners, member))
