"""`make doctor` also runs on machines on which the installation failed."""

from __future__ import annotations

import subprocess
import sys

from kit.settings import checkout_root


def test_the_doctor_needs_no_installed_package() -> None:
    code = "import kit.doctor, sys; print([name for name in ('boto3', 'aiohttp', 'ministack') if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], cwd=checkout_root(), capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr
