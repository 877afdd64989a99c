"""Media that people upload, from the permit to upload until it can be shown or is refused."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum

from services.common.errors import BadRequest, FieldError, TooLarge
from services.common.lazy_dataclasses import dataclass
from services.common.text import clean

ALT_TEXT_LIMIT = 1_500
UPLOAD_MINUTES = 30
#: A medium that is unused after this time is deleted: never uploaded, or never attached to a post or a profile.
UNUSED_HOURS = 24


class Kind(StrEnum):
    PHOTO = "photo"
    VIDEO = "video"
    AUDIO = "audio"


class State(StrEnum):
    """pending (permit given) → processing (arrived) → ready | rejected."""

    PENDING = "pending"
    PROCESSING = "processing"
    READY = "ready"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Rule:
    """Limits of a kind: the greatest size in bytes; content type → file extension."""

    max_bytes: int
    types: dict[str, str]


_MB = 1024 * 1024
RULES: dict[Kind, Rule] = {
    Kind.PHOTO: Rule(
        10 * _MB,
        {
            "image/jpeg": "jpg",
            "image/png": "png",
            "image/webp": "webp",
            "image/gif": "gif",
            "image/heic": "heic",
            "image/heif": "heif",
        },
    ),
    Kind.VIDEO: Rule(100 * _MB, {"video/mp4": "mp4", "video/webm": "webm", "video/quicktime": "mov"}),
    Kind.AUDIO: Rule(
        20 * _MB,
        {
            "audio/mpeg": "mp3",
            "audio/mp4": "m4a",
            "audio/ogg": "ogg",
            "audio/wav": "wav",
            "audio/webm": "weba",
        },
    ),
}
#: Aliases of content types that browsers send.
_ALIASES = {
    "audio/x-m4a": "audio/mp4",
    "audio/m4a": "audio/mp4",
    "audio/mp3": "audio/mpeg",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/vnd.wave": "audio/wav",
    "image/jpg": "image/jpeg",
}


@dataclass(frozen=True)
class Media:
    """``content_type`` is the owner's declaration until the processor has detected the type."""

    id: str
    owner_id: str
    kind: Kind
    state: State
    content_type: str
    bytes: int
    created_at: str
    alt_text: str = ""
    width: int | None = None
    height: int | None = None
    duration_ms: int | None = None
    extension: str | None = None
    has_thumbnail: bool = False
    #: Names of further sizes, as they are stored (``w1280.webp``), the smallest first.
    variants: tuple[str, ...] = ()
    #: A picture of a few pixels as a ``data:`` URL, to be shown until the real one is there.
    placeholder: str | None = None
    #: Loudness of sound over time: at most 64 values from 0 to 100.
    peaks: tuple[int, ...] = ()
    reason: str | None = None
    #: S3's id of an upload in parts, while there is one.
    upload_id: str | None = None
    #: ETag of the upload that is examined: a form can be sent again, and what it brings then is not this medium.
    upload_tag: str | None = None
    #: Users of the medium: ``POST#<id>``, ``PROFILE#<user id>``.
    used_by: frozenset[str] = frozenset()
    #: When it goes, as long as nothing uses it (seconds since the epoch).
    expires_at: int | None = None
    version: int = 1
    #: Header of the trace in which it was written.
    trace: str = field(default="", compare=False, repr=False)


def variant_name(width: int, extension: str) -> str:
    return f"w{width}.{extension}"


def upload_key(owner_id: str, media_id: str) -> str:
    """The key of the browser's upload, which is never served."""
    return f"uploads/{owner_id}/{media_id}"


def parse_upload_key(key: str) -> tuple[str, str]:
    """``(owner id, media id)``; raises ``ValueError`` for a key of another shape."""
    parts = key.split("/")
    if len(parts) != 3 or parts[0] != "uploads":
        raise ValueError(f"expected uploads/<owner>/<media>, got {key!r}")
    return parts[1], parts[2]


def served_key(media_id: str, name: str) -> str:
    """The key of files that need a signature; it is their path at CloudFront."""
    return f"{served_folder(media_id)}{name}"


def served_folder(media_id: str) -> str:
    return f"media/private/{media_id}/"


def public_key(media_id: str, name: str) -> str:
    """The key of public files: pictures of people."""
    return f"{public_folder(media_id)}{name}"


def public_folder(media_id: str) -> str:
    """The only place that needs no signature (``SERVED_PUBLIC`` in ``infra/constants.py``)."""
    return f"media/public/{media_id}/"


def checked_type(kind: Kind, content_type: str) -> str:
    """The content type without parameters, aliases resolved. Raises: BadRequest."""
    plain = content_type.split(";")[0].strip().lower()
    plain = _ALIASES.get(plain, plain)
    if plain not in RULES[kind].types:
        expected = "one of " + ", ".join(RULES[kind].types)
        raise BadRequest(
            f"contentType: expected {expected} for a {kind}.", FieldError("contentType", expected, content_type[:64])
        )
    return plain


def checked_size(kind: Kind, size: int) -> int:
    """Raises: BadRequest (nothing), TooLarge (over the kind's limit)."""
    limit = RULES[kind].max_bytes
    if size < 1:
        raise BadRequest("bytes: expected at least 1.", FieldError("bytes", "at least 1", str(size)))
    if size > limit:
        raise TooLarge(f"A {kind} can have up to {limit} bytes.", FieldError("bytes", f"at most {limit}", str(size)))
    return size


def checked_alt_text(text: str) -> str:
    """Raises: BadRequest (over 1,500 characters, control characters)."""
    return clean("altText", text, limit=ALT_TEXT_LIMIT)
