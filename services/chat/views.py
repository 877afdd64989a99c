"""The resources of chat, made from what its model holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import cast

from services.chat.link_repository import JoinLink
from services.chat.model import Conversation, ConversationView, Message, Presence
from services.chat.privacy import ChatSettings
from services.chat.resources import (
    ChatSettingsResource,
    ConversationResource,
    JoinLinkResource,
    LinkPreview,
    MemberResource,
    MessageResource,
    PresenceAnswer,
    Reaction,
    SystemLine,
)
from services.common.clock import from_text, now, now_text, to_text
from services.common.people import Person, author_of
from services.common.resources import MediaResource, MentionResource

#: Clients say that they are there more often than this.
ONLINE = timedelta(seconds=90)


def message_resource(message: Message) -> MessageResource:
    mentions: list[MentionResource] = [
        {"handle": handle, "userId": user} for handle, user in sorted(message.mentions.items())
    ]
    return {
        "id": message.id,
        "conversationId": message.conversation_id,
        "seq": message.seq,
        "senderId": message.sender_id,
        "clientMessageId": message.client_message_id,
        "text": message.text,
        "at": message.at,
        "entities": {"tags": [], "mentions": mentions, "links": list(message.links)},
        "media": [cast(MediaResource, dict(one)) for one in message.media],
        "replyTo": message.reply_to,
        "system": cast(SystemLine, dict(message.system)) if message.system else None,
        "reactions": _reactions(message.reactions),
        "editedAt": message.edited_at,
        "deleted": message.deleted,
        "hidden": message.hidden,
        "rev": message.rev,
    }


def _reactions(by_user: Mapping[str, str]) -> list[Reaction]:
    by_emoji: dict[str, list[str]] = {}
    for user, emoji in sorted(by_user.items()):
        by_emoji.setdefault(emoji, []).append(user)
    return [{"emoji": emoji, "userIds": users} for emoji, users in by_emoji.items()]


def conversation_resource(view: ConversationView, people: dict[str, Person]) -> ConversationResource:
    """As one member sees it.

    ``members`` is everyone when the view has the member list; in rows of lists the two of a direct conversation, and
    of a group only those whom its last line names.
    """
    head, mine = view.conversation, view.membership
    last = view.shown_last()
    muted = mine.muted_until is not None and mine.muted_until > now_text()
    return {
        "id": head.id,
        "kind": head.kind,
        "title": head.title,
        "avatarUrl": head.avatar_url,
        "memberCount": head.member_count,
        "members": _members(view, people),
        "lastMessage": message_resource(last) if last else None,
        "seq": head.seq,
        "rev": head.rev,
        "unread": view.unread,
        "lastReadSeq": mine.last_read_seq,
        "updatedAt": head.updated_at,
        "pending": head.pending_for is not None and head.pending_for != mine.user_id,
        "me": {
            "role": view.member_list.require(mine.user_id).role if view.member_list else None,
            "state": mine.state,
            "muted": muted,
            "mutedUntil": mine.muted_until if muted else None,
            "since": mine.since,
        },
    }


def _members(view: ConversationView, people: dict[str, Person]) -> list[MemberResource]:
    members = view.member_list.members if view.member_list else {}
    found: list[MemberResource] = []
    for user in sorted(view.people()):
        member = members.get(user)
        read, delivered = view.receipts.get(user, (None, None))
        found.append(
            {
                **author_of(people, user),
                "role": member.role if member else None,
                # A decline is hidden: to the other it looks as if they had not answered yet.
                "accepted": member.state == "active" if member else None,
                "readSeq": read,
                "deliveredSeq": delivered,
            }
        )
    return found


def join_link_resource(link: JoinLink) -> JoinLinkResource:
    return {"token": link.token, "expiresAt": to_text(datetime.fromtimestamp(link.expires_at, UTC))}


def link_preview_resource(group: Conversation, *, joined: bool) -> LinkPreview:
    return {
        "conversationId": group.id if joined else None,
        "title": group.title,
        "avatarUrl": group.avatar_url,
        "memberCount": group.member_count,
        "joined": joined,
    }


def settings_resource(settings: ChatSettings) -> ChatSettingsResource:
    return {"whoMayWrite": settings.who_may_write, "receipts": settings.receipts, "presence": settings.presence}


def presence_resource(presence: Presence) -> PresenceAnswer:
    moment = now()
    return {
        "people": {
            user: {"online": seen is not None and moment - from_text(seen) < ONLINE, "lastSeenAt": seen}
            for user, seen in presence.last_seen.items()
        },
        "rest": list(presence.rest),
    }
