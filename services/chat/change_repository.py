"""Changes of existing messages: edit, delete, react. Each takes the next ``rev`` of its conversation.

The entry ``CHG#<rev>`` says which message changed, not how: a client that resumes gets each message once, in its
current state, so that the log keeps no deleted content.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from botocore.exceptions import ClientError

from services.chat.content import check_size
from services.chat.items import (
    ATTEMPTS,
    HEAD,
    ChatTable,
    change_key,
    conversation_of,
    member_key,
    membership_of,
    message_attributes,
    message_key,
    message_of,
    pause,
)
from services.chat.model import DELETED_KEPT, Conversation, Membership, Message, no_conversation, no_message
from services.common.dynamo import cancellation_codes, transact
from services.common.errors import Conflict

#: Gets the message as it is and gives the one that shall be, or the same for "nothing to do"; raises what is refused.
Edit = Callable[[Conversation, Membership, Message], Message]


class ChangeRepository(ChatTable):
    """Writes the log of changes."""

    def apply(self, conversation_id: str, user_id: str, seq: int, edit: Edit) -> Message:
        """The message after ``edit``, conditional on its ``rev`` and on the conversation's: no change is lost.

        Raises:
            NotFound: no member, or no such message for this member.
            Conflict: others changed the conversation at the same time, twelve tries long.
            AppError: what ``edit`` raises.
        """
        for attempt in range(ATTEMPTS):
            head_item, mine, item = self.get_all(conversation_id, HEAD, member_key(user_id), message_key(seq))
            if head_item is None or mine is None:
                raise no_conversation(conversation_id)
            head, membership = conversation_of(head_item), membership_of(mine)
            if item is None or seq < membership.since:
                raise no_message(seq)
            before = message_of(item)
            after = edit(head, membership, before)
            if after == before:
                return before
            after = check_size(replace(after, rev=head.rev + 1))
            try:
                transact(self._operations(head, before, after))
            except ClientError as error:
                if not cancellation_codes(error):
                    raise
                pause(attempt)
            else:
                return after
        raise Conflict("Others are changing this conversation right now; try again.")

    def _operations(self, head: Conversation, before: Message, after: Message) -> list[dict[str, object]]:
        conversation_id, body = head.id, message_attributes(after)
        expression = "SET rev = :rev"
        values: dict[str, object] = {":rev": after.rev, ":before": head.rev, ":seq": head.seq}
        if after.seq == head.seq:
            expression, values[":message"] = f"{expression}, lastMessage = :message", body
        if after.deleted and not before.deleted:
            expression += ", deletedSeqs = :deleted"
            values[":deleted"] = sorted({*head.deleted_seqs, after.seq})[-DELETED_KEPT:]
        # A head that is older than the count of changes has none.
        condition = "(rev = :before OR attribute_not_exists(rev)) AND seq = :seq"
        same = "attribute_exists(pk) AND (rev = :was OR attribute_not_exists(rev))"
        return [
            self.update(conversation_id, HEAD, expression, values, condition),
            self.put(conversation_id, message_key(after.seq), {"type": "message", **body}, same, {":was": before.rev}),
            self.put_new(conversation_id, change_key(after.rev), {"rev": after.rev, "seq": after.seq}),
        ]
