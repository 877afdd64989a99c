"""Reads of chat, for the Query function."""

from __future__ import annotations

from collections.abc import Sequence

from services.chat.content import searched
from services.chat.groups import require
from services.chat.items import message_key
from services.chat.link_repository import JoinLink, LinkRepository
from services.chat.model import (
    ConversationView,
    MemberList,
    Membership,
    Message,
    check_conversation_id,
    no_conversation,
)
from services.chat.privacy import ChatPrivacy, ChatSettings, ChatSettingsRepository
from services.chat.repository import ChatRepository
from services.chat.resources import LinkPreview
from services.chat.views import link_preview_resource
from services.common.cursors import Cursor, Page, decode, page_of
from services.common.errors import BadRequest, FieldError
from services.common.lazy_dataclasses import dataclass

#: Messages that one search request looks at: some 600 KB of items, 75 read units.
SEARCH_BOUND = 2000


_SEARCH_STEP = 250


QUERY_LIMIT = 100


@dataclass(frozen=True)
class Changes:
    """Changed messages in their current state; the reader now knows all changes up to ``rev``."""

    messages: Sequence[Message]
    rev: int
    more: bool


@dataclass(frozen=True)
class Found:
    """``before`` is where the next request continues, or ``None`` when all was searched."""

    messages: Sequence[Message]
    before: int | None


