"""Other platforms: every locked package has a wheel, so `make up` compiles nothing. Queries the package index.

uv resolves for a platform that it does not run on: https://docs.astral.sh/uv/reference/cli/#uv-pip-install
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from kit.settings import checkout_root

pytestmark = pytest.mark.long
#: Published as sources only, in pure Python (and data): they are built without a compiler.
_PURE = ("http-ece", "unidic-lite")
#: PyAV's wheels require macOS 14 or later.
_PLATFORMS = {"Apple silicon": "aarch64-apple-darwin", "Linux on ARM": "aarch64-unknown-linux-gnu"}
_MAC = "14.0"


def resolve(lock: str, platform: str, python: str, target: Path) -> subprocess.CompletedProcess[str]:
    command = [
        checkout_root() / ".asyncsns" / "tools" / "bin" / "uv", "pip", "install", "--dry-run", "--target", target,
        "--python-platform", platform, "--python-version", python, "--only-binary", ":all:",
        *(word for name in _PURE for word in ("--no-binary", name)), "--require-hashes",
        "-r", checkout_root() / "requirements" / f"{lock}.txt",
    ]  # fmt: skip
    environment = os.environ | {"MACOSX_DEPLOYMENT_TARGET": _MAC}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=280, check=False)


@pytest.mark.parametrize("lock", ["project", "emulator", "tools"])
@pytest.mark.parametrize("python", ["3.12", "3.13"])
@pytest.mark.parametrize("where", _PLATFORMS)
def test_every_locked_package_has_a_wheel(lock: str, python: str, where: str, tmp_path: Path) -> None:
    done = resolve(lock, _PLATFORMS[where], python, tmp_path / "target")
    if "error sending request" in done.stderr.lower() or "failed to fetch" in done.stderr.lower():
        pytest.skip(f"the package index does not answer: {done.stderr.splitlines()[-1]}")
    assert done.returncode == 0, done.stderr


def test_gevent_still_has_no_wheel_for_python_311_on_apple_silicon(tmp_path: Path) -> None:
    done = resolve("project", _PLATFORMS["Apple silicon"], "3.11", tmp_path / "target")
    assert "gevent" in done.stderr, "gevent has a wheel now: take the note out of kit/preflight.py"
