"""The search for interpreters finds one that runs, not a file that only has the name."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from kit import install, pythons
from kit.install import Installer
from kit.settings import Settings
from kit.steps import StepFailed

_VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"


def _program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    path.chmod(0o700)
    return path


def test_a_python_on_the_path_is_preferred(tmp_path: Path) -> None:
    found = _program(tmp_path / f"python{_VERSION}", f'exec "{sys.executable}" "$@"')
    assert pythons.find(_VERSION, {"PATH": str(tmp_path)}) == str(found)


def test_a_pyenv_shim_that_does_not_run_is_skipped(tmp_path: Path) -> None:
    _program(tmp_path / "shims" / "python3.99", "echo 'pyenv: python3.99: command not found' >&2; exit 127")
    real = _program(tmp_path / "pyenv" / "versions" / "3.99.2" / "bin" / "python3.99", "echo 3.99")
    environ = {"PATH": f"{tmp_path / 'shims'}:{os.environ['PATH']}", "PYENV_ROOT": str(tmp_path / "pyenv")}
    assert pythons.find("3.99", environ) == str(real)


def test_localstack_without_its_python_version_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "LOCALSTACK_PYTHON", "3.99")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    with pytest.raises(StepFailed, match=r"EMULATOR=localstack needs Python 3\.99"):
        Installer(Settings(root=tmp_path)).localstack_venv()
