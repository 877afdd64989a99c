"""Files of the running network are readable by their user only."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from emulation.private import UMASK
from kit.settings import Settings

SETTINGS = Settings.load()


def open_to_others(top: Path) -> list[str]:
    """``top``, and files and folders below it, that the group or others may use."""
    found = []
    for folder, folders, files in os.walk(top):
        for path in [Path(folder), *(Path(folder, name) for name in (*folders, *files))]:
            try:
                mode = path.lstat().st_mode
            except FileNotFoundError:
                continue
            if not stat.S_ISLNK(mode) and mode & UMASK:
                found.append(f"{stat.filemode(mode)} {path.relative_to(top)}")
    return sorted(set(found))


@pytest.mark.parametrize("name", ["state", "run", "keys", "logs", "cdk.out"])
def test_nothing_that_make_up_writes_is_open_to_others(name: str) -> None:
    top = SETTINGS.state if name == "state" else SETTINGS.home / name
    assert any(top.iterdir()), "`make up` first"
    assert open_to_others(top) == []


def test_files_with_endpoints_and_outputs_are_private() -> None:
    files = [SETTINGS.endpoints_file, SETTINGS.outputs_file, SETTINGS.remembered_file]
    assert [path.name for path in files if path.stat().st_mode & UMASK] == []
