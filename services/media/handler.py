"""Lambda entry point of the media context. Its HTTP commands run in the post function."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_plus

from services.common import outbox
from services.common.entry import Event, traced
from services.common.ids import derived_id
from services.common.observability import logger
from services.common.outbox import Outgoing, frame
from services.common.settings import settings
from services.media.adapter import MediaStorage
from services.media.model import Media
from services.media.processing import Processor
from services.media.repository import MediaRepository


def _announce(media: Media) -> None:
    event_id = derived_id("media.updated", media.id, str(media.version))
    told = frame("media.updated", event_id, {"media": media.to_json(settings().media_url_prefix)})
    outbox.put(settings().require("stream_realtime"), [Outgoing(f"media#{media.id}", [media.owner_id], told)])


_processor = Processor(MediaRepository(), MediaStorage(), _announce)


def _on_objects_created(event: Event, _: Any) -> None:
    """An S3 event notification; keys come URL-encoded. A failure is raised: Lambda tries again, then sets it aside.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
    """
    for record in event["Records"]:
        key = unquote_plus(record["s3"]["object"]["key"])
        logger.info("arrived", extra={"key": key})
        _processor.process(key)


processor = traced(_on_objects_created)
