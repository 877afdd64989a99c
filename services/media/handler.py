"""Lambda entry points of the media context. Its HTTP commands run in the post function."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from urllib.parse import unquote_plus

from services.chat.public import ChatRecords
from services.common import events, outbox
from services.common.entry import Event, batch_handler, change_handler, event_handler
from services.common.ids import derived_id
from services.common.observability import logger
from services.common.outbox import Outgoing, frame
from services.common.settings import settings
from services.common.signed_urls import granted_media
from services.common.streams import Change
from services.media.adapter import MediaStorage, discard_later
from services.media.model import Media
from services.media.repository import MediaRepository
from services.media.retention import Keeper, collect
from services.posts.public import ShelfRepository, VersionRepository, media_named
from services.profiles.public import ProfileRepository

_bucket, _media, _profiles = MediaStorage(), MediaRepository(), ProfileRepository()
_versions, _shelf, _chat = VersionRepository(), ShelfRepository(), ChatRecords()


def _announce(media: Media) -> None:
    event_id = derived_id("media.updated", media.id, str(media.version))
    told = frame("media.updated", event_id, {"media": granted_media(media.to_json(settings().media_url_prefix))})
    outbox.put(settings().require("stream_realtime"), [Outgoing(f"media#{media.id}", [media.owner_id], told)])


@cache
def _processor() -> Any:
    # Here, because the other functions of this module have no picture and video libraries.
    from services.media.processing import Processor

    return Processor(_media, _bucket, _announce)


def _on_objects_created(event: Event, _: Any) -> None:
    """An S3 event notification; keys come URL-encoded. A failure is raised: Lambda tries again, then sets it aside.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
    """
    for record in event["Records"]:
        key = unquote_plus(record["s3"]["object"]["key"])
        logger.info("arrived", extra={"key": key})
        _processor().process(key)


processor = event_handler("s3 created", _on_objects_created)


class _Neighbours:
    """Posts, profiles and chat, as far as it matters which media they show."""

    def shows(self, kind: str, author_id: str, identity: str, media_id: str) -> bool:
        if kind == "post":
            post = _versions.get(identity)
            if post is None or post.deleted:
                return False
            former = (one.get("media") or () for one in _versions.history(identity))
            return any(one["id"] == media_id for media in (post.media, *former) for one in media)
        if kind == "profile":
            profile = _profiles.get(identity)
            return profile is not None and media_id in (profile.avatar_media_id, profile.header_media_id)
        if kind == "group":
            return media_id == _chat.picture_of(identity)
        if kind == "message":
            conversation_id, _, seq = identity.rpartition("#")
            return _chat.shows_media(conversation_id, int(seq), media_id)
        kept = _shelf.draft(author_id, identity) if kind == "draft" else _shelf.scheduled(author_id, identity)
        return kept is not None and media_id in media_named(kept.content)


_keeper = Keeper(_media, _bucket, _Neighbours(), discard_later)


def _on_message(record: Mapping[str, Any]) -> None:
    """A domain event, or what ``discard_later`` sent."""
    body = json.loads(record["body"])
    if "discard" in body:
        logger.info("does something show it again?", extra={"media_id": body["discard"]})
        _keeper.discard(body["discard"])
        return
    event = events.parse(record["body"])
    logger.info("heard", extra={"event": event.type, "media": len(event.data.get("mediaIds", ()))})
    _keeper.handle(event)


def _on_changes(changes: Sequence[Change]) -> None:
    logger.info("changes", extra={"count": len(changes)})
    collect(changes, _bucket)


keeper = batch_handler("sqs", _on_message)
collector = change_handler(_on_changes)
