"""``make mutants``: per package mutants made, killed and survived, and each survivor without an explanation.

Exit code: 0 every mutant is killed or explained, and every explanation fits one; 1 something is left; 2 it could not
be run.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from emulation.private import keep_private
from kit.mutants import explained, workspace
from kit.mutants.mutant import Mutant, Outcome, mutants_of
from kit.mutants.packages import Package, UnknownPackageError, packages
from kit.settings import checkout_root


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("packages", nargs="*")
    parser.add_argument("--children", type=int, default=os.cpu_count() or 2)
    given = parser.parse_args(arguments)
    keep_private()
    root = checkout_root()
    try:
        chosen = packages(root, given.packages)
        reasons = explained.read(root / explained.FILE)
        tried = {package.name: _tried(root, package, reasons, given.children) for package in chosen}
    except (UnknownPackageError, explained.ExplanationError, workspace.MutmutFailedError) as error:
        print(error, file=sys.stderr)
        return 2
    files = _files(root, chosen)
    mutants = [one for found in tried.values() for one in found]
    gone = explained.outdated(mutants, reasons, files, _files(root, packages(root)) - files)
    print()
    for name, found in tried.items():
        print(figures(name, found, reasons))
    return _report(len(explained.unexplained(mutants, reasons)), gone)


def _tried(root: Path, package: Package, reasons: Sequence[explained.Explanation], children: int) -> list[Mutant]:
    """The mutants of one package; those that are left are printed as soon as it is done."""
    begin = time.monotonic()
    folder = workspace.prepare(root, package)
    (tools,) = (root / ".asyncsns" / "venv-mutants" / "lib").glob("python3*/site-packages")
    workspace.run(folder, package, root / ".asyncsns" / "venv" / "bin" / "python", tools, children)
    files = sorted(
        str(path.relative_to(folder / "mutants"))[: -len(".meta")] for path in (folder / "mutants").rglob("*.py.meta")
    )
    chosen = [one for one in files if any(fnmatchcase(one, pattern) for pattern in package.files)]
    found = [mutant for file in chosen for mutant in mutants_of(folder, file)]
    left = explained.unexplained(found, reasons)
    print(f"{package.name}: {time.monotonic() - begin:.0f} s, {len(left)} left", flush=True)
    for mutant in left:
        print(f"\n{mutant}", flush=True)
    return found


def figures(name: str, mutants: Sequence[Mutant], reasons: Sequence[explained.Explanation]) -> str:
    count = Counter(one.outcome for one in mutants)
    left = len(explained.unexplained(mutants, reasons))
    said = len(mutants) - count[Outcome.KILLED] - left
    unclear = f", {count[Outcome.UNCLEAR]} unclear" if count[Outcome.UNCLEAR] else ""
    return (
        f"{name:14} {len(mutants)} made, {count[Outcome.KILLED]} killed, {count[Outcome.SURVIVED]} survived, "
        f"{count[Outcome.UNTESTED]} in functions that no unit test runs{unclear}; explained {said}, left {left}"
    )


def _files(root: Path, chosen: Sequence[Package]) -> set[str]:
    """Patterns are those of ``fnmatch``, as mutmut takes them: a star reaches into folders."""
    patterns = [pattern for package in chosen for pattern in package.files]
    paths = [str(path.relative_to(root)) for name in workspace.SOURCES for path in (root / name).rglob("*.py")]
    return {path for path in paths if any(fnmatchcase(path, pattern) for pattern in patterns)}


def _report(left: int, gone: Sequence[explained.Explanation]) -> int:
    for one in gone:
        print(f"\n{explained.FILE}: no survivor fits this any more, remove it: {one}")
    if left:
        print(f"\n{left} left: write a test that fails with the change, remove dead code, or say in "
              f"{explained.FILE} why nothing can notice it.")  # fmt: skip
    return 1 if left or gone else 0


if __name__ == "__main__":
    sys.exit(main())
