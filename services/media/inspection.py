"""Detects a file's type by its content. Names and declared types are trusted only if the content agrees."""

from __future__ import annotations

from pathlib import Path

from services.common.lazy_dataclasses import dataclass

#: The first bytes of a file that ``content_types`` wants.
HEAD_BYTES = 64
_ISO_MEDIA = frozenset({"video/mp4", "video/quicktime", "audio/mp4"})
#: Pictures coded by HEVC (ISO/IEC 23008-12, annex B), and the brand that leaves the codec open.
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1"})
_HEIF = frozenset({"image/heic", "image/heif"})
_EBML = frozenset({"video/webm", "audio/webm"})


class Refused(Exception):
    """The file is refused. ``reason`` is one of ``REASONS``, shown to the owner."""

    def __init__(self, reason: str) -> None:
        assert reason in REASONS
        super().__init__(reason)
        self.reason = reason


#: reason → what it means
REASONS = {
    "type-mismatch": "the content is not of the declared type",
    "too-large": "more bytes than this kind may have",
    "unreadable": "the content is damaged",
    "too-many-pixels": "more pixels than can be processed",
    "no-video": "a video file without a picture track",
    "no-audio": "an audio file without a sound track",
    "replaced": "another upload took its place while it was examined",
    "wrong-duration": "it declares much more time than it holds",
}


@dataclass(frozen=True)
class Facts:
    """Facts from the content; ``None`` for unknown ones."""

    width: int | None = None
    height: int | None = None
    duration_ms: int | None = None


def content_types(head: bytes) -> frozenset[str]:
    """Possible content types of a file with this beginning; none for an unknown format.

    Containers can hold audio or video, so they give several types: the tracks decide.
    """
    if head.startswith(b"\xff\xd8\xff"):
        return frozenset({"image/jpeg"})
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return frozenset({"image/png"})
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return frozenset({"image/gif"})
    if head[:4] == b"RIFF":
        return {b"WEBP": frozenset({"image/webp"}), b"WAVE": frozenset({"audio/wav"})}.get(head[8:12], frozenset())
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        return _HEIF
    if head[4:8] in (b"ftyp", b"moov", b"wide"):
        return _ISO_MEDIA
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return _EBML
    if head.startswith(b"OggS"):
        return frozenset({"audio/ogg"})
    if head.startswith(b"ID3") or _is_mpeg_audio_frame(head):
        return frozenset({"audio/mpeg"})
    return frozenset()


def _is_mpeg_audio_frame(head: bytes) -> bool:
    """Sync word, a real version, layer III, a real bit rate and sample rate (ISO/IEC 11172-3, 2.4.1.3)."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    version, layer = (head[1] >> 3) & 3, (head[1] >> 1) & 3
    return version != 1 and layer == 1 and (head[2] >> 4) not in (0, 15) and (head[2] >> 2) & 3 != 3


def check_type(path: Path, declared: str) -> None:
    """Raises: Refused (``type-mismatch``)."""
    with path.open("rb") as file:
        if declared not in content_types(file.read(HEAD_BYTES)):
            raise Refused("type-mismatch")
