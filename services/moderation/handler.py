"""Lambda entry points of moderation; composes it with other contexts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI

from services.accounts.public import sign_out
from services.chat.public import ChatRecords
from services.common import events, queues
from services.common.entry import Handler, change_handler, entry_point, http_handler, queue_handler
from services.common.events import ModerationDecided
from services.common.http import create_app
from services.common.limits import CommandLimits
from services.common.projector import Projector
from services.live.public import LiveRepository
from services.moderation.actions import ModerationActions
from services.moderation.adapter import StaffDirectory
from services.moderation.api import build_router
from services.moderation.audit_repository import AuditLog
from services.moderation.commands import ModerationCommands
from services.moderation.events import deltas_of, events_of
from services.moderation.model import CaseSubject, Evidence, SubjectKind
from services.moderation.repository import ModerationRepository
from services.moderation.settings import ApplierSettings, ModerationProjectorSettings, ModerationSettings
from services.posts.public import PostModeration, PostRepository
from services.profiles.public import PersonModeration, ProfileRepository


class Neighbours:
    """``Subjects``: reported subjects, as the reporter sees them."""

    def __init__(self, settings: ModerationSettings) -> None:
        self._posts = PostRepository(settings.table_posts)
        self._people = ProfileRepository(settings.table_profiles)
        self._chat = ChatRecords(settings.table_chat)
        self._lives = LiveRepository(settings.table_live)

    def evidence(self, viewer_id: str | None, subject: CaseSubject) -> Evidence | None:
        look = {
            SubjectKind.POST: self._post,
            SubjectKind.PERSON: self._person,
            SubjectKind.MESSAGE: self._message,
            SubjectKind.LIVE: self._live,
        }
        return look[subject.kind](viewer_id, subject.id)

    def _post(self, viewer_id: str | None, post_id: str) -> Evidence | None:
        post = self._posts.get(post_id)
        if post is None or post.deleted:
            return None
        if viewer_id is not None and not post.visible_to(viewer_id, self._people.relation(viewer_id, post.author_id)):
            return None
        media = [{key: one.get(key) for key in ("kind", "url", "thumbnailUrl", "altText")} for one in post.media]
        content = {"text": post.text, "media": media, "createdAt": post.created_at}
        return Evidence(post.author_id, content)

    def _person(self, _: str | None, user_id: str) -> Evidence | None:
        person = self._people.get(user_id)
        if person is None:
            return None
        return Evidence(user_id, {"displayName": person.display_name, "handle": person.handle, "text": person.bio})

    def _message(self, viewer_id: str | None, message_id: str) -> Evidence | None:
        conversation_id, _, seq = message_id.rpartition(".")
        message = self._chat.message_seen_by(viewer_id, conversation_id, int(seq)) if seq.isdigit() else None
        if message is None:
            return None
        return Evidence(message.sender_id, {"text": message.text, "createdAt": message.at})

    def _live(self, viewer_id: str | None, live_id: str) -> Evidence | None:
        """Also for a broadcast that is over: its title remains."""
        live = self._lives.get(live_id)
        if live is None:
            return None
        if viewer_id is not None and viewer_id != live.host_id:
            relation = self._people.relation(viewer_id, live.host_id)
            if not live.admits(viewer_id, follows=relation.follows, blocked=relation.blocked):
                return None
        return Evidence(live.host_id, {"text": live.title, "createdAt": live.created_at})


def build_app(settings: ModerationSettings) -> FastAPI:
    commands = ModerationCommands(
        ModerationRepository(settings.table_moderation),
        AuditLog(settings.table_audit),
        Neighbours(settings),
        StaffDirectory(settings.user_pool_id),
        lambda user_id: sign_out(settings.queue_accounts, user_id),
    )
    return create_app("moderation", build_router(commands))


@entry_point(ModerationSettings)
def handler(settings: ModerationSettings) -> Handler:
    return http_handler(build_app(settings), settings)


@entry_point(ModerationProjectorSettings)
def projector(settings: ModerationProjectorSettings) -> Handler:
    return change_handler(
        Projector(
            deltas_of,
            events_of,
            count=lambda _: None,
            publish=lambda found: events.publish(settings.topic_events, found),
        )
    )


@entry_point(ApplierSettings)
def applier(settings: ApplierSettings) -> Handler:
    """Consumer of events by SNS, and of the function's own messages to continue."""

    def go_on(event: ModerationDecided, cursor: str) -> None:
        queues.send(settings.queue_moderation, {"event": event.to_document(), "cursor": cursor})

    actions = ModerationActions(
        PostModeration(settings.table_posts),
        PersonModeration(settings.table_profiles),
        CommandLimits(settings.table_idempotency),
        go_on,
    )

    def apply(record: Mapping[str, Any]) -> None:
        document = json.loads(record["body"])
        if "cursor" in document:
            actions.handle(events.from_document(document["event"]), document["cursor"])
        else:
            actions.handle(events.parse(record["body"]))

    return queue_handler(apply, settings)
