"""The short commands: ``python -m kit down|status|logs|reset|clean|doctor``."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys

from emulation.private import keep_private
from kit import console, inspect, locks, preflight, targets
from kit.doctor import doctor
from kit.settings import Settings, checkout_root


def main(arguments: list[str] | None = None) -> int:
    """Exit code of one command."""
    keep_private()
    parser = argparse.ArgumentParser(prog="python -m kit", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("down", "status", "reset", "clean", "doctor"):
        commands.add_parser(name)
    logs = commands.add_parser("logs")
    logs.add_argument("service", nargs="?", default=None, help="a process's name; all without it")
    options = parser.parse_args(arguments)
    if problem := preflight.python_problem():
        print(problem, file=sys.stderr)
        return 1
    try:
        changes = options.command in ("down", "reset", "clean")
        with locks.exclusive(checkout_root(), f"make {options.command}") if changes else contextlib.nullcontext():
            return _run(options, Settings.load())
    except ValueError as error:
        print(console.red(str(error)), file=sys.stderr)
        return 2
    except locks.Busy as error:
        print(console.red(str(error)), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\ninterrupted; `make {options.command}` goes on from here", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # `make status | head`: the reader has what it wanted. Nothing more can be written, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _run(options: argparse.Namespace, settings: Settings) -> int:
    if options.command == "doctor":
        return doctor(settings)
    target = targets.load(os.environ.get("TARGET") or settings.remembered().get("target", "embedded"))
    if options.command == "status":
        return target.status(settings)
    if options.command == "logs":
        target.logs(settings, options.service or None)
    elif options.command == "reset":
        target.reset(settings)
    else:
        target.down(settings)
        if options.command == "clean":
            inspect.remove_all(settings)
    return 0


if __name__ == "__main__":
    sys.exit(main())
