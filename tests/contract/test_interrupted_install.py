"""`make install` in a fresh clone, interrupted: the next one heals, and nothing is left half-made under its name.

Two moments by default: while uv writes packages, and while npm does. ``ASYNCSNS_TEST_MOMENTS="1 3 5 8"`` adds every one
of these seconds after the start, by Ctrl-C and by ``kill -9``, each in a clone without anything installed (minutes).
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kit.settings import checkout_root

_LEFT_OUT = pytest.param(1.0, marks=pytest.mark.skip("ASYNCSNS_TEST_MOMENTS names no seconds"))
_SECONDS = [float(word) for word in os.environ.get("ASYNCSNS_TEST_MOMENTS", "").split()] or [_LEFT_OUT]
_INSTALL_SECONDS = 400.0
_IMPORTS = {"venv": "httpx, boto3, pytest", "venv-emulator": "ministack, boto3"}
#: Every file that a package says it has.
_WHOLE = """
from importlib.metadata import distributions
for package in distributions():
    gone = [str(file) for file in package.files or ["its own list of files"] if not package.locate_file(file).exists()]
    assert not gone, f"{package.name} lacks {gone[:3]}"
"""
_NODE_MODULES = {".": "node_modules/.bin/cdk", "frontend-static": "node_modules/.bin/vite"}
_MADE = (".asyncsns", "node_modules", "frontend-static/node_modules")


class Clone:
    """A checkout of the working tree, with nothing installed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=checkout_root(), capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        for name in filter(None, listed.split("\0")):
            if (source := checkout_root() / name).exists():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, root / name)

    def start(self) -> subprocess.Popen[str]:
        """`make install` in a process group of its own, as a terminal would start it."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("ASYNCSNS_", "MAKE", "MFLAGS"))}
        return subprocess.Popen(
            ["make", "install"],
            cwd=self.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def interrupt(self, when: Callable[[], bool], number: signal.Signals) -> None:
        """Start an install and signal its whole group at the moment; it may be done before."""
        process = self.start()
        _until(lambda: when() or process.poll() is not None, _INSTALL_SECONDS)
        if process.poll() is None:
            os.killpg(process.pid, number)
        process.communicate(timeout=30)
        _until(lambda: not self.programs(), 20)

    def programs(self) -> list[str]:
        """Programs that still work in this clone."""
        listing = subprocess.run(["ps", "-A", "-ww", "-o", "command="], capture_output=True, text=True, check=True)
        return [line for line in listing.stdout.splitlines() if str(self.root) in line]

    def heal(self) -> None:
        process = self.start()
        output, _ = process.communicate(timeout=_INSTALL_SECONDS)
        assert process.returncode == 0, output
        self.check(complete=True)

    def check(self, *, complete: bool = False) -> None:
        """What is there under its name is whole; ``complete``: and all of it is there."""
        for name, modules in _IMPORTS.items():
            python = self.root / ".asyncsns" / name / "bin" / "python"
            if complete or python.exists():
                code = f"import {modules}{_WHOLE}"
                done = subprocess.run([python, "-c", code], capture_output=True, text=True, timeout=120)
                assert done.returncode == 0, f"{name} is half-made: {done.stderr[-1000:]}"
        for folder, program in _NODE_MODULES.items():
            if complete:
                done = subprocess.run([self.root / folder / program, "--version"], capture_output=True, text=True)
                assert done.returncode == 0, f"{folder}/node_modules is half-made: {done.stderr[-1000:]}"

    def empty(self) -> None:
        for name in _MADE:
            shutil.rmtree(self.root / name, ignore_errors=True)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    """One for all: copying is cheap, but the healed clone of one test is where the next one starts."""
    made = Clone(tmp_path_factory.mktemp("clone") / "asyncsns")
    yield made
    shutil.rmtree(made.root, ignore_errors=True)


@pytest.mark.timeout(1000)
def test_an_install_that_was_interrupted_twice_heals(clone: Clone) -> None:
    packages = clone.root / ".asyncsns"
    clone.interrupt(lambda: any(packages.glob("venv*/lib/*/site-packages/*.dist-info")), signal.SIGINT)
    clone.check()
    modules = clone.root / "frontend-static" / "node_modules"
    clone.interrupt(lambda: modules.is_dir() and any(modules.iterdir()), signal.SIGKILL)
    clone.check()
    clone.heal()


@pytest.mark.timeout(1000)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("seconds", _SECONDS)
def test_an_install_that_was_interrupted_at_any_second_heals(
    clone: Clone, seconds: float, number: signal.Signals
) -> None:
    clone.empty()
    until = time.monotonic() + seconds
    clone.interrupt(lambda: time.monotonic() >= until, number)
    clone.check()
    clone.heal()


def _until(probe: Callable[[], object], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not probe():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)
