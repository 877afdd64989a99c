"""The content of a message: text, links, mentions, attachments, reactions, and the rules on them."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import regex

from services.chat.model import Message
from services.chat.views import message_resource
from services.common.errors import BadRequest, FieldError, TooLarge, Unprocessable
from services.common.folding import unaccented
from services.common.text import clean, folded, graphemes
from services.common.tokenizer import tokens_of, values

TEXT_LIMIT = 2000
#: A grapheme cluster may be many bytes; a message with its frame stays well below the 32 KB of the transport.
TEXT_BYTES_LIMIT = 16 * 1024
#: A whole message, as JSON: the frame around it, and the signatures of its links, have the rest of the 32 KB.
MESSAGE_BYTES_LIMIT = 24 * 1024
PREVIEW_LIMIT = 120
MEDIA_LIMIT = 4
MENTION_LIMIT = 20
_LINK_LIMIT = 10
#: Of a description, what goes along with every frame.
_ALT_LIMIT = 200
_EMOJI_BYTES = 64

_SELECTORS = regex.compile(r"[\uFE0E\uFE0F]")
_PICTOGRAPH = regex.compile(r"[\p{Emoji_Presentation}\p{Extended_Pictographic}\u20e3\U0001f1e6-\U0001f1ff]")


class ReadyMedia(Protocol):
    """The media context, as far as reading messages needs it."""

    def ready(self, owner_id: str, media_ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """Media id → Media resource, for those that are this owner's and ready."""


class MediaLibrary(ReadyMedia, Protocol):
    """The media context, as far as chat needs it."""

    def picture_url(self, owner_id: str, media_id: str) -> str | None:
        """Address of the small form of a ready photo of this owner."""


def check_text(text: str, *, least: int = 1) -> str:
    """The normalised text, as it is stored.

    Raises:
        BadRequest: empty, above 2000 characters as people count them, above 16 KB, or with control characters.
    """
    result = clean("text", text, limit=TEXT_LIMIT, least=least)
    size = len(result.encode())
    if size > TEXT_BYTES_LIMIT:
        fault = FieldError("text", f"at most {TEXT_BYTES_LIMIT} bytes of UTF-8", f"{size} bytes")
        raise BadRequest("The text is too long.", fault)
    return result


def links_of(text: str) -> tuple[str, ...]:
    """Addresses in a text, each once."""
    return tuple(values(tokens_of(text), "link"))[:_LINK_LIMIT]


def handles_of(text: str) -> list[str]:
    """Lower-case handles that a text mentions, each once."""
    return values(tokens_of(text), "mention")[:MENTION_LIMIT]


def check_media(library: MediaLibrary, owner_id: str, media_ids: Sequence[str]) -> tuple[Mapping[str, Any], ...]:
    """Attachments of a message: up to four photos, or one video or sound.

    Raises:
        BadRequest: too many or doubled ones.
        Unprocessable: one is not the sender's own and ready.
    """
    if not media_ids:
        return ()
    if len(media_ids) > MEDIA_LIMIT or len(set(media_ids)) < len(media_ids):
        fault = FieldError("mediaIds", f"at most {MEDIA_LIMIT} different media", str(len(media_ids)))
        raise BadRequest("Too many attachments.", fault)
    found = library.ready(owner_id, media_ids)
    for one in media_ids:
        if one not in found:
            raise Unprocessable(
                "An attachment is not ready.", FieldError("mediaIds", "your own media, with state ready", one)
            )
    kinds = [found[one]["kind"] for one in media_ids]
    if len(kinds) > 1 and set(kinds) != {"photo"}:
        fault = FieldError("mediaIds", "photos, or one video or sound", ", ".join(kinds))
        raise BadRequest("A message can have several photos, or one other attachment.", fault)
    # Frames are short: further sizes come with what is read by HTTP.
    kept = {one: {**found[one], "variants": []} for one in media_ids}
    return tuple({**kept[one], "altText": str(kept[one].get("altText", ""))[:_ALT_LIMIT]} for one in media_ids)


def check_emoji(value: str) -> str:
    """One emoji. Raises ``BadRequest`` for anything else."""
    result = unicodedata.normalize("NFC", value.strip())
    if graphemes(result) != 1 or len(result.encode()) > _EMOJI_BYTES or not _PICTOGRAPH.search(result):
        raise BadRequest("A reaction is one emoji.", FieldError("emoji", "one emoji", repr(value)[:64]))
    return result


def check_size(message: Message) -> Message:
    """Raises ``TooLarge`` when the message would not fit into a frame: very long text with very many reactions."""
    size = len(json.dumps(message_resource(message), ensure_ascii=False, separators=(",", ":")).encode())
    if size > MESSAGE_BYTES_LIMIT:
        fault = FieldError("message", f"at most {MESSAGE_BYTES_LIMIT} bytes as JSON", f"{size} bytes")
        raise TooLarge("The message would be too large for a frame.", fault)
    return message


def preview_of(message: Message) -> str:
    """The beginning of a message on one line, for notifications; a symbol stands for attachments without text."""
    line = " ".join(message.text.split())
    if not line and message.media:
        return {"photo": "📷", "video": "🎬", "audio": "🎤"}[message.media[0]["kind"]]
    return line if len(line) <= PREVIEW_LIMIT else line[: PREVIEW_LIMIT - 1] + "…"


def searched(text: str) -> str:
    """The form in which search compares: width, case, accents and variation selectors (❤️ is ❤) are the same."""
    return unaccented(folded(_SELECTORS.sub("", text)))
