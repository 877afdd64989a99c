from __future__ import annotations

import mmap
import sys
from pathlib import Path

import pytest

from emulation.search.memory import release_mapped_files

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="madvise(2) of Linux; elsewhere it does nothing")


def test_released_pages_are_read_back_unchanged(tmp_path: Path) -> None:
    file = tmp_path / "dictionary"
    content = bytes(range(256)) * 4096
    file.write_bytes(content)
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert mapped[:] == content
        assert release_mapped_files() >= 1
        assert mapped[:] == content
