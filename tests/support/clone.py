"""A copy of the checkout with nothing installed, in which ``make`` commands run as in a terminal."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from kit.settings import checkout_root

INSTALL_SECONDS = 400.0
_IMPORTS = {"venv": "httpx, boto3, pytest", "venv-emulator": "ministack, boto3"}
#: Prints each file of a package that is missing.
_WHOLE = """
from importlib.metadata import distributions
for package in distributions():
    gone = [str(file) for file in package.files or ["its own list of files"] if not package.locate_file(file).exists()]
    assert not gone, f"{package.name} lacks {gone[:3]}"
"""
_NODE_MODULES = {".": "node_modules/.bin/cdk", "frontend-static": "node_modules/.bin/vite"}
_MADE = (".asyncsns", "node_modules", "frontend-static/node_modules")


class Clone:
    """A checkout of the working tree. ``variables``: environment of its commands, in addition to this process's own."""

    def __init__(self, root: Path, **variables: str) -> None:
        self.root, self.variables = root, variables
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=checkout_root(), capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        for name in filter(None, listed.split("\0")):
            if (source := checkout_root() / name).exists():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, root / name)

    def start(self, *command: str) -> subprocess.Popen[str]:
        """`make …` in its own process group, as a terminal would start it; its output goes to the file of ``said``."""
        outer = {k: v for k, v in os.environ.items() if not k.startswith(("ASYNCSNS_", "MAKE", "MFLAGS"))}
        with self.said.open("w") as out:
            return subprocess.Popen(
                ["make", *command],
                cwd=self.root,
                env=outer | self.variables,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )

    @property
    def said(self) -> Path:
        """The output of the last command."""
        return self.root.with_name(f"{self.root.name}.said")

    def run(self, *command: str, seconds: float = INSTALL_SECONDS) -> str:
        """Run `make …` and return its output; fails with the output when the command fails."""
        process = self.start(*command)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise AssertionError(f"make {command} still ran after {seconds} s:\n{self.said.read_text()}") from None
        assert process.returncode == 0, f"make {command}:\n{self.said.read_text()}"
        return self.said.read_text()

    def interrupt(self, number: signal.Signals, when: Callable[[], object], *command: str) -> bool:
        """Start a command and signal its process group at the moment; returns False when it had ended before."""
        process = self.start(*command)
        until(lambda: when() or process.poll() is not None, INSTALL_SECONDS)
        hit = process.poll() is None
        if hit:
            os.killpg(process.pid, number)
        process.wait(30)
        return hit

    def programs(self) -> list[str]:
        """Programs that still run in this clone."""
        listing = subprocess.run(["ps", "-A", "-ww", "-o", "command="], capture_output=True, text=True, check=True)
        return [line for line in listing.stdout.splitlines() if str(self.root) in line]

    def check(self, *, complete: bool = False) -> None:
        """Check that each installed folder is complete; with ``complete``, that none is missing."""
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
        """Reset the clone to its state after `git clone`."""
        for name in _MADE:
            shutil.rmtree(self.root / name, ignore_errors=True)


def until(probe: Callable[[], object], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not probe():
        assert time.monotonic() < deadline, "the condition was not met in time"
        time.sleep(0.01)
