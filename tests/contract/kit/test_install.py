"""An interrupted install is repeated; a folder under its final name is always complete."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kit import shell
from kit.install import INTERPRETER, Installer, replace_folder
from kit.settings import Settings
from kit.stamps import Stamp, fingerprint
from kit.steps import UNCHANGED

#: Like uv: the package counts as installed before its modules exist.
_UV = """#!/bin/sh
set -e
for last; do :; done
if [ "$1" = venv ]; then
  mkdir -p "$last/bin" && ln -s "$(command -v python3)" "$last/bin/python"
  exit
fi
while [ "$1" != --python ]; do shift; done
site="$(dirname "$(dirname "$2")")/site"
if [ ! -d "$site/httpx.dist-info" ]; then
  mkdir -p "$site/httpx.dist-info"
  if [ -e "$0.dies" ]; then kill -9 $$; fi
  mkdir "$site/httpx"
fi
"""
_NPM = """#!/bin/sh
set -e
if [ "$1" = run ]; then
  mkdir -p "$5" && echo new > "$5/half.js"
  if [ -e dies ]; then exit 1; fi
  echo new > "$5/index.html"
  exit
fi
rm -rf node_modules && mkdir -p node_modules/half
echo "$*" > node_modules/asked
if [ -e dies ]; then exit 1; fi
mkdir node_modules/whole
"""


@pytest.fixture
def installer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installer:
    """An installer whose uv and npm are scripts that can crash midway."""
    settings = Settings(root=tmp_path / "checkout")
    made = Installer(settings)
    for folder in (settings.root / "requirements", settings.root / "frontend-static", made.uv.parent, tmp_path / "bin"):
        folder.mkdir(parents=True)
    (settings.root / "requirements" / "project.txt").write_text("httpx==1")
    for file, text in ((made.uv, _UV), (tmp_path / "bin" / "npm", _NPM)):
        file.write_text(text)
        file.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/local/bin:/usr/bin:/bin")
    return made


def test_an_interrupted_environment_is_recreated_from_scratch(installer: Installer) -> None:
    dies = installer.uv.with_name("uv.dies")
    dies.touch()
    with pytest.raises(shell.CommandFailed):
        installer.project_venv()
    assert not installer.settings.venv.exists(), "an incomplete environment is at the path of a complete one"

    dies.unlink()
    assert installer.project_venv() is None
    assert (installer.settings.venv / "site" / "httpx").is_dir()
    assert installer.project_venv() == UNCHANGED


def test_a_half_installed_environment_of_an_older_kit_is_recreated(installer: Installer) -> None:
    """The older kit wrote ``made-for`` before the packages, and uv trusts each ``.dist-info``."""
    (installer.settings.venv / "site" / "httpx.dist-info").mkdir(parents=True)
    Stamp(installer.settings.venv / "made-for", fingerprint([], INTERPRETER)).write()
    installer.project_venv()
    assert (installer.settings.venv / "site" / "httpx").is_dir()


def test_an_interrupted_update_keeps_the_previous_environment(installer: Installer) -> None:
    installer.project_venv()
    lock = installer.settings.root / "requirements" / "project.txt"
    lock.write_text("httpx==2")
    dies = installer.uv.with_name("uv.dies")
    dies.touch()
    with pytest.raises(shell.CommandFailed):
        installer.project_venv()
    assert (installer.settings.venv / "site" / "httpx").is_dir()
    dies.unlink()
    assert installer.project_venv() is None, "the older environment was taken for today's"
    assert installer.project_venv() == UNCHANGED


@pytest.mark.parametrize("gone", ["venv/bin/python", "venv"])
def test_a_removed_environment_is_created_again(installer: Installer, gone: str) -> None:
    installer.project_venv()
    path = installer.settings.home / gone
    if path.is_symlink():
        path.unlink()
    else:
        shutil.rmtree(path)
    assert installer.project_venv() is None
    assert (installer.settings.venv / "bin" / "python").exists()


def test_interrupted_packages_of_npm_are_installed_again(installer: Installer) -> None:
    root = installer.settings.root
    _fails_once(root / "dies", installer.cdk_toolchain)
    assert (root / "node_modules" / "half").exists()
    assert installer.cdk_toolchain() is None
    assert (root / "node_modules" / "whole").exists()
    assert installer.cdk_toolchain() == UNCHANGED
    # A stamp outside the folder would outlive it.
    shutil.rmtree(root / "node_modules")
    (root / "node_modules").mkdir()
    assert installer.cdk_toolchain() is None


def test_an_interrupted_npm_update_is_detected_after_the_lock_file_reverts(installer: Installer) -> None:
    root = installer.settings.root
    (root / "package.json").write_text("1")
    installer.cdk_toolchain()
    (root / "package.json").write_text("2")
    _fails_once(root / "dies", installer.cdk_toolchain)
    (root / "package.json").write_text("1")
    assert installer.cdk_toolchain() is None


def test_a_network_is_built_without_the_packages_of_tests(installer: Installer) -> None:
    asked = installer.settings.root / "frontend-static" / "node_modules" / "asked"
    assert installer.ui_packages(with_tests=False) is None
    assert "--omit=dev" in asked.read_text()
    assert installer.ui_packages(with_tests=False) == UNCHANGED
    assert installer.ui_packages() is None, "the tests' packages were taken for installed"
    assert "--omit=dev" not in asked.read_text()
    assert installer.ui_packages(with_tests=False) == UNCHANGED, "the tests' packages would be removed by make up"


def test_an_interrupted_build_keeps_the_previous_ui(installer: Installer) -> None:
    ui = installer.settings.root / "frontend-static"
    (ui / "node_modules").mkdir()
    (ui / "dist").mkdir()
    (ui / "dist" / "index.html").write_text("old")
    _fails_once(ui / "dies", installer.ui_build)
    assert sorted(file.name for file in (ui / "dist").iterdir()) == ["index.html"]
    assert not installer.is_ui_built()
    assert installer.ui_build() is None
    assert (ui / "dist" / "index.html").read_text() == "new\n"
    assert installer.is_ui_built()


def test_leftovers_of_an_interrupted_swap_are_removed(tmp_path: Path) -> None:
    for name in ("venv.new", "venv.new.old"):
        (tmp_path / name / "rest").mkdir(parents=True)

    def make(folder: Path) -> None:
        assert not folder.exists()
        folder.mkdir()

    replace_folder(tmp_path / "venv", make)
    assert [path.name for path in tmp_path.iterdir()] == ["venv"]
    assert not (tmp_path / "venv" / "rest").exists()


def _fails_once(dies: Path, step: Callable[[], object]) -> None:
    dies.touch()
    with pytest.raises(shell.CommandFailed):
        step()
    dies.unlink()
