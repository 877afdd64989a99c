"""A copy of the tree for mutmut, which changes files and runs the tests beside them.

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
from collections.abc import Iterable
from pathlib import Path

from kit.mutants import explained
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
#: Written when all files are in the workspace, and when mutmut has tried every mutant.
_STAMP, _ENDED = "tree.sha256", "ended"


class MutmutFailedError(Exception):
    """mutmut did not finish: the tests fail without a change, or it found nothing to change."""


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
        file.write(_settings(workspace, package))
    stamp.write_text(digest, "utf-8")
    return workspace


def _is_complete(workspace: Path) -> bool:
    """Whether mutmut got as far as trying mutants: it writes its statistics of the tests just before that."""
    try:
        json.loads((workspace / "mutants" / "mutmut-stats.json").read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return True


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


def _settings(workspace: Path, package: Package) -> str:
    tests = [f"tests/unit/{one}" for one in package.tests]
    fields: dict[str, object] = {
        "source_paths": SOURCES,
        "only_mutate": package.files,
        "also_copy": [one for one in _BESIDE if one != "tests"],
        "pytest_add_cli_args": ("-p", "no:cacheprovider", "-n", "0"),
        "pytest_add_cli_args_test_selection": [one for one in tests if (workspace / one).exists()],
        "use_git_change_detection": False,
    }
    lines = [f"{name} = {json.dumps(value)}" for name, value in fields.items()]
    return "\n".join(["", "[tool.mutmut]", *lines, ""])


def run(workspace: Path, python: Path, tools: Path, children: int) -> None:
    """Run mutmut in the workspace, unless it was run to its end there; its output is in ``mutmut.log``.

    Args:
        python: with the project's packages.
        tools: the ``site-packages`` with mutmut.

    Raises:
        MutmutFailedError: with the end of its output.
    """
    if (workspace / _ENDED).exists():
        return
    log = workspace / "mutmut.log"
    environment = {**os.environ, "PYTHONPATH": str(tools)}
    command = [str(python), "-m", "mutmut", "run", "--max-children", str(children)]
    with log.open("wb") as out:
        done = subprocess.run(
            command, cwd=workspace, env=environment, stdout=out, stderr=subprocess.STDOUT, check=False
        )
    if done.returncode != 0 and not is_without_mutants(workspace):
        end = log.read_text("utf-8", errors="replace").replace("\r", "\n").splitlines()[-25:]
        raise MutmutFailedError("\n".join(end))
    (workspace / _ENDED).touch()


def is_without_mutants(workspace: Path) -> bool:
    """Whether mutmut read all files and found nothing to change in them; it then exits with an error."""
    made = [json.loads(path.read_text("utf-8"))["exit_code_by_key"] for path in workspace.glob("mutants/**/*.py.meta")]
    return bool(made) and not any(made)
