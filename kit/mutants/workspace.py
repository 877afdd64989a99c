"""A copy of the tree, in which mutmut changes files and our plugin of pytest tries the mutants.

mutmut puts all mutants of a function beside it and picks one by a variable, so that Python imports the tree once and
forks for each mutant. It takes functions and methods; it leaves out what is decorated, and constants of modules.
https://mutmut.readthedocs.io/
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from kit.mutants import explained, trials
from kit.mutants.packages import Package

#: Folders with code that is mutated, and what their tests need beside them.
SOURCES = ("services", "emulation")
_BESIDE = (
    "infra",
    "kit",
    "loadtests",
    "docs",
    "requirements",
    "frontend-static/tests",
    "tests",
    "pyproject.toml",
    "cdk.json",
    "Makefile",
)
#: Written when all files are in the workspace, and when every mutant was tried.
_STAMP, _ENDED = "tree.sha256", "ended"
_PYTEST = (
    "-m",
    "pytest",
    "-q",
    "--rootdir=.",
    "--capture=sys",
    "-n",
    "0",
    "-p",
    "no:cacheprovider",
    "-p",
    trials.__name__,
)


class MutmutFailedError(Exception):
    """Not every mutant was tried: mutmut did not make them, or the tests fail without a change."""


def prepare(root: Path, package: Package) -> Path:
    """The workspace of a package.

    It keeps the results of an earlier run as long as no file has changed since: a run that was stopped goes on. After
    any change it is empty, because older results would hide what tests gained or lost.
    """
    workspace = root / ".asyncsns" / "mutants" / package.name
    files = [name for name in _tracked(root) if (root / name).is_file()]
    digest = _digest(root, files, package)
    stamp = workspace / _STAMP
    if stamp.is_file() and stamp.read_text("utf-8") == digest and _is_complete(workspace):
        return workspace
    shutil.rmtree(workspace, ignore_errors=True)
    for name in files:
        target = workspace / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / name, target)
    with (workspace / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(_settings(package))
    stamp.write_text(digest, "utf-8")
    return workspace


def _is_complete(workspace: Path) -> bool:
    """Whether mutants were being tried: what the tests reach is written just before that."""
    return (workspace / "mutants" / trials.TESTS).is_file()


def _digest(root: Path, files: Iterable[str], package: Package) -> str:
    """Hash of all inputs of a result: names and contents of the files, and the package's definition."""
    found = hashlib.sha256(repr(package).encode())
    for name in sorted(set(files) - {str(explained.FILE)}):
        content = (root / name).read_bytes()
        found.update(f"{name}\0{len(content)}\0".encode() + content)
    return found.hexdigest()


def _tracked(root: Path) -> list[str]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *SOURCES, *_BESIDE]
    listed = subprocess.run(command, cwd=root, capture_output=True, check=True).stdout.decode()
    return [one for one in listed.split("\0") if one]


def _settings(package: Package) -> str:
    fields: dict[str, object] = {
        "source_paths": SOURCES,
        "only_mutate": package.files,
        "also_copy": [one for one in _BESIDE if one != "tests"],
    }
    lines = [f"{name} = {json.dumps(value)}" for name, value in fields.items()]
    return "\n".join(["", "[tool.mutmut]", *lines, ""])


def run(workspace: Path, package: Package, python: Path, tools: Path, children: int) -> None:
    """Make the mutants and try those without a result; the output is in ``mutants.log``.

    Args:
        python: with the project's packages.
        tools: the ``site-packages`` with mutmut.

    Raises:
        MutmutFailedError: with the end of the output.
    """
    if (workspace / _ENDED).exists():
        return
    mutants = workspace / "mutants"
    environment = {**os.environ, "PYTHONPATH": str(tools), "PYTHONHASHSEED": "0"}
    with (workspace / "mutants.log").open("wb") as log:
        if not _is_complete(workspace):
            _run([str(python), "-m", "kit.mutants.change", str(children)], workspace, environment, log)
        if not is_without_mutants(workspace):
            tests = [f"tests/unit/{one}" for one in package.tests if (workspace / "tests" / "unit" / one).exists()]
            _run([str(python), *_PYTEST, "--children", str(children), *tests], mutants, environment, log)
    (workspace / _ENDED).touch()


def _run(command: Sequence[str], folder: Path, environment: Mapping[str, str], log: BinaryIO) -> None:
    done = subprocess.run(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        end = Path(log.name).read_text("utf-8", errors="replace").splitlines()[-25:]
        raise MutmutFailedError("\n".join(end))


def is_without_mutants(workspace: Path) -> bool:
    """Whether mutmut read all files and found nothing to change in them."""
    made = [json.loads(path.read_text("utf-8"))["exit_code_by_key"] for path in workspace.glob("mutants/**/*.py.meta")]
    return bool(made) and not any(made)
