"""Multipart uploads of large files: uploaded parts stay, so that an upload resumes after a reload or a lost
connection."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from services.common.clock import now, to_text
from services.common.errors import Conflict, FieldError, NotFound, Unprocessable
from services.common.lazy_dataclasses import dataclass
from services.media.model import UPLOAD_MINUTES, Media, State, upload_key
from services.media.resources import UploadPart, UploadParts, UploadResource

#: S3 wants at least 5 MiB for every part but the last.
PART_BYTES = 5 * 1024 * 1024
_ATTEMPTS = 3


class UploadStore(Protocol):
    """The repository, for uploads."""

    def get(self, media_id: str) -> Media | None: ...
    def replace(self, media: Media) -> Media | None: ...
    def discard(self, media: Media) -> bool: ...


class Parts(Protocol):
    """The bucket, for uploads."""

    def begin_parts(self, key: str, content_type: str) -> str: ...
    def part_url(self, key: str, upload_id: str, number: int, size: int, seconds: int) -> str: ...
    def parts(self, key: str, upload_id: str) -> dict[int, int] | None: ...
    def complete_parts(self, key: str, upload_id: str) -> None: ...
    def abort_parts(self, key: str, upload_id: str) -> None: ...
    def remove(self, key: str) -> None: ...


@dataclass(frozen=True)
class Upload:
    """Where and how to send the file, until when (RFC 3339)."""

    url: str
    fields: dict[str, str]
    expires_at: str


@dataclass(frozen=True)
class Part:
    """``url`` is where to PUT it; ``None`` when it has arrived."""

    number: int
    bytes: int
    url: str | None


@dataclass(frozen=True)
class PartList:
    """All parts of an upload in order; the links are valid until ``expires_at`` (RFC 3339), then ask again."""

    parts: list[Part]
    expires_at: str


class Uploads:
    """``parts`` lists and resumes, ``complete`` ends, ``discard`` cancels."""

    def __init__(self, store: UploadStore, bucket: Parts) -> None:
        self._store = store
        self._bucket = bucket

    def parts(self, viewer_id: str, media_id: str) -> PartList:
        """The uploaded parts, and links for the others.

        Raises:
            NotFound: not there or not the caller's own. Conflict: it is no upload in parts, or it is over.
        """
        media = self._own(viewer_id, media_id)
        arrived = self._arrived(media)
        if arrived is None:
            raise Conflict("This upload has ended, or was not started in parts.")
        return part_list(self._bucket, media, arrived)

    def _arrived(self, media: Media) -> dict[int, int] | None:
        if media.state is not State.PENDING or media.upload_id is None:
            return None
        return self._bucket.parts(upload_key(media.owner_id, media.id), media.upload_id)

    def complete(self, viewer_id: str, media_id: str) -> Media:
        """Complete the upload; its content is checked when S3 has assembled it. Idempotent.

        Raises:
            NotFound: not there or not the caller's own.
            Unprocessable: a part is missing or has the wrong size, so the file would differ from the permitted one.
        """
        for _ in range(_ATTEMPTS):
            media = self._own(viewer_id, media_id)
            if media.upload_id is None:
                return media
            arrived = self._arrived(media)
            if arrived is not None:
                _check(media, arrived)
                self._bucket.complete_parts(upload_key(media.owner_id, media.id), media.upload_id)
            after = self._store.replace(replace(media, upload_id=None))
            if after is not None:
                return after
        raise Conflict("The medium was changed at the same time.")

    def discard(self, viewer_id: str, media_id: str) -> None:
        """Cancel the upload, or discard the medium.

        Raises:
            NotFound: absent or not the caller's. Conflict: a post or profile shows it, or it was changed meanwhile.
        """
        for _ in range(_ATTEMPTS):
            media = self._own(viewer_id, media_id)
            if media.used_by:
                raise Conflict("A post or your profile shows this medium.")
            key = upload_key(media.owner_id, media.id)
            if media.upload_id is not None:
                self._bucket.abort_parts(key, media.upload_id)
            if self._store.discard(media):
                return
        raise Conflict("The medium was changed at the same time.")

    def _own(self, viewer_id: str, media_id: str) -> Media:
        media = self._store.get(media_id)
        if media is None or media.owner_id != viewer_id:
            raise NotFound("Media not found.")
        return media


def sizes(total: int) -> list[int]:
    """Bytes of each part: all of the same size but the last."""
    whole, rest = divmod(total, PART_BYTES)
    return [PART_BYTES] * whole + ([rest] if rest else [])


def part_list(bucket: Parts, media: Media, arrived: dict[int, int]) -> PartList:
    """The parts of an upload that was begun."""
    assert media.upload_id is not None
    key, seconds = upload_key(media.owner_id, media.id), UPLOAD_MINUTES * 60
    parts = [
        Part(
            number,
            size,
            None if arrived.get(number) == size else bucket.part_url(key, media.upload_id, number, size, seconds),
        )
        for number, size in enumerate(sizes(media.bytes), start=1)
    ]
    return PartList(parts, to_text(now() + timedelta(seconds=seconds)))


def _check(media: Media, arrived: dict[int, int]) -> None:
    wanted = dict(enumerate(sizes(media.bytes), start=1))
    if arrived != wanted:
        wrong = sorted(number for number in wanted.keys() | arrived.keys() if wanted.get(number) != arrived.get(number))
        expected = f"{len(wanted)} parts of {media.bytes} bytes together"
        fault = FieldError("parts", expected, f"missing or of another size: {wrong[:20]}")
        raise Unprocessable("The upload is incomplete.", fault)


def parts_resource(parts: PartList) -> UploadParts:
    listed: list[UploadPart] = [
        {"number": one.number, "bytes": one.bytes, "done": one.url is None, "url": one.url} for one in parts.parts
    ]
    return {"partBytes": PART_BYTES, "parts": listed, "expiresAt": parts.expires_at}


def upload_resource(upload: Upload) -> UploadResource:
    return {"url": upload.url, "fields": upload.fields, "expiresAt": upload.expires_at}
