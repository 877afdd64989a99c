"""Lambda entry points of the media context. Its HTTP commands run in the post function."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote_plus

from services.chat.public import ChatRecords
from services.common import events, outbox
from services.common.entry import Event, Handler, change_handler, entry_point, event_handler, queue_handler
from services.common.ids import derived_id
from services.common.observability import logger, note
from services.common.outbox import Outgoing, frame
from services.common.signed_urls import granted_media
from services.common.streams import Change
from services.media.adapter import MediaStorage, ServedMedia, discard_later
from services.media.model import Media
from services.media.repository import MediaRepository
from services.media.resources import to_resource
from services.media.retention import Keeper, collect
from services.media.settings import CollectorSettings, KeeperSettings, ProcessorSettings
from services.posts.public import DraftRepository, VersionRepository, media_ids_in
from services.profiles.public import ProfileRepository


class MediaUsage:
    """Posts, profiles and chat, as far as they show media."""

    def __init__(self, settings: KeeperSettings) -> None:
        self._profiles = ProfileRepository(settings.table_profiles)
        self._versions = VersionRepository(settings.table_posts)
        self._drafts = DraftRepository(settings.table_posts)
        self._chat = ChatRecords(settings.table_chat)

    def shows(self, kind: str, author_id: str, identity: str, media_id: str) -> bool:
        if kind == "post":
            post = self._versions.get(identity)
            if post is None or post.deleted:
                return False
            former = (one.get("media") or () for one in self._versions.history(identity))
            return any(one["id"] == media_id for media in (post.media, *former) for one in media)
        if kind == "profile":
            profile = self._profiles.get(identity)
            return profile is not None and media_id in (profile.avatar_media_id, profile.header_media_id)
        if kind == "group":
            return media_id == self._chat.picture_of(identity)
        if kind == "message":
            conversation_id, _, seq = identity.rpartition("#")
            return self._chat.shows_media(conversation_id, int(seq), media_id)
        kept = (
            self._drafts.draft(author_id, identity) if kind == "draft" else self._drafts.scheduled(author_id, identity)
        )
        return kept is not None and media_id in media_ids_in(kept.content)


def announce(stream: str, media: Media) -> None:
    """Notify the owner's devices that a medium was processed."""
    event_id = derived_id("media.updated", media.id, str(media.version))
    told = frame("media.updated", event_id, {"media": granted_media(to_resource(media))})
    outbox.put(stream, [Outgoing(f"media#{media.id}", [media.owner_id], told)])


@entry_point(ProcessorSettings)
def processor(settings: ProcessorSettings) -> Handler:
    """Consumer of S3 event notifications, whose keys are URL-encoded. A failure is raised: Lambda retries, then sends
    the event to the on-failure queue.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
    """
    # Here, because the other functions of this module have no picture and video libraries.
    from services.media.processing import Processor

    media, bucket = MediaRepository(settings.table_media), MediaStorage(settings.bucket_media)
    processing = Processor(media, bucket, lambda found: announce(settings.stream_realtime, found))

    def run(event: Event, _: Any) -> None:
        for record in event["Records"]:
            key = unquote_plus(record["s3"]["object"]["key"])
            note(key=key)
            processing.process(key)

    return event_handler("s3 created", run)


@entry_point(KeeperSettings)
def keeper(settings: KeeperSettings) -> Handler:
    """Consumer of domain events, and of messages of ``discard_later``."""
    keeping = Keeper(
        MediaRepository(settings.table_media),
        ServedMedia(settings.bucket_media, settings.media_access_parameter),
        MediaUsage(settings),
        lambda media_id: discard_later(settings.queue_media, media_id),
    )

    def run(record: Mapping[str, Any]) -> None:
        body = json.loads(record["body"])
        if "discard" in body:
            logger.info("does something show it again?", extra={"media_id": body["discard"]})
            keeping.discard(body["discard"])
        else:
            keeping.handle(events.parse(record["body"]))

    return queue_handler(run, settings)


@entry_point(CollectorSettings)
def collector(settings: CollectorSettings) -> Handler:
    bucket = ServedMedia(settings.bucket_media, settings.media_access_parameter)

    def run(changes: Sequence[Change]) -> None:
        collect(changes, bucket)

    return change_handler(run)
