"""What the target on Docker refuses before it asks for Docker."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from kit.settings import checkout_root


def test_localstack_is_refused_in_a_sentence_before_anything_starts(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kit.bootstrap"],
        cwd=checkout_root(),
        env=os.environ
        | {"TARGET": "compose", "EMULATOR": "localstack", "ASYNCSNS_STATE": str(tmp_path), "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "EMULATOR=localstack cannot be used yet" in done.stderr
    assert "Traceback" not in done.stderr
    assert "docker" not in done.stdout + done.stderr
