"""Frames between edge and emulator: several calls on one connection, split at any byte."""

from __future__ import annotations

from pathlib import Path

from emulation.aws.invocation_frames import Frames, frame, socket_path


def test_frames_are_put_together_from_any_pieces() -> None:
    sent = frame(1, b"head", b"\n", b"event") + frame(7, b"") + frame(2**32 - 1, bytes(range(256)) * 300)
    expected = [(1, b"head\nevent"), (7, b""), (2**32 - 1, bytes(range(256)) * 300)]
    for size in (1, 3, 8, 4096, len(sent)):
        frames = Frames()
        got = [one for at in range(0, len(sent), size) for one in frames.of(sent[at : at + size])]
        assert got == expected


def test_a_path_too_long_for_a_socket_is_not_used() -> None:
    assert socket_path(Path("/home/me/.asyncsns/state")) is not None
    assert socket_path(Path("/home/" + "x" * 80)) is None
