"""Processes an upload: checks it, cleans it, and stores it for CloudFront; or refuses it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from services.common.lazy_dataclasses import dataclass
from services.common.observability import logger
from services.common.tracing import Cause, continued
from services.media import audio, isomedia, photos, video, webm
from services.media.inspection import Facts, Refused, check_type
from services.media.model import RULES, Kind, Media, State, parse_upload_key, served_folder, served_key

_ATTEMPTS = 5
_FINAL = (State.READY, State.REJECTED)
_POSTER_SIDE = 1280
#: A file may declare so much more time than its packets cover: a tenth, and the end that a recorder did not write.
_DURATION_FACTOR, _DURATION_SLACK_MS = 1.1, 10_000


class Gone(Exception):
    """The owner discarded the medium while it was processed."""


class ProcessingStore(Protocol):
    """The repository, for the processor."""

    def get(self, media_id: str) -> Media | None: ...
    def replace(self, media: Media) -> Media | None: ...


class Files(Protocol):
    """The bucket, for the processor."""

    def find(self, key: str) -> tuple[int, str] | None: ...
    def fetch(self, key: str, tag: str, path: Path) -> bool: ...
    def store(self, path: Path, key: str, content_type: str) -> None: ...
    def remove(self, key: str) -> None: ...
    def remove_below(self, prefix: str) -> int: ...


@dataclass(frozen=True)
class Prepared:
    """Files ready to be served. ``thumbnail``: of a photo, or a video's poster; ``variants``: names beside it."""

    facts: Facts
    original: Path
    thumbnail: Path | None = None
    variants: tuple[str, ...] = ()
    placeholder: str | None = None
    peaks: tuple[int, ...] = ()
    #: The content type of the served file, if it differs from the upload's.
    content_type: str | None = None


class Processor:
    """Processes one upload from ``uploads/<owner>/<media>``; idempotent for repeated notifications."""

    def __init__(self, store: ProcessingStore, files: Files, announce: Callable[[Media], None]) -> None:
        self._store = store
        self._files = files
        self._announce = announce

    def process(self, key: str) -> None:
        """Bring the medium to ``ready`` or ``rejected``, tell its owner, and remove the upload.

        S3 accepts a form any number of times until it expires. The first upload is the medium: it is bound by its ETag
        before it is read. Later uploads are deleted unread, and never change stored files.
        """
        owner_id, media_id = parse_upload_key(key)
        media = self._store.get(media_id)
        with continued(Cause(media.trace) if media else None):
            self._process(media, key, owner_id)

    def _process(self, media: Media | None, key: str, owner_id: str) -> None:
        if media is None or media.owner_id != owner_id:
            logger.warning("an upload without a permit", extra={"key": key})
        elif media.state in _FINAL:
            self._announce(media)
        else:
            try:
                self._settle(media, key)
            except Gone:
                logger.info("thrown away meanwhile", extra={"media_id": media.id})
                self._files.remove_below(served_folder(media.id))
        self._files.remove(key)

    def _settle(self, media: Media, key: str) -> None:
        found = self._files.find(key)
        if found is None:
            return
        if media.state is State.PENDING:
            media = self._change(media.id, State.PENDING, {"state": State.PROCESSING, "upload_tag": found[1]})
            self._announce(media)
        try:
            changes = self._take(media, key, *found)
        except Refused as refused:
            logger.info("refused", extra={"media_id": media.id, "reason": refused.reason})
            changes = {"state": State.REJECTED, "reason": refused.reason}
        settled = self._change(media.id, State.PROCESSING, changes)
        if settled.state is State.REJECTED:
            # Stored by this attempt perhaps, and refused meanwhile by one that was told of another upload.
            self._files.remove_below(served_folder(media.id))
        self._announce(settled)

    def _take(self, media: Media, key: str, size: int, tag: str) -> dict[str, Any]:
        # Media that were being processed before tags were kept have none.
        if tag != (media.upload_tag or tag):
            raise Refused("replaced")
        if size > min(media.bytes, RULES[media.kind].max_bytes):
            raise Refused("too-large")
        with tempfile.TemporaryDirectory() as scratch:
            upload = Path(scratch) / "upload"
            if not self._files.fetch(key, tag, upload):
                raise Refused("replaced")
            ready = prepare(media.kind, media.content_type, upload, Path(scratch))
            content_type = ready.content_type or media.content_type
            extension = RULES[media.kind].types[content_type]
            self._files.store(ready.original, served_key(media.id, f"original.{extension}"), content_type)
            if ready.thumbnail:
                self._files.store(ready.thumbnail, served_key(media.id, "thumb.webp"), "image/webp")
            for name in ready.variants:
                kind = f"image/{name.rpartition('.')[2]}"
                self._files.store(Path(scratch) / name, served_key(media.id, name), kind)
            return {
                "state": State.READY,
                "bytes": ready.original.stat().st_size,
                "content_type": content_type,
                "extension": extension,
                "has_thumbnail": ready.thumbnail is not None,
                "width": ready.facts.width,
                "height": ready.facts.height,
                "duration_ms": ready.facts.duration_ms,
                "variants": ready.variants,
                "placeholder": ready.placeholder,
                "peaks": ready.peaks,
            }

    def _change(self, media_id: str, before: State, changes: dict[str, Any]) -> Media:
        """Apply changes to the newest version: the owner may describe the medium at the same time. Returns the stored
        medium when its state is no longer ``before``: another attempt was faster."""
        for _ in range(_ATTEMPTS):
            media = self._store.get(media_id)
            if media is None:
                raise Gone
            if media.state is not before:
                return media
            after = self._store.replace(replace(media, **changes))
            if after is not None:
                return after
        raise RuntimeError(f"medium {media_id} was changed by others in {_ATTEMPTS} attempts")


