"""What people do with media."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Protocol

from services.common.clock import now, to_text
from services.common.errors import Conflict, NotFound
from services.common.ids import new_id, time_of
from services.media.model import (
    RULES,
    UPLOAD_MINUTES,
    Kind,
    Media,
    State,
    checked_alt_text,
    checked_size,
    checked_type,
    upload_key,
)

_ATTEMPTS = 3


class MediaStore(Protocol):
    """What the commands need of the repository."""

    def get(self, media_id: str) -> Media | None: ...
    def create(self, media: Media) -> None: ...
    def replace(self, media: Media) -> Media | None: ...


class Permits(Protocol):
    """What the commands need of the bucket."""

    def permit(self, key: str, content_type: str, max_bytes: int, seconds: int) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Upload:
    """Where and how to send the file, until when (RFC 3339)."""

    url: str
    fields: dict[str, str]
    expires_at: str

    def to_json(self) -> dict[str, Any]:
        return {"url": self.url, "fields": self.fields, "expiresAt": self.expires_at}


class MediaCommands:
    """``begin`` an upload, ``describe`` a medium."""

    def __init__(self, store: MediaStore, permits: Permits) -> None:
        self._store = store
        self._permits = permits

    def begin(self, owner_id: str, kind: Kind, content_type: str, size: int, alt_text: str) -> tuple[Media, Upload]:
        """Permit one upload. Raises: BadRequest, TooLarge (see ``model``)."""
        media_id = new_id()
        media = Media(
            id=media_id,
            owner_id=owner_id,
            kind=kind,
            state=State.PENDING,
            content_type=checked_type(kind, content_type),
            bytes=checked_size(kind, size),
            created_at=to_text(time_of(media_id)),
            alt_text=checked_alt_text(alt_text),
        )
        permit = self._permits.permit(
            upload_key(owner_id, media_id), media.content_type, RULES[kind].max_bytes, UPLOAD_MINUTES * 60
        )
        self._store.create(media)
        expires = to_text(now() + timedelta(minutes=UPLOAD_MINUTES))
        return media, Upload(permit["url"], permit["fields"], expires)

    def describe(self, viewer_id: str, media_id: str, alt_text: str) -> Media:
        """Set the alternative text. Raises: NotFound (not there or not one's own), Conflict (written meanwhile)."""
        text = checked_alt_text(alt_text)
        for _ in range(_ATTEMPTS):
            media = self._store.get(media_id)
            if media is None or media.owner_id != viewer_id:
                raise NotFound("There is no such medium of yours.")
            if media.alt_text == text:
                return media
            after = self._store.replace(replace(media, alt_text=text))
            if after is not None:
                return after
        raise Conflict("The medium was changed at the same time.")
