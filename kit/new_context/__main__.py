"""``python -m kit.new_context recipes [--one recipe]``: the worked example of the docs, in this tree.

Writes and formats the files, then runs the generators (the API's description, the UI's types, the snapshot of the
templates).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from emulation.private import keep_private
from kit.new_context.example import ExampleRefused, files_after
from kit.new_context.names import NameRefused, Names

#: What is recorded of the templates: their resources, and the diagram that the UI draws of them.
_SNAPSHOTS = ("tests/infra/test_snapshots.py", "tests/infra/test_picture.py")
_WRITTEN = "snapshots or diagram_of_the_templates"


def main(arguments: list[str] | None = None) -> int:
    """0: made; 1: the example does not fit the tree; 2: the name is refused. Nothing is written then."""
    keep_private()
    parser = argparse.ArgumentParser(prog="python -m kit.new_context", description=__doc__)
    parser.add_argument("name", nargs="?", default="", help="the context, in the plural: recipes")
    parser.add_argument("--one", default="", help="its singular, where that is not the name without its s")
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="the tree; without it the present folder")
    given = parser.parse_args(arguments)
    try:
        files = files_after(given.root, Names.of(given.name, given.one))
    except NameRefused as error:
        print(f"NAME: {error}. Say: make new-context NAME=recipes", file=sys.stderr)
        return 2
    except ExampleRefused as error:
        print(error, file=sys.stderr)
        return 1
    new = [path for path in files if not (given.root / path).exists()]
    for path, text in files.items():
        (given.root / path).parent.mkdir(parents=True, exist_ok=True)
        (given.root / path).write_text(text, "utf-8")
    _format(given.root, list(files))
    _generate(given.root)
    for path in files:
        print(f"  {'new' if path in new else 'changed':8} {path}")
    print("\nNow `make check`, then `make up`. docs/worked-example.md tells what each file is for.")
    return 0


def _format(root: Path, paths: list[str]) -> None:
    """Imports in order, lines in their length: another name is as long as it is."""
    python = [path for path in paths if path.endswith(".py")]
    _run(root, [sys.executable, "-m", "ruff", "check", "-q", "--fix", "--select", "I,RUF022", *python])
    _run(root, [sys.executable, "-m", "ruff", "format", "-q", *python])
    ui = [path.removeprefix("frontend-static/") for path in paths if path.endswith((".ts", ".tsx"))]
    _run(root / "frontend-static", ["npx", "--no-install", "biome", "check", "--write", "--log-level=error", *ui])


def _generate(root: Path) -> None:
    for module in ("services.openapi", "services.asyncapi"):
        _run(root, [sys.executable, "-m", module])
    _run(root, ["node", "tools/api-types/generate.mjs"])
    environment = {"ASYNCSNS_WRITE_SNAPSHOTS": "1"}
    _run(root, [sys.executable, "-m", "pytest", "-q", "-n", "0", *_SNAPSHOTS, "-k", _WRITTEN], environment)


def _run(root: Path, command: list[str], environment: dict[str, str] | None = None) -> None:
    """Quiet when it goes well. Raises: SystemExit, with what the program printed."""
    merged = {**os.environ, "PYTHONPATH": str(root), **(environment or {})}
    done = subprocess.run(command, cwd=root, env=merged, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command[:4])} ended with {done.returncode}:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    sys.exit(main())
