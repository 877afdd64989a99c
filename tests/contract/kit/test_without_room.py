"""A process whose files cannot grow, for the disk-full drill."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from kit import system

_WRITES = """
import sys
for line in sys.stdin:
    try:
        with open(sys.argv[1], "a") as file:
            file.write(line)
        print("written", flush=True)
    except OSError as error:
        print(type(error).__name__, flush=True)
"""


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="prlimit(2) is Linux's")
def test_files_can_grow_again_after_the_full_disk_drill(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _WRITES, str(tmp_path / "file")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout

        def write() -> str:
            process.stdin.write("a line\n")  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
            return process.stdout.readline().strip()  # type: ignore[union-attr]

        assert write() == "written"
        with system.without_room(process.pid):
            assert write() == "OSError"
        assert write() == "written"
        process.stdin.close()
    assert (tmp_path / "file").read_text() == "a line\na line\n"