def prepare(kind: Kind, content_type: str, upload: Path, scratch: Path) -> Prepared:
    """Check an upload by its content and make the served files in ``scratch``. Raises: Refused."""
    check_type(upload, content_type)
    if kind is Kind.PHOTO:
        original, thumbnail = scratch / "original", scratch / "thumb.webp"
        facts, served = photos.convert(upload, content_type, original, thumbnail)
        variants = photos.renditions(original, scratch)
        return Prepared(facts, original, thumbnail, variants, photos.placeholder(thumbnail), content_type=served)
    original = Path(shutil.move(upload, scratch / "original"))
    facts = _examined(kind, content_type, original)
    facts = _timed(facts, video.held_ms(original, content_type))
    if kind is Kind.AUDIO:
        return Prepared(facts, original, peaks=video.peaks(original, content_type))
    still = scratch / "thumb.webp"
    shown = video.poster(original, content_type, still, _POSTER_SIDE)
    if shown is None:
        return Prepared(facts, original)
    # A picture that was turned by its metadata has the sides that the decoder shows.
    turned = replace(facts, width=shown[0], height=shown[1])
    return Prepared(turned, original, still, placeholder=photos.placeholder(still))


def _timed(facts: Facts, held_ms: int | None) -> Facts:
    """The declared duration if it is plausible; the packets' duration if none is declared.

    Raises: Refused (``wrong-duration``).
    """
    if facts.duration_ms is None:
        return replace(facts, duration_ms=held_ms or None)
    if held_ms is not None and facts.duration_ms > held_ms * _DURATION_FACTOR + _DURATION_SLACK_MS:
        raise Refused("wrong-duration")
    return facts


def _examined(kind: Kind, content_type: str, original: Path) -> Facts:
    """Facts of video or sound; metadata about its owner are blanked in place. Raises: Refused."""
    if content_type in ("video/mp4", "video/quicktime", "audio/mp4"):
        facts = isomedia.examine(original, video=kind is Kind.VIDEO)
        isomedia.anonymise(original)
        return facts
    if content_type in ("video/webm", "audio/webm"):
        facts = webm.examine(original, video=kind is Kind.VIDEO)
        webm.anonymise(original)
        return facts
    return audio.examine(original, content_type)
