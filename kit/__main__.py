"""The short commands: ``python -m kit down|status|logs|reset|clean|doctor|save|load-state|saves``."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys

from emulation.private import keep_private
from kit import console, inspect, locks, preflight, saves, stopped, targets
from kit.doctor import doctor
from kit.settings import Settings, checkout_root
from kit.supervisor import client


def main(arguments: list[str] | None = None) -> int:
    """Exit code of one command."""
    keep_private()
    parser = argparse.ArgumentParser(prog="python -m kit", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("down", "status", "reset", "clean", "doctor", "saves"):
        commands.add_parser(name)
    logs = commands.add_parser("logs")
    logs.add_argument("service", nargs="?", default=None, help="a process's name; all without it")
    for name in ("save", "load-state"):
        command = commands.add_parser(name)
        command.add_argument("name", nargs="?", default="")
        if name == "save":
            command.add_argument("--replace", action="store_true", help="an earlier save of this name")
    options = parser.parse_args(arguments)
    if problem := preflight.python_problem():
        print(problem, file=sys.stderr)
        return 1
    try:
        changes = options.command in ("down", "reset", "clean", "save", "load-state")
        with locks.exclusive(checkout_root(), f"make {options.command}") if changes else contextlib.nullcontext():
            return _run(options, Settings.load())
    except ValueError as error:
        print(console.red(str(error)), file=sys.stderr)
        return 2
    except locks.Busy as error:
        print(console.red(str(error)), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\ninterrupted; {_after_interrupt(options, Settings.load())}", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # `make status | head`: the reader has what it wanted. Nothing more can be written, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        # A disk that is full or read-only: the error names the file.
        print(console.red(f"make {options.command}: {error}"), file=sys.stderr)
        return 1


def _run(options: argparse.Namespace, settings: Settings) -> int:
    if options.command == "doctor":
        return doctor(settings)
    target = targets.load(os.environ.get("TARGET") or settings.remembered().get("target", "embedded"))
    if options.command in ("save", "load-state", "saves"):
        return _saved(options, settings, target)
    if options.command == "status":
        return target.status(settings)
    if options.command == "logs":
        target.logs(settings, options.service or None)
    elif options.command == "reset":
        target.reset(settings)
        stopped.forget(settings)
    else:
        target.down(settings)
        stopped.forget(settings)
        if options.command == "clean":
            inspect.remove_all(settings)
    return 0


def _after_interrupt(options: argparse.Namespace, settings: Settings) -> str:
    """What state it leaves, and which command goes on from there."""
    if options.command not in ("save", "load-state"):
        return f"`make {options.command}` goes on from here"
    if client.is_running(settings):
        return "nothing was changed, the network runs"
    if options.command == "save":
        left = "nothing was saved"
    elif saves.is_loading(settings):
        left = "the saved state is complete and will be put in place"
    else:
        left = "the state is the earlier one, or completely the saved one"
    return f"{left}; the network is stopped: `make up` starts it"


def _saved(options: argparse.Namespace, settings: Settings, target: targets.Target) -> int:
    if options.command == "saves":
        saves.show(settings)
        return 0
    if target.name != "embedded":
        raise ValueError(f"Saved states are of TARGET=embedded; the last `make up` was of {target.name}.")
    if options.command == "save":
        made = saves.save(settings, options.name, replace=options.replace)
        console.say(f"saved {made.name}: {console.human_bytes(made.size)}")
    else:
        console.say(f"loaded {saves.load(settings, options.name).name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
