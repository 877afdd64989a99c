"""MP3, Ogg and WAV: only the audio packets are copied to a new file, so that no tag of the old one is left. By FFmpeg
(PyAV)."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import av

from services.common.observability import logger
from services.media.decoding import opened
from services.media.inspection import Facts, Refused

#: content type → muxer and its options: no tags of its own, no encoder's name
_MUXERS: dict[str, tuple[str, dict[str, str]]] = {
    "audio/mpeg": ("mp3", {"id3v2_version": "0", "write_id3v1": "0"}),
    "audio/ogg": ("ogg", {}),
    "audio/wav": ("wav", {"write_bext": "0"}),
}
_NO_VERSIONS = {"fflags": "+bitexact"}
_SECONDS = 30.0


def examine(path: Path, content_type: str) -> Facts:
    """Duration as a WAV declares it (the others have none but their packets'); the file loses its title, pictures,
    comments and places, and every packet stays as it is. Raises: Refused (``unreadable``).
    """
    clean = path.with_name(f"{path.name}.clean")
    declared = _declared_ms(path) if content_type == "audio/wav" else None
    try:
        with opened(path, content_type) as source:
            packets = _copy_sound(source, clean, content_type)
    except Exception as error:
        # FFmpeg says of a damaged file whatever its demuxers run into.
        logger.info("not readable", extra={"reason": repr(error)[:200]})
        clean.unlink(missing_ok=True)
        raise Refused("unreadable") from error
    if packets == 0:
        clean.unlink(missing_ok=True)
        raise Refused("unreadable")
    clean.replace(path)
    return Facts(duration_ms=declared)


def _declared_ms(path: Path) -> int | None:
    """What the header of a WAV says (FFmpeg looks at what is there). Multimedia Programming Interface and Data
    Specifications 1.0, "Waveform Audio File Format": chunks of ``id, size, content``, padded to even sizes.
    """
    rate = 0
    with path.open("rb") as file:
        file.seek(12)
        while len(head := file.read(8)) == 8:
            size = int.from_bytes(head[4:], "little")
            if head[:4] == b"data":
                return size * 1000 // rate if rate else None
            if head[:4] == b"fmt ":
                rate = int.from_bytes(file.read(16)[8:12], "little")
                size -= 16
            file.seek(size + size % 2, 1)
    return None


def _copy_sound(source: Any, target: Path, content_type: str) -> int:
    """Copy the first sound track without its metadata; returns the number of packets. Packets after damage are left
    out."""
    kind, options = _MUXERS[content_type]
    stream, count, until = source.streams.audio[0], 0, time.monotonic() + _SECONDS
    with av.open(str(target), "w", format=kind, options=options | _NO_VERSIONS) as file:
        track = file.add_stream_from_template(stream)
        file.metadata.clear()
        track.metadata.clear()
        for packet in source.demux(stream):
            if packet.dts is None:
                continue
            packet.stream = track
            file.mux_one(packet)
            count += 1
            if time.monotonic() > until:
                raise TimeoutError(f"too long: {count} packets so far")
    return count
