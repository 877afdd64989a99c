"""The Python that functions run on, and an interpreter of that version on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

#: Lambda's runtime on AWS, which the layers are built for.
#: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
LAMBDA_PYTHON: Final = "3.12"
HOST_PYTHON: Final = f"{sys.version_info.major}.{sys.version_info.minor}"


@cache
def interpreter(version: str = LAMBDA_PYTHON) -> str | None:
    """A program that runs this version (``3.12``): this one, one on PATH, or one of pyenv's; else None."""
    return next((program for program in _candidates(version) if _version_of(program) == version), None)


def _candidates(version: str) -> Iterator[str]:
    yield sys.executable
    if found := shutil.which(f"python{version}"):
        yield found
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from (str(program) for program in sorted(pyenv.glob(f"versions/{version}.*/bin/python")))


def _version_of(program: str) -> str | None:
    """pyenv's shims are programs too, which fail for a version that is not chosen."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([program, "-I", "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None
