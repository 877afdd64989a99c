"""Commands on conversations: open, write, mark, answer requests. HTTP and sockets share these.

Commands on groups are in ``group_commands.py``, changes of messages in ``message_commands.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from services.chat import model
from services.chat.content import check_media, check_text, links_of
from services.chat.events import typing_frame
from services.chat.model import REQUEST_MESSAGES, Conversation, ConversationView, Membership, Message, Presence
from services.chat.ports import ChatPorts
from services.chat.repository import NewMessage
from services.common.errors import FieldError, NotFound, Unprocessable
from services.common.lazy_dataclasses import dataclass
from services.realtime.public import Delivery


@dataclass(frozen=True)
class OutgoingMessage:
    """A message as its author sent it."""

    client_message_id: str
    text: str = ""
    media_ids: Sequence[str] = ()
    reply_to: int | None = None


class ConversationCommands:
    """Open, write, mark, mute; presence."""

    def __init__(self, ports: ChatPorts) -> None:
        self._ports = ports

    def open(self, user_id: str, member_id: str) -> tuple[ConversationView, bool]:
        """The conversation of the two, and whether it is new.

        Raises:
            BadRequest: ``member_id`` is no user id.
            Unprocessable: it is the caller's own.
            NotFound: nobody has this id.
            Forbidden: a block stands between; or they take no messages from the caller, except in a conversation that
                was begun before.
        """
        model.check_partner(user_id, member_id)
        if member_id not in self._ports.people.find([member_id]):
            raise NotFound("Person not found.")
        conversation_id = model.direct_id(user_id, member_id)
        self._ports.privacy.check_blocks(user_id, member_id)
        known = self._ports.chat.membership(conversation_id, user_id) is not None
        state = "active" if known else self._ports.privacy.states(user_id, [member_id])[member_id]
        _, created = self._ports.chat.open_direct(conversation_id, user_id, member_id, state)
        return self._ports.view_of(user_id, conversation_id), created

    def send(self, user_id: str, conversation_id: str, outgoing: OutgoingMessage) -> Message:
        """Add a message; sent again with the same client id, the first is returned as it is now.

        A member who answers a request by writing accepts it.

        Raises:
            BadRequest, TooLarge: see ``content``.
            NotFound: no member, or no message to reply to.
            Unprocessable: attachments that are not ready; more than a stranger may send before the other has accepted.
            Forbidden: in a conversation of two a block stands between, or the other takes no messages from strangers.
            Conflict: see ``ChatRepository.append``.
        """
        model.check_conversation_id(conversation_id)
        text = check_text(outgoing.text, least=0 if outgoing.media_ids else 1)
        head, mine = self._ports.chat.seen_by(conversation_id, user_id)
        other = head.other(user_id)
        if other is not None:
            self._ports.privacy.check_blocks(user_id, other)
        if head.pending_for is not None and head.pending_for != user_id:
            before = self._ports.chat.sent_before(conversation_id, user_id, outgoing.client_message_id)
            if before is not None:
                return before
            self._check_request(head, user_id, outgoing)
        if mine.state != "active":
            self._ports.members.answer(conversation_id, user_id, "active")
        content = Message("", "", 0, "", "", text, "", links=links_of(text))
        content = self._with_extras(head, mine, content, outgoing)
        message, _ = self._ports.chat.append(
            NewMessage(conversation_id, user_id, outgoing.client_message_id, text, content), head
        )
        return message

    def _check_request(self, head: Conversation, user_id: str, outgoing: OutgoingMessage) -> None:
        if head.seq >= REQUEST_MESSAGES:
            raise Unprocessable(f"You can send up to {REQUEST_MESSAGES} messages until they accept.")
        if outgoing.media_ids:
            raise Unprocessable("You can send attachments once they have accepted.")
        self._ports.privacy.states(user_id, [head.pending_for or ""])

    def _with_extras(
        self, head: Conversation, mine: Membership, content: Message, outgoing: OutgoingMessage
    ) -> Message:
        media = check_media(self._ports.media, mine.user_id, outgoing.media_ids)
        if outgoing.reply_to is not None and not mine.since <= outgoing.reply_to <= head.seq:
            raise model.no_message(outgoing.reply_to)
        mentions = self._ports.mentions_in(head, content.text, {})
        return replace(content, media=media, reply_to=outgoing.reply_to, mentions=mentions)

    def mark(self, user_id: str, conversation_id: str, seq: int, kind: Literal["read", "delivered"]) -> None:
        """Mark everything up to ``seq`` as read (or delivered); an older mark changes nothing.

        Raises:
            NotFound: no member.
            Unprocessable: there is no message ``seq`` yet.
        """
        model.check_conversation_id(conversation_id)
        head, _ = self._ports.chat.seen_by(conversation_id, user_id)
        if seq > head.seq:
            fault = FieldError("seq", f"at most {head.seq}", str(seq))
            raise Unprocessable("`seq` is beyond the last message.", fault)
        self._ports.chat.mark(conversation_id, user_id, seq, read=kind == "read")

    def typing(self, user_id: str, conversation_id: str) -> None:
        """Tell the other members now; nothing is stored. A member who has not accepted the request sends nothing, and
        nothing crosses a block.

        Raises:
            NotFound: no member.
        """
        model.check_conversation_id(conversation_id)
        member_list = self._ports.chat.member_list(conversation_id)
        if member_list is None or member_list.require(user_id).state != "active":
            if member_list is None:
                raise model.no_conversation(conversation_id)
            return
        others = self._ports.privacy.without_blocked(user_id, (one for one in member_list.active() if one != user_id))
        if others:
            self._ports.transport().send([Delivery(others, typing_frame(conversation_id, user_id))])

    def mute(self, user_id: str, conversation_id: str, until: str | None) -> None:
        """Raises ``NotFound`` when the user is no member."""
        model.check_conversation_id(conversation_id)
        self._ports.members.mute(conversation_id, user_id, until)

    def presence(self, user_id: str, conversation_ids: Sequence[str], most: int = 200) -> Presence:
        """Record that this person is present; return the presence of people in their conversations who show it.

        A person who hides their presence sees nobody's, and a block hides it both ways. One request covers the first
        conversations with up to ``most`` people in total (at least one conversation); ``rest`` are those to ask for
        next.
        """
        for one in conversation_ids:
            model.check_conversation_id(one)
        if not self._ports.settings.settings_of([user_id])[user_id].presence:
            return Presence({}, [])
        self._ports.settings.saw(user_id)
        member_lists = {
            member_list.conversation_id: member_list for member_list in self._ports.chat.member_lists(conversation_ids)
        }
        known: set[str] = set()
        rest: list[str] = []
        for one in dict.fromkeys(conversation_ids):
            present = _shown_to(member_lists.get(one), user_id)
            if rest or (known and len(known | present) > most):
                rest.append(one)
            else:
                known |= present
        wanted = self._ports.privacy.without_blocked(user_id, sorted(known))
        showing = [one for one, settings in self._ports.settings.settings_of(wanted).items() if settings.presence]
        seen = self._ports.settings.last_seen(showing)
        return Presence({one: seen.get(one) for one in showing}, rest)


def _shown_to(member_list: model.MemberList | None, user_id: str) -> set[str]:
    """The others of a conversation that is small enough for presence, if one is in it."""
    if member_list is None or len(member_list.members) > model.RECEIPTS_LIMIT or user_id not in member_list.active():
        return set()
    return set(member_list.active()) - {user_id}
