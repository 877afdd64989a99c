"""Members of conversations in DynamoDB: each change is one transaction, conditional on the version of the list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import Any

from botocore.exceptions import ClientError

from services.chat.groups import line
from services.chat.items import (
    ATTEMPTS,
    HEAD,
    MEMBER_LIST,
    ChatTable,
    activity_key,
    box_key,
    conversation_key,
    conversation_of,
    hidden_key,
    implied_member_list,
    listed_attributes,
    member_attributes,
    member_key,
    member_list_of,
    message_attributes,
    message_key,
    pause,
)
from services.chat.model import Conversation, Member, MemberList, Membership, Message, State, no_conversation
from services.common.clock import now_text
from services.common.dynamo import accepted, cancellation_codes, transact
from services.common.errors import Conflict
from services.common.lazy_dataclasses import dataclass


@dataclass(frozen=True)
class GroupChange:
    """The writes of one change of a group, in one transaction.

    Attributes:
        told: the system line, see ``groups.line``.
        members: new members, and those that changed.
        gone: members who leave.
        head: attributes of the head that are set; ``None`` takes one away.
        only_if: further operations of the transaction, conditions that must hold.
    """

    told: Mapping[str, Any]
    members: Mapping[str, Member] = field(default_factory=dict)
    gone: Sequence[str] = ()
    head: Mapping[str, Any] = field(default_factory=dict)
    only_if: Sequence[Mapping[str, Any]] = ()


#: Gets the head and the member list as they are and checks the rules; ``None`` when there is nothing to do.
GroupPlan = Callable[[Conversation, MemberList], GroupChange | None]


class MemberRepository(ChatTable):
    """Groups, and members' own settings."""

    def create_group(
        self, conversation_id: str, creator: str, title: str, members: Mapping[str, Member], head: Mapping[str, Any]
    ) -> bool:
        """Make the group with its first line; ``False`` when there is one of this id already."""
        at = now_text()
        told = {"type": "created", "userIds": [one for one in members if one != creator], "title": title}
        first = line(conversation_id, 1, creator, at, told)
        body = message_attributes(first)
        begun = {
            "kind": "group", "title": title, "seq": 1, "rev": 0, "memberCount": len(members), "lastMessage": body,
            "createdAt": first.at, "updatedAt": first.at, **head,
        }  # fmt: skip
        member_list = {"version": 1, "members": {user: listed_attributes(one) for user, one in members.items()}}
        operations = [
            self.put_new(conversation_id, HEAD, begun),
            self.put_new(conversation_id, MEMBER_LIST, member_list),
            self.put_new(conversation_id, message_key(1), {"type": "message", **body}),
            *(self._put_member(conversation_id, user, one, first, creator) for user, one in members.items()),
        ]
        try:
            transact(operations)
        except ClientError as error:
            if not cancellation_codes(error):
                raise
            return False
        return True

    def change(
        self, conversation_id: str, actor: str, plan: GroupPlan
    ) -> tuple[Conversation, MemberList, Message | None]:
        """Write the plan, if its conditions still hold; otherwise plan again with the new state.

        Returns:
            Head and member list as they were before, and the line that was added.

        Raises:
            NotFound: the group does not exist.
            Conflict: others changed it at the same time, twelve tries long.
            AppError: what ``plan`` raises.
        """
        for attempt in range(ATTEMPTS):
            head_item, list_item = self.get_all(conversation_id, HEAD, MEMBER_LIST)
            if head_item is None or list_item is None or head_item["kind"] != "group":
                raise no_conversation(conversation_id)
            head, member_list = conversation_of(head_item), member_list_of(conversation_id, list_item)
            change = plan(head, member_list)
            if change is None:
                return head, member_list, None
            told = line(conversation_id, head.seq + 1, actor, head.updated_at, change.told)
            try:
                transact(self._operations(head, member_list, change, told))
            except ClientError as error:
                if not cancellation_codes(error):
                    raise
                pause(attempt)
            else:
                return head, member_list, told
        raise Conflict("Others are changing this group right now; try again.")

    def _operations(
        self, head: Conversation, member_list: MemberList, change: GroupChange, told: Message
    ) -> list[Mapping[str, Any]]:
        joining = {user: one for user, one in change.members.items() if user not in member_list.members}
        count = len(member_list.members) + len(joining) - len(change.gone)
        operations: list[Mapping[str, Any]] = [
            self._head_update(head.id, told, change, count),
            self.put_new(head.id, message_key(told.seq), {"type": "message", **message_attributes(told)}),
            self._member_list_update(head.id, member_list.version, change.members, change.gone),
            *(self._put_member(head.id, user, one, told, told.sender_id) for user, one in joining.items()),
            *(self.delete(head.id, member_key(user)) for user in change.gone),
            *change.only_if,
        ]
        if told.sender_id not in joining and told.sender_id not in change.gone:
            operations.append(
                self.update(
                    head.id, member_key(told.sender_id), "SET lastReadSeq = :seq, readBy = :by, gsi1sk = :activity",
                    {":seq": told.seq, ":by": "send", ":activity": activity_key(told.at, head.id)},
                    "attribute_exists(pk)",
                )
            )  # fmt: skip
        return operations

    def _head_update(self, conversation_id: str, told: Message, change: GroupChange, count: int) -> dict[str, Any]:
        values: dict[str, Any] = {
            ":seq": told.seq, ":message": message_attributes(told), ":at": told.at, ":before": told.seq - 1,
            ":count": count,
        }  # fmt: skip
        sets = ["seq = :seq", "lastMessage = :message", "updatedAt = :at", "memberCount = :count"]
        removes, names = [], {}
        for number, (name, value) in enumerate(change.head.items()):
            names[f"#h{number}"] = name
            if value is None:
                removes.append(f"#h{number}")
            else:
                sets.append(f"#h{number} = :h{number}")
                values[f":h{number}"] = value
        expression = f"SET {', '.join(sets)}" + (f" REMOVE {', '.join(removes)}" if removes else "")
        return self.update(conversation_id, HEAD, expression, values, "seq = :before", names)

    def _member_list_update(
        self, conversation_id: str, version: int, members: Mapping[str, Member], gone: Sequence[str]
    ) -> dict[str, Any]:
        names, values = {"#v": "version"}, {":v": version, ":next": version + 1}
        sets, removes = ["#v = :next"], []
        for number, (user, member) in enumerate(members.items()):
            names[f"#u{number}"] = user
            values[f":u{number}"] = listed_attributes(member)  # type: ignore[assignment]
            sets.append(f"members.#u{number} = :u{number}")
        for number, user in enumerate(gone):
            names[f"#g{number}"] = user
            removes.append(f"members.#g{number}")
        expression = f"SET {', '.join(sets)}" + (f" REMOVE {', '.join(removes)}" if removes else "")
        return self.update(conversation_id, MEMBER_LIST, expression, values, "#v = :v", names)

    def _put_member(self, conversation_id: str, user: str, member: Member, told: Message, actor: str) -> dict[str, Any]:
        """A new member: unread from the line that announced them on; the actor has read it."""
        read = told.seq if user == actor else told.seq - 1
        membership = Membership(conversation_id, user, read, read, member.since, member.state)
        return self.put(
            conversation_id, member_key(user), member_attributes(membership, activity_key(told.at, conversation_id))
        )

    def answer(self, conversation_id: str, user_id: str, state: State) -> bool:
        """Accept or decline; ``False`` when that is so already.

        Raises:
            NotFound: no member.
            Conflict: something else changed at the same time.
        """
        for attempt in range(ATTEMPTS):
            head_item, list_item, mine = self.get_all(conversation_id, HEAD, MEMBER_LIST, member_key(user_id))
            if head_item is None or mine is None:
                raise no_conversation(conversation_id)
            head = conversation_of(head_item)
            member_list = member_list_of(conversation_id, list_item) if list_item else implied_member_list(head)
            before = member_list.require(user_id)
            if before.state == state or list_item is None:
                return False
            try:
                transact(self._answer_operations(head, member_list, user_id, state))
            except ClientError as error:
                if not cancellation_codes(error):
                    raise
                pause(attempt)
            else:
                return True
        raise Conflict("This conversation is being changed elsewhere; try again.")

    def _answer_operations(
        self, head: Conversation, member_list: MemberList, user: str, state: State
    ) -> list[Mapping[str, Any]]:
        before = member_list.members[user]
        states: dict[str, Any] = {":state": state, ":before": before.state}
        names = {"#s": "state", "#u": user}
        member, values = "SET #s = :state REMOVE gsi1pk, gsi1sk", dict(states)
        if state != "declined":
            member = "SET #s = :state, gsi1pk = :box, gsi1sk = :activity"
            values |= {":box": box_key(user, state), ":activity": activity_key(head.updated_at, head.id)}
        operations: list[Mapping[str, Any]] = [
            self.update(
                head.id, MEMBER_LIST, "SET members.#u.#s = :state, #v = #v + :one", {**states, ":one": 1},
                "members.#u.#s = :before", {**names, "#v": "version"},
            ),
            self.update(head.id, member_key(user), member, values, "#s = :before", {"#s": "state"}),
        ]  # fmt: skip
        if state == "active" and head.pending_for == user:
            operations.append(self.update(head.id, HEAD, "REMOVE pendingFor", {}, "attribute_exists(pk)"))
        return operations

    def mute(self, conversation_id: str, user_id: str, until: str | None) -> None:
        """Mute until then; ``None`` unmutes.

        Raises:
            NotFound: no member.
        """
        action = "SET {} = :until" if until else "REMOVE {}"
        values = {":until": until} if until else {}
        path, names = "members.#u.muted_until", {"#u": user_id}
        operations = [
            self.update(
                conversation_id, MEMBER_LIST, action.format(path), values, "attribute_exists(members.#u)", names
            ),
            self.update(
                conversation_id, member_key(user_id), action.format("mutedUntil"), values, "attribute_exists(pk)"
            ),
        ]
        for attempt in range(ATTEMPTS):
            try:
                return transact(operations)
            except ClientError as error:
                codes = cancellation_codes(error)
                if not codes:
                    raise
                if "ConditionalCheckFailed" in codes:
                    raise no_conversation(conversation_id) from error
                pause(attempt)
        raise Conflict("This conversation is being changed elsewhere; try again.")

    def hide(self, conversation_id: str, user_id: str, seqs: Sequence[int], limit: int) -> bool:
        """Delete messages for this member alone; ``False`` when they have hidden ``limit`` already."""
        return accepted(
            self.table.update_item,
            Key={"pk": conversation_key(conversation_id), "sk": hidden_key(user_id)},
            UpdateExpression="ADD seqs :seqs SET userId = :user",
            ConditionExpression="attribute_not_exists(seqs) OR size(seqs) < :limit",
            ExpressionAttributeValues={":seqs": set(seqs), ":user": user_id, ":limit": limit},
        )
