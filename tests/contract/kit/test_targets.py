"""The default target works before anything is installed."""

from __future__ import annotations

import subprocess
import sys

from kit.settings import checkout_root


def test_the_default_target_imports_no_installed_package() -> None:
    """`make up` on a fresh machine starts without packages: ``-S`` hides those of this environment."""
    root = checkout_root()
    command = [sys.executable, "-S", "-c", "import kit.__main__, kit.targets.embedded"]
    done = subprocess.run(command, cwd=root, env={"PYTHONPATH": str(root)}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-500:]
