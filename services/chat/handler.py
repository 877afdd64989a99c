"""Lambda entry points of chat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.chat import api, events
from services.chat.repository import ChatRepository, conversation_of, membership_of
from services.common import outbox
from services.common.entry import http_and_socket_handler, ordered_handler
from services.common.events import publish
from services.common.http import create_app
from services.common.settings import settings
from services.common.streams import Change, change_of
from services.realtime.transport import transport

app = create_app("chat", api.router)
handler = http_and_socket_handler(app, api.actions, lambda: transport())

_chat = ChatRepository()


def relay_change(change: Change) -> None:
    """Put what follows from one change on its way. Repeating it repeats the same event ids."""
    effects = _effects(change)
    if effects.frames:
        outbox.put(settings().require("stream_realtime"), effects.frames)
    if effects.raises and effects.raises.last_message:
        _chat.bump_inboxes(effects.raises, effects.raises.others(effects.raises.last_message.sender_id))
    if effects.domain_events:
        publish(settings().require("topic_events"), effects.domain_events)


def _effects(change: Change) -> events.Effects:
    old, new = change.old or {}, change.new
    if new is None:
        return events.Effects()
    if new["sk"] == "HEAD" and new["seq"] > old.get("seq", 0):
        # The head changes in the transaction of each message and holds it, so nothing has to be read again.
        return events.of_message(conversation_of(new))
    if new["sk"].startswith("MEMBER#") and new["lastReadSeq"] > old.get("lastReadSeq", 0) and new["readBy"] == "read":
        membership = membership_of(new)
        found = _chat.conversation(membership.conversation_id)
        return events.of_read(found, membership) if found else events.Effects()
    return events.Effects()


def _partition(record: Mapping[str, Any]) -> str:
    return str(record["dynamodb"]["Keys"]["pk"]["S"])


relay = ordered_handler("dynamodb", lambda record: relay_change(change_of(record)), key=_partition)
