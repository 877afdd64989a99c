"""Conversations as the API shows them to one member."""

from __future__ import annotations

from typing import Any

from services.chat.model import ConversationView
from services.common.clock import now_text
from services.common.people import Person, author_of


def conversation_wire(view: ConversationView, people: dict[str, Person]) -> dict[str, Any]:
    """The API's ``Conversation``.

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
        "lastMessage": last.to_wire() if last else None,
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


def _members(view: ConversationView, people: dict[str, Person]) -> list[dict[str, Any]]:
    members = view.member_list.members if view.member_list else {}
    found = []
    for user in sorted(view.people()):
        member = members.get(user)
        read, delivered = view.receipts.get(user, (None, None))
        found.append(
            {
                **author_of(people, user),
                "role": member.role if member else None,
                # Who declined does not tell: to the other it looks as if they had not answered yet.
                "accepted": member.state == "active" if member else None,
                "readSeq": read,
                "deliveredSeq": delivered,
            }
        )
    return found
