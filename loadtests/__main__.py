"""``make load``: checks the options, and starts Locust with them."""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from emulation.private import keep_private
from kit import console
from kit.settings import Settings
from loadtests.mix import SCENARIOS, people_of
from loadtests.record import Record
from loadtests.target import warning

_WEB_PORT: Final = 8089
_FILE: Final = Path(__file__).parent / "locustfile.py"


class NotStarted(Exception):
    """Locust was not started: the message says why; ``code`` is the exit code."""

    def __init__(self, text: str, code: int = 2) -> None:
        super().__init__(text)
        self.code = code


def main(arguments: list[str] | None = None) -> int:
    """0: all thresholds hold; 1: one does not; 2: wrong options; 3: not confirmed."""
    keep_private()
    given = _parser().parse_args(arguments)
    settings = Settings.load()
    try:
        check(given)
    except NotStarted as error:
        print(console.red(str(error)), file=sys.stderr)
        return error.code
    command, variables = plan(given, settings)
    return subprocess.run(command, cwd=settings.root, env=os.environ | variables, check=False).returncode


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make load", description=__doc__)
    parser.add_argument("--scenario", default="mix", choices=["mix", *SCENARIOS])
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--shape", default="")
    parser.add_argument("--against", default="", help="the JSON of an earlier run")
    parser.add_argument("--web", action="store_true", help="Locust's own page in the place of a run of so many seconds")
    parser.add_argument("--target", default="embedded")
    parser.add_argument("--confirm", default="")
    parser.add_argument("--lang", default="en", choices=["en", "ja"])
    parser.add_argument("--locust", default="", help="more for Locust, quoted as in a shell")
    return parser


def check(given: argparse.Namespace) -> None:
    """Raises NotStarted: something is wrong, or costs money and was not confirmed."""
    try:
        if given.scenario == "mix" and not given.web:
            people_of(given.users)
        if given.against:
            Record.read(Path(given.against))
    except ValueError as error:
        raise NotStarted(str(error)) from error
    if given.target == "aws" and given.confirm != "yes":
        raise NotStarted(warning(given.users, given.seconds), code=3)


def plan(given: argparse.Namespace, settings: Settings) -> tuple[list[str], Mapping[str, str]]:
    """The command, and the variables that ``locustfile.py`` reads."""
    more = shlex.split(given.locust)
    name = f"{given.scenario}-{datetime.now().astimezone():%Y%m%d-%H%M%S}"
    report = settings.home / "load" / name
    command = [sys.executable, "-m", "locust", "-f", str(_FILE), *_mode(given, more, settings), *more]
    variables = {
        "PYTHONPATH": str(settings.root), "ASYNCSNS_LOAD_SCENARIO": given.scenario, "ASYNCSNS_LOAD_SHAPE": given.shape,
        "ASYNCSNS_LOAD_USERS": "" if given.web else str(given.users), "ASYNCSNS_LOAD_REPORT": str(report),
        "ASYNCSNS_LOAD_AGAINST": given.against, "ASYNCSNS_LOAD_LANG": given.lang,
        "ASYNCSNS_LOAD_TARGET": "aws" if given.target == "aws" else "",
    }  # fmt: skip
    return command, variables


def _mode(given: argparse.Namespace, more: Sequence[str], settings: Settings) -> list[str]:
    if "--worker" in more:
        return []  # The master says how many and how long.
    if given.web:
        port = str(_WEB_PORT + settings.port_offset)
        return ["--web-host", "127.0.0.1", "--web-port", port, "--users", str(given.users), "--spawn-rate", "5"]
    run = ["--users", str(given.users), "--spawn-rate", "5", "--run-time", f"{given.seconds}s"]
    return ["--headless", "--only-summary", *run]


if __name__ == "__main__":
    sys.exit(main())
