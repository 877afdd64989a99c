"""Another version of Python on this machine than the one that runs the kit."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path


def find(version: str, environ: Mapping[str, str] = os.environ) -> str | None:
    """Path of an interpreter of ``version`` ("3.13"): on the PATH, else the newest of pyenv's."""
    return next((path for path in _candidates(version, environ) if _is(path, version)), None)


def _candidates(version: str, environ: Mapping[str, str]) -> Iterator[str]:
    if found := shutil.which(f"python{version}", path=environ.get("PATH", "")):
        yield found
    versions = Path(environ.get("PYENV_ROOT") or Path(environ.get("HOME", "/")) / ".pyenv") / "versions"
    yield from (str(path) for path in sorted(versions.glob(f"{version}.*/bin/python{version}"), reverse=True))


def _is(path: str, version: str) -> bool:
    """Whether it runs: what pyenv puts on the PATH does so only where somebody chose that version."""
    program = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run(
            [path, "-I", "-c", program], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
    except OSError:
        return False
    return done.returncode == 0 and done.stdout.strip() == version