class ChatQueries:
    """Reads; each checks that the reader is a member."""

    def __init__(
        self, chat: ChatRepository, links: LinkRepository, settings: ChatSettingsRepository, privacy: ChatPrivacy
    ) -> None:
        self._chat, self._links, self._settings, self._privacy = chat, links, settings, privacy

    def conversations(
        self, user_id: str, cursor: str | None, limit: int, *, requests: bool = False
    ) -> Page[ConversationView]:
        """The inbox (or the requests): conversations with the latest activity first.

        Raises:
            InvalidCursor: not a cursor of this list.
        """
        scope = "requests" if requests else "inbox"
        at = decode(cursor, scope)
        rows = self._chat.inbox(user_id, at, limit, requests=requests)
        page = page_of(rows, scope=scope, cursor=at, limit=limit, key=lambda row: row[0])
        heads = self._chat.heads([membership.conversation_id for _, membership in page.items])
        views = [
            ConversationView(heads[membership.conversation_id], membership)
            for _, membership in page.items
            if membership.conversation_id in heads
        ]
        views.sort(key=lambda view: view.conversation.updated_at, reverse=True)
        return Page(views, page.older, page.newer)

    def conversation(self, user_id: str, conversation_id: str) -> ConversationView:
        """With everyone in it. Raises ``NotFound`` when there is none or the reader is no member."""
        check_conversation_id(conversation_id)
        head, mine = self._chat.seen_by(conversation_id, user_id)
        member_list = self._chat.member_list(conversation_id)
        if member_list is None:
            raise no_conversation(conversation_id)
        return ConversationView(head, mine, member_list, self._receipts(member_list, mine))

    def _receipts(self, member_list: MemberList, mine: Membership) -> dict[str, tuple[int, int]]:
        """Marks of other members, if both they and the reader show theirs; none before a request is accepted."""
        if mine.state != "active":
            return {}
        showing = self._privacy.showing_receipts(mine.user_id, member_list.members.keys())
        showing &= set(member_list.active())
        if mine.user_id not in showing:
            return {}
        marks = self._chat.memberships(member_list.conversation_id, showing - {mine.user_id})
        return {one.user_id: (one.last_read_seq, max(one.delivered_seq, one.last_read_seq)) for one in marks}

    def messages(
        self, user_id: str, conversation_id: str, cursor: str | None, limit: int, around: int | None = None
    ) -> Page[Message]:
        """Messages by ``seq``, newest first, from the one with which the reader joined.

        Args:
            cursor: ``newer`` resumes after the last that a client has seen.
            around: a page with this ``seq`` in its middle, in place of a cursor.

        Raises:
            NotFound: no such conversation, or the reader is no member.
            InvalidCursor: not a cursor of this list.
            BadRequest: both a cursor and ``around``.
        """
        check_conversation_id(conversation_id)
        scope = f"messages/{conversation_id}"
        at = decode(cursor, scope)
        if around is not None:
            if at is not None:
                raise BadRequest("Send either cursor or around.", FieldError("around", "no cursor beside it", "both"))
            at = Cursor(scope, "older", message_key(around + limit // 2 + 1))
        membership = self._chat.membership(conversation_id, user_id)
        if membership is None:
            raise no_conversation(conversation_id)
        if at is not None and at.direction == "newer" and at.key.startswith("MSG#"):
            at = Cursor(scope, "newer", max(at.key, message_key(membership.since - 1)))
        rows = self._chat.messages(conversation_id, at, limit)
        visible = [row for row in rows if row[1].seq >= membership.since]
        page = page_of(visible, scope=scope, cursor=at, limit=limit, key=lambda row: row[0])
        shown = self._without_hidden(conversation_id, user_id, [message for _, message in page.items])
        older = None if len(visible) < len(rows) and (at is None or at.direction == "older") else page.older
        return Page(shown, older, page.newer)

    def _without_hidden(self, conversation_id: str, user_id: str, messages: Sequence[Message]) -> list[Message]:
        hidden = self._chat.hidden(conversation_id, user_id)
        return [one.emptied(for_all=False) if one.seq in hidden else one for one in messages]

    def changes(self, user_id: str, conversation_id: str, after: int, limit: int) -> Changes:
        """Messages that were edited, deleted or reacted to after ``rev`` ``after``, each once.

        Raises:
            NotFound: no such conversation, or the reader is no member.
        """
        check_conversation_id(conversation_id)
        _, mine = self._chat.seen_by(conversation_id, user_id)
        entries = self._chat.changes(conversation_id, after, limit)
        seqs = sorted({seq for _, seq in entries if seq >= mine.since})
        messages = self._without_hidden(conversation_id, user_id, self._chat.messages_at(conversation_id, seqs))
        return Changes(messages, entries[-1][0] if entries else after, len(entries) == limit)

    def search(self, user_id: str, conversation_id: str, text: str, before: int | None, limit: int) -> Found:
        """Messages that hold all words of ``text``, the newest first; looks at up to 2000 messages.

        Words match anywhere, also within another word, because Japanese has no spaces between words.

        Raises:
            NotFound: no such conversation, or the reader is no member.
            BadRequest: nothing to look for.
        """
        check_conversation_id(conversation_id)
        words = searched(text).split()
        if not words or len(text) > QUERY_LIMIT:
            raise BadRequest(
                "The search text is empty.", FieldError("q", f"1 to {QUERY_LIMIT} characters", repr(text)[:64])
            )
        head, mine = self._chat.seen_by(conversation_id, user_id)
        hidden = self._chat.hidden(conversation_id, user_id)
        at = min(before or head.seq + 1, head.seq + 1)
        looked, found = 0, list[Message]()
        while looked < SEARCH_BOUND and at > mine.since:
            rows = self._chat.messages(conversation_id, Cursor("search", "older", message_key(at)), _SEARCH_STEP)
            for _, message in rows[:_SEARCH_STEP]:
                at, looked = message.seq, looked + 1
                if message.seq < mine.since:
                    return Found(found, None)
                haystack = searched(message.text)
                if message.seq not in hidden and all(word in haystack for word in words):
                    found.append(message)
                    if len(found) == limit:
                        return Found(found, at if at > mine.since else None)
            if len(rows) <= _SEARCH_STEP:
                return Found(found, None)
        return Found(found, at if at > mine.since else None)

    def link_of(self, user_id: str, conversation_id: str) -> JoinLink | None:
        """The group's join link, for members who may make one.

        Raises:
            NotFound: no member. Forbidden: no admin.
        """
        check_conversation_id(conversation_id)
        member_list = self._chat.member_list(conversation_id)
        if member_list is None:
            raise no_conversation(conversation_id)
        require(member_list, user_id, "link")
        return self._links.of_group(conversation_id)

    def preview_of_link(self, user_id: str, token: str) -> LinkPreview:
        """The preview of a group before joining by a link. Raises ``NotFound`` for an invalid link."""
        conversation_id = self._links.leading_to(token).conversation_id
        head = self._chat.heads([conversation_id])[conversation_id]
        joined = self._chat.membership(conversation_id, user_id) is not None
        return link_preview_resource(head, joined=joined)

    def settings_of(self, user_id: str) -> ChatSettings:
        return self._settings.settings_of([user_id])[user_id]
