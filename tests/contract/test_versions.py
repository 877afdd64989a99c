"""`make test-versions`: the network starts and is used with each Python and each Node that the README names.

Each row is a copy of the checkout with nothing installed. Pythons are found on the PATH and in pyenv. Node is the one
on the PATH if its version fits, otherwise the locked one of the package index (``requirements/node-*.txt``). A skip
names each missing version.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kit.settings import Settings, checkout_root
from tests.contract.emulator_process import free_offset
from tests.support.clone import Clone

pytestmark = [pytest.mark.long, pytest.mark.timeout(1500)]

ROWS = [("3.11", "20"), ("3.12", "22"), ("3.13", "24")]
_UP_SECONDS = 600.0

Copy = Callable[[str], Clone]


def _answer(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def _python(version: str) -> Path:
    """An interpreter of this minor version; a pyenv shim without a target does not count."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    folders = [Path(folder) for folder in os.environ["PATH"].split(os.pathsep)]
    folders += sorted(pyenv.glob(f"versions/{version}.*/bin"), reverse=True)
    for found in (folder / f"python{version}" for folder in folders):
        if found.exists() and _answer(found, "--version").startswith(f"Python {version}."):
            return found.resolve()
    pytest.skip(f"python{version} is neither on the PATH nor in {pyenv}/versions")


def _node(version: str) -> Path:
    """The folder of ``node`` and ``npm``."""
    if _answer("node", "--version").startswith(f"v{version}."):
        return Path(shutil.which("node") or "").parent
    settings, lock = Settings.load(), checkout_root() / "requirements" / f"node-{version}.txt"
    if not lock.exists():
        pytest.skip(f"the node on the PATH is {_answer('node', '--version') or 'none'}, and {lock.name} is not there")
    uv, place = settings.tools / "bin" / "uv", settings.home / f"venv-node-{version}"
    subprocess.run([uv, "venv", "--quiet", "--clear", place], check=True)
    install = [uv, "pip", "install", "--quiet", "--require-hashes", "--python", place / "bin" / "python", "-r", lock]
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"Node {version} is not on the PATH and cannot be had: {done.stderr[-300:]}")
    return place / "bin"


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Copy]:
    """A copy whose commands find this Node first; stopped after the test."""
    made: list[Clone] = []

    def make(node: str) -> Clone:
        path = f"{_node(node)}{os.pathsep}{os.environ['PATH']}"
        made.append(Clone(tmp_path / "asyncsns", PATH=path, ASYNCSNS_PORT_OFFSET=str(free_offset())))
        return made[-1]

    yield make
    for clone in made:
        clone.start("down").wait(120)
        shutil.rmtree(clone.root, ignore_errors=True)


def _used(clone: Clone, python: Path, version: str) -> None:
    """`make up` and the smoke test with this interpreter; both environments belong to it."""
    clone.run("up", f"PYTHON={python}", "SEED=no", seconds=_UP_SECONDS)
    for environment in ("venv", "venv-emulator"):
        interpreter = clone.root / ".asyncsns" / environment / "bin" / "python"
        assert _answer(interpreter, "--version").startswith(f"Python {version}.")
    clone.run("smoke", f"PYTHON={python}")


@pytest.mark.parametrize(("python", "node"), ROWS)
def test_the_network_comes_up_and_is_used(python: str, node: str, copy: Copy) -> None:
    interpreter = _python(python)
    _used(copy(node), interpreter, python)


def test_another_python_takes_over_a_running_network(copy: Copy) -> None:
    """No process of the old environment keeps running."""
    first, second = _python("3.11"), _python("3.13")
    clone = copy("20")
    _used(clone, first, "3.11")
    _used(clone, second, "3.13")
