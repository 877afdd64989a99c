"""Commands on media."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, Protocol

from services.common.clock import epoch_in, now, to_text
from services.common.errors import Conflict, NotFound
from services.common.ids import new_id, time_of
from services.media.model import (
    UNUSED_HOURS,
    UPLOAD_MINUTES,
    Kind,
    Media,
    State,
    checked_alt_text,
    checked_size,
    checked_type,
    upload_key,
)
from services.media.uploads import PartList, Parts, Upload, part_list

_ATTEMPTS = 3


class MediaStore(Protocol):
    """The repository, for the commands."""

    def get(self, media_id: str) -> Media | None: ...
    def create(self, media: Media) -> None: ...
    def replace(self, media: Media) -> Media | None: ...


class Permits(Parts, Protocol):
    """The bucket, for the commands."""

    def permit(self, key: str, content_type: str, max_bytes: int, seconds: int) -> dict[str, Any]: ...


class MediaCommands:
    """``begin`` an upload (``begin_parts``: a large one), ``describe`` a medium."""

    def __init__(self, store: MediaStore, permits: Permits) -> None:
        self._store = store
        self._permits = permits

    def begin(self, owner_id: str, kind: Kind, content_type: str, size: int, alt_text: str) -> tuple[Media, Upload]:
        """Permit one upload by form. Raises: BadRequest, TooLarge (see ``model``)."""
        media = _new(owner_id, kind, content_type, size, alt_text)
        permit = self._permits.permit(
            upload_key(owner_id, media.id), media.content_type, media.bytes, UPLOAD_MINUTES * 60
        )
        self._store.create(media)
        expires = to_text(now() + timedelta(minutes=UPLOAD_MINUTES))
        return media, Upload(permit["url"], permit["fields"], expires)

    def begin_parts(
        self, owner_id: str, kind: Kind, content_type: str, size: int, alt_text: str
    ) -> tuple[Media, PartList]:
        """Permit one upload in parts, which can be resumed for a day. Raises: as ``begin``."""
        media = _new(owner_id, kind, content_type, size, alt_text)
        upload_id = self._permits.begin_parts(upload_key(owner_id, media.id), media.content_type)
        media = replace(media, upload_id=upload_id)
        self._store.create(media)
        return media, part_list(self._permits, media, {})

    def describe(self, viewer_id: str, media_id: str, alt_text: str) -> Media:
        """Set the alternative text. Raises: NotFound (absent or not the caller's), Conflict (written meanwhile)."""
        text = checked_alt_text(alt_text)
        for _ in range(_ATTEMPTS):
            media = self._store.get(media_id)
            if media is None or media.owner_id != viewer_id:
                raise NotFound("Media not found.")
            if media.alt_text == text:
                return media
            after = self._store.replace(replace(media, alt_text=text))
            if after is not None:
                return after
        raise Conflict("The medium was changed at the same time.")


def _new(owner_id: str, kind: Kind, content_type: str, size: int, alt_text: str) -> Media:
    media_id = new_id()
    return Media(
        id=media_id,
        owner_id=owner_id,
        kind=kind,
        state=State.PENDING,
        content_type=checked_type(kind, content_type),
        bytes=checked_size(kind, size),
        created_at=to_text(time_of(media_id)),
        alt_text=checked_alt_text(alt_text),
        expires_at=epoch_in(hours=UNUSED_HOURS),
    )
