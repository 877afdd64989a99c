"""``make smoke``: two people walk through a deployment in a minute, and leave. ``TARGET=aws``: with your credentials.

Exit code: 0 all steps passed; 1 one did not (the next ones are not tried), or data of the two people are left.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence

from emulation.private import keep_private
from kit import console
from kit.client import Endpoints
from kit.deploy.finish import endpoints_file
from kit.settings import Settings
from kit.smoke.steps import STEPS, Visit, leave

Step = tuple[str, Callable[[Visit], str]]


def walk(visit: Visit, steps: Sequence[Step] = STEPS, say: Callable[[str], None] = print) -> bool:
    """Whether every step passed and all test data are deleted."""
    passed = True
    for name, step in steps:
        begun = time.perf_counter()
        try:
            seen = step(visit)
        # A smoke test has to name whatever goes wrong, and clean up after it.
        except Exception as error:
            say(f"{name}: FAILED after {time.perf_counter() - begun:.1f} s: {type(error).__name__}: {error}")
            passed = False
            break
        say(f"{name}: {seen} ({time.perf_counter() - begun:.1f} s)")
    left = leave(visit)
    for line in left:
        say(f"not deleted: {line}")
    return passed and not left


def main(arguments: list[str] | None = None) -> int:
    keep_private()
    parser = argparse.ArgumentParser(prog="make smoke", description=__doc__)
    parser.add_argument("--target", default="embedded", choices=["embedded", "compose", "aws"])
    options = parser.parse_args(arguments)
    settings = Settings.load()
    if options.target != "aws":
        os.environ.update(settings.aws_environment())
    try:
        endpoints = Endpoints.load(endpoints_file(settings, options.target))
    except FileNotFoundError as error:
        print(console.red(str(error)), file=sys.stderr)
        return 1
    passed = walk(Visit(endpoints))
    print("smoke test passed" if passed else console.red("smoke test failed"))
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
