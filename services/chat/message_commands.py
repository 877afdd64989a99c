"""Commands on existing messages: edit, delete, react."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from services.chat import model
from services.chat.content import check_emoji, check_text, links_of
from services.chat.groups import require
from services.chat.model import Conversation, Membership, Message
from services.chat.ports import ChatPorts
from services.common.clock import from_text, now, now_text
from services.common.errors import Forbidden, Unprocessable

EDIT_WINDOW = timedelta(hours=24)


#: Beyond this the item of what one member has hidden would grow without end.
HIDE_LIMIT = 2000


class MessageCommands:
    """Edit, delete, react."""

    def __init__(self, ports: ChatPorts) -> None:
        self._ports = ports

    def edit(self, user_id: str, conversation_id: str, seq: int, text: str) -> Message:
        """Another text for the caller's own message, within a day.

        Raises:
            NotFound: no such message here.
            Forbidden: not the caller's own, or too late; in a conversation of two a block stands between.
            Unprocessable: deleted, or a line that nobody wrote.
        """
        model.check_conversation_id(conversation_id)

        def edited(head: Conversation, _: Membership, message: Message) -> Message:
            if message.system:
                raise Unprocessable("This line is not a message: it describes a change of the group.")
            if message.sender_id != user_id:
                raise Forbidden("Only its author can edit a message.")
            if message.deleted:
                raise Unprocessable("This message was deleted.")
            if now() - from_text(message.at) > EDIT_WINDOW:
                raise Forbidden("A message can be edited within 24 hours.")
            new = check_text(text, least=0 if message.media else 1)
            if new == message.text:
                return message
            self._check_blocks(head, user_id)
            mentions = self._ports.mentions_in(head, new, message.mentions)
            return replace(message, text=new, links=links_of(new), mentions=mentions, edited_at=now_text())

        return self._ports.changes.apply(conversation_id, user_id, seq, edited)

    def delete_for_all(self, user_id: str, conversation_id: str, seq: int) -> Message:
        """Empty a message; its place in the log stays. The caller's own, or as admin that of a lower role.

        Raises:
            NotFound: no such message here.
            Forbidden: somebody else's.
            Unprocessable: a line that nobody wrote.
        """
        model.check_conversation_id(conversation_id)

        def erased(head: Conversation, _: Membership, message: Message) -> Message:
            if message.system:
                raise Unprocessable("This line is not a message: it describes a change of the group.")
            if message.sender_id != user_id:
                member_list = self._ports.chat.member_list(head.id)
                if head.kind != "group" or member_list is None:
                    raise Forbidden("Only its author can delete a message for everyone.")
                require(member_list, user_id, "erase", message.sender_id)
            return message if message.deleted else message.emptied(for_all=True)

        return self._ports.changes.apply(conversation_id, user_id, seq, erased)

    def delete_for_me(self, user_id: str, conversation_id: str, seq: int) -> None:
        """Hide a message from oneself, on all devices.

        Raises:
            NotFound: no such message here.
            Unprocessable: one has hidden 2000 messages of this conversation.
        """
        model.check_conversation_id(conversation_id)
        head, mine = self._ports.chat.seen_by(conversation_id, user_id)
        if not mine.since <= seq <= head.seq:
            raise model.no_message(seq)
        if not self._ports.members.hide(conversation_id, user_id, [seq], HIDE_LIMIT):
            raise Unprocessable(f"You can hide up to {HIDE_LIMIT} messages of a conversation.")

    def react(self, user_id: str, conversation_id: str, seq: int, emoji: str | None) -> Message:
        """The caller's reaction to a message, one per person; ``None`` takes it back.

        Raises:
            BadRequest: not one emoji.
            NotFound: no such message here.
            Forbidden: a request that was not accepted; in a conversation of two a block stands between, but for taking
                back.
            Unprocessable: deleted, or a line that nobody wrote.
        """
        model.check_conversation_id(conversation_id)
        wanted = check_emoji(emoji) if emoji is not None else None

        def reacted(head: Conversation, mine: Membership, message: Message) -> Message:
            if mine.state != "active":
                raise Forbidden("Accept the request first.")
            if wanted:
                self._check_blocks(head, user_id)
            if message.system or message.deleted:
                raise Unprocessable(
                    "You can't react to this message: it was deleted, or it describes a change of the group."
                )
            others = {user: one for user, one in message.reactions.items() if user != user_id}
            return replace(message, reactions={**others, user_id: wanted} if wanted else others)

        return self._ports.changes.apply(conversation_id, user_id, seq, reacted)

    def _check_blocks(self, head: Conversation, user_id: str) -> None:
        """Edits and reactions count as writing to the other person."""
        other = head.other(user_id)
        if other is not None:
            self._ports.privacy.check_blocks(user_id, other)
