"""A new MiniStack version must pass this first: every private name that the emulator host uses still exists."""

from __future__ import annotations

import subprocess

from kit.settings import checkout_root

SCRIPT = """
import os, sys
os.environ.update(AUTH="true", PERSIST_STATE="0")
from importlib.metadata import version
from emulation.emulator import seams
problems = seams.check()
if version("ministack") != seams.PINNED_VERSION:
    problems.append(f"ministack is {version('ministack')}, the host was built for {seams.PINNED_VERSION}")
print("\\n".join(problems))
"""


def test_the_pinned_ministack_has_every_name_the_host_uses() -> None:
    python = checkout_root() / ".asyncsns" / "venv-emulator" / "bin" / "python"
    result = subprocess.run(
        [str(python), "-c", SCRIPT], cwd=checkout_root(), capture_output=True, text=True, check=True, timeout=60
    )
    assert result.stdout.strip() == ""
