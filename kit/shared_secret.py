"""Secrets and keys of this checkout, outside the emulator's state: made once, and made again when damaged."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from emulation import mended
from kit import console

T = TypeVar("T")
_SECRET_BYTES = 32
_SECRET = re.compile(rf"[0-9a-f]{{{2 * _SECRET_BYTES}}}")


def made_once(file: Path) -> str:
    """The secret in this file, which a process of this machine and the functions share."""
    return kept(file, lambda: secrets.token_hex(_SECRET_BYTES).encode(), _read_secret)


def kept(file: Path, make: Callable[[], bytes], read: Callable[[bytes], T]) -> T:
    """The content of this file, which is created when missing, readable for its owner alone.

    The file is written atomically, and an existing one is kept. An unreadable one is moved aside with a note.

    Args:
        read: raises ValueError for what ``make`` did not make.
    """
    if not file.exists():
        _make(file, make())
    try:
        return read(file.read_bytes())
    except ValueError as error:
        place = mended.set_aside(file, file.parent)
        told = f"{file} is damaged ({error}): it is kept as {place}, and a new one was made"
        print(console.yellow(mended.note(file.parent, told)), file=sys.stderr, flush=True)
    _make(file, make())
    return read(file.read_bytes())


def _make(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    made = file.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(made, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as out:
        out.write(content)
    with contextlib.suppress(FileExistsError):
        os.link(made, file)
    made.unlink()


def _read_secret(content: bytes) -> str:
    text = content.decode("ascii").strip()
    if not _SECRET.fullmatch(text):
        raise ValueError(f"expected {2 * _SECRET_BYTES} hexadecimal digits, got {len(content)} bytes of something else")
    return text


def write_private(file: Path, text: str) -> Path:
    """A configuration that holds a secret: readable for its owner alone."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="ascii") as out:
        out.write(text)
    return file
