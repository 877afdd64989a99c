"""MP3, Ogg and WAV: duration, and tags taken out."""

from __future__ import annotations

from pathlib import Path

import mutagen
from mutagen.mp3 import MP3, BitrateMode
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis
from mutagen.wave import WAVE

from services.common.observability import logger
from services.media.inspection import Facts, Refused

_READERS: dict[str, tuple[type[mutagen.FileType], ...]] = {
    "audio/mpeg": (MP3,),
    "audio/ogg": (OggOpus, OggVorbis),
    "audio/wav": (WAVE,),
}


def examine(path: Path, content_type: str) -> Facts:
    """Duration; the file's tags (title, pictures, comments) are deleted in place. Raises: Refused (``unreadable``).

    An MP3 without a header of its own declares no duration: what its first frame suggests is off where the bit rate
    varies.
    """
    for reader in _READERS[content_type]:
        try:
            found = reader(path)
            length = int(found.info.length * 1000) if found.info else 0
            if found.tags is not None:
                found.delete()
        except Exception as error:
            # Damaged files make mutagen raise whatever its parsing runs into (IndexError, struct.error, …).
            logger.info("not readable", extra={"reader": reader.__name__, "reason": repr(error)[:200]})
            continue
        if length > 0:
            guessed = getattr(found.info, "bitrate_mode", None) is BitrateMode.UNKNOWN
            return Facts(duration_ms=None if guessed else length)
    raise Refused("unreadable")
