"""What the kit writes is its user's alone: keys, tokens, mails and items of the network lie in it.

Files are made with 0600 and folders with 0700, because every process of the kit begins with ``keep_private``; what an
earlier checkout left behind is put right by ``tighten`` at each ``make up``. Standard library only.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from emulation.settings import Settings

#: The rights of the group and of all others, which are taken away.
UMASK = 0o077
#: Folders of ``Settings.home`` that hold more than copies of what can be downloaded.
_FOLDERS = ("state", "run", "keys", "logs", "stamps", "cdk.out", "bench", "screens")
_usual = -1


def keep_private() -> None:
    """From now on this process, and what it starts, makes files and folders for its user alone."""
    global _usual
    before = os.umask(UMASK)
    if _usual < 0:
        _usual = before


def usual_umask() -> int:
    """The user's own, for what need not be private (``subprocess``: -1 leaves it as it is)."""
    return _usual


def tighten(settings: Settings) -> list[Path]:
    """Take all rights of others from what the kit wrote; returns what could not be changed (another user's)."""
    refused = []
    for path in _written(settings):
        try:
            mode = path.lstat().st_mode
            if not stat.S_ISLNK(mode) and mode & UMASK:
                path.chmod(stat.S_IMODE(mode) & ~UMASK)
        except FileNotFoundError:
            continue
        except PermissionError:
            refused.append(path)
    return refused


def _written(settings: Settings) -> Iterator[Path]:
    yield from settings.home.glob("*.json")
    for top in {settings.state, *(settings.home / name for name in _FOLDERS)}:
        if not top.is_dir():
            continue
        yield top
        for folder, folders, files in os.walk(top):
            yield from (Path(folder, name) for name in (*folders, *files))
