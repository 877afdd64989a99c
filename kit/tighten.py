"""Makes files of earlier versions private to their user at each ``make up``. Standard library only."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from emulation.private import UMASK
from kit.settings import Settings

#: Folders of ``Settings.home`` that hold more than copies of what can be downloaded.
_FOLDERS = ("state", "run", "keys", "logs", "stamps", "cdk.out", "bench", "screens")


def tighten(settings: Settings) -> list[Path]:
    """Remove the rights of others from the kit's files; returns those that could not be changed (another user's)."""
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
