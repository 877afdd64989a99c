"""``python -m kit.opensearch_node run|contract|lock``: the real node, the two columns, the lock file."""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
from pathlib import Path

from emulation.private import keep_private
from kit.opensearch_node.assemble import CannotAssemble, write_lock
from kit.opensearch_node.contract import run_column, table
from kit.opensearch_node.process import Node
from kit.settings import Settings

#: The node's port lies this far above the embedded engine's.
PORT_DISTANCE = 1


def main() -> int:
    keep_private()
    parser = argparse.ArgumentParser(prog="python -m kit.opensearch_node", description=__doc__)
    parser.add_argument("command", choices=["run", "contract", "lock"])
    command = parser.parse_args().command
    settings = Settings.load()
    home = settings.home / "search-node"
    try:
        if command == "run":
            return _run(home, settings)
        if command == "lock":
            print(f"{write_lock(home)} jars locked")
            return 0
    except CannotAssemble as error:
        print(error, file=sys.stderr)
        return 1
    return _contract(home, settings)


def _run(home: Path, settings: Settings) -> int:
    with Node(home, settings.port("search") + PORT_DISTANCE) as node:
        print(f"OpenSearch answers at {node.url} (log: {node.log}); Ctrl-C stops it")
        with contextlib.suppress(KeyboardInterrupt):
            node.wait()
    return 0


def _contract(home: Path, settings: Settings) -> int:
    embedded = run_column(None)
    real, why_not = None, ""
    try:
        port = settings.port("search") + PORT_DISTANCE
        with tempfile.TemporaryDirectory() as data, Node(home, port, Path(data)) as node:
            real = run_column(node.url)
    except CannotAssemble as error:
        why_not = str(error)
    print(table(embedded, real, why_not))
    return 1 if "failed" in {*embedded.values(), *(real or {}).values()} else 0


if __name__ == "__main__":
    sys.exit(main())
