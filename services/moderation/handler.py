"""Lambda entry points of moderation; the one place that puts it together with its neighbours."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from services.chat.public import ChatRecords
from services.common import events, queues
from services.common.entry import batch_handler, change_handler, http_handler
from services.common.events import ModerationDecided
from services.common.http import create_app
from services.common.limits import CommandLimits
from services.common.projector import Projector
from services.common.settings import settings
from services.moderation.api import build_router
from services.moderation.commands import ModerationCommands
from services.moderation.events import deltas_of, events_of
from services.moderation.measures import Measures
from services.moderation.model import Evidence, Subject, SubjectKind
from services.moderation.repository import ModerationRepository
from services.posts.public import PostModeration, PostRepository
from services.profiles.public import PersonModeration, ProfileRepository

_posts, _people, _chat = PostRepository(), ProfileRepository(), ChatRecords()


class Neighbours:
    """``Subjects``: what is reported, as the reporter sees it."""

    def evidence(self, viewer_id: str | None, subject: Subject) -> Evidence | None:
        look = {SubjectKind.POST: self._post, SubjectKind.PERSON: self._person, SubjectKind.MESSAGE: self._message}
        return look[subject.kind](viewer_id, subject.id)

    def _post(self, viewer_id: str | None, post_id: str) -> Evidence | None:
        post = _posts.get(post_id)
        if post is None or post.deleted:
            return None
        if viewer_id is not None and not post.visible_to(viewer_id, _people.tie(viewer_id, post.author_id)):
            return None
        media = [{key: one.get(key) for key in ("kind", "url", "thumbnailUrl", "altText")} for one in post.media]
        content = {"text": post.text, "media": media, "createdAt": post.created_at}
        return Evidence(post.author_id, content)

    def _person(self, _: str | None, user_id: str) -> Evidence | None:
        person = _people.get(user_id)
        if person is None:
            return None
        return Evidence(user_id, {"displayName": person.display_name, "handle": person.handle, "text": person.bio})

    def _message(self, viewer_id: str | None, message_id: str) -> Evidence | None:
        conversation_id, _, seq = message_id.rpartition(".")
        message = _chat.message_seen_by(viewer_id, conversation_id, int(seq)) if seq.isdigit() else None
        if message is None:
            return None
        return Evidence(message.sender_id, {"text": message.text, "createdAt": message.at})


app = create_app("moderation", build_router(ModerationCommands(ModerationRepository(), Neighbours())))
handler = http_handler(app)
projector = change_handler(
    Projector(
        deltas_of,
        events_of,
        count=lambda _: None,
        publish=lambda found: events.publish(settings().require("topic_events"), found),
    )
)


def _go_on(event: ModerationDecided, cursor: str) -> None:
    queues.send(settings().require("queue_moderation"), {"event": event.to_document(), "cursor": cursor})


_measures = Measures(PostModeration(), PersonModeration(), CommandLimits(), _go_on)


def _apply(record: Mapping[str, Any]) -> None:
    """An event by SNS, or what ``_go_on`` sent."""
    document = json.loads(record["body"])
    if "cursor" in document:
        _measures.handle(events.from_document(document["event"]), document["cursor"])
    else:
        _measures.handle(events.parse(record["body"]))


applier = batch_handler("sqs", _apply)
