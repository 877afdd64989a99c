"""Processes of the kit create files that only their user can read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from kit import shell
from kit.settings import checkout_root
from tests.unit.kit.test_private import mode


def test_a_process_of_the_kit_makes_private_files_and_installs_usual_ones(tmp_path: Path) -> None:
    program = (
        "import os, pathlib, sys\n"
        "from kit import shell\n"
        "from emulation.private import keep_private, usual_umask\n"
        "os.umask(0o022)\n"
        "keep_private(); keep_private()\n"
        "here = pathlib.Path(sys.argv[1])\n"
        "(here / 'made').mkdir(); (here / 'made' / 'file').write_text('x')\n"
        "shell.run(['touch', here / 'child'], cwd=here, log=here / 'log')\n"
        "shell.run(['touch', here / 'installed'], cwd=here, log=here / 'log', umask=usual_umask())\n"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], cwd=checkout_root(), check=True, timeout=60)
    found = {name: mode(tmp_path / name) for name in ("made", "made/file", "child", "log", "installed")}
    assert found == {"made": 0o700, "made/file": 0o600, "child": 0o600, "log": 0o600, "installed": 0o644}


def test_a_child_inherits_the_umask_of_its_parent(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        with shell.ended_on_failure():
            shell.run(["touch", tmp_path / "file"], cwd=tmp_path, log=tmp_path / "log")
    finally:
        os.umask(before)
    assert mode(tmp_path / "file") == 0o640
