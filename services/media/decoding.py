"""Opens untrusted files with FFmpeg (PyAV): the demuxer is named, not guessed, and may read no other file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av

_DEMUXERS = {
    "video/mp4": "mov",
    "video/quicktime": "mov",
    "video/webm": "matroska",
    "audio/mp4": "mov",
    "audio/webm": "matroska",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
}


@contextmanager
def opened(path: Path, content_type: str) -> Iterator[Any]:
    options = {"protocol_whitelist": "file"}
    with av.open(str(path), format=_DEMUXERS[content_type], options=options) as container:
        yield container
