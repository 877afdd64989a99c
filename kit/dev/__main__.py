"""``python -m kit.dev``: functions get saved files of ``services/``; Vite serves ``frontend-static/`` as edited."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import boto3

from emulation.private import keep_private
from emulation.settings import REGION
from kit import console
from kit.deploy.assembly import stacks_of
from kit.deploy.code import functions_of
from kit.dev.live import Live, Outcome, emulators_starter
from kit.dev.watch import Watch
from kit.settings import LOCALSTACK, Settings
from kit.supervisor import client as supervisor

#: Between two looks at the files; editors write in bursts, and one look sees the whole of a burst.
_LOOK_SECONDS = 0.05


def main() -> int:
    keep_private()
    settings = Settings.load()
    if not supervisor.is_running(settings) or not settings.endpoints_file.exists():
        console.say("make dev: the network does not run here; run `make up` first")
        return 1
    if settings.emulator == LOCALSTACK:
        console.say(
            "make dev: LocalStack runs code only after it is put in place; run `make up EMULATOR=ministack` first"
        )
        return 1
    signal.signal(signal.SIGTERM, _interrupt)
    live = Live(settings, _lambda(settings), emulators_starter(settings.url("emulator")), _functions(settings))
    try:
        with _vite(settings):
            _watch(settings, live)
    except KeyboardInterrupt:
        console.say("\nstopped; functions keep the code they have")
    return 0


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _lambda(settings: Settings) -> Any:
    keys = settings.emulation.credentials.for_boto3()
    return boto3.client("lambda", endpoint_url=settings.url("emulator"), region_name=REGION, **keys)


def _functions(settings: Settings) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for name, context in functions_of(stacks_of(settings.home / "cdk.out")):
        found[context].append(name)
    return dict(found)


@contextlib.contextmanager
def _vite(settings: Settings) -> Iterator[None]:
    """The UI's development server, which puts an edit of ``frontend-static/`` into open pages."""
    env = {**os.environ, "ASYNCSNS_PORT_OFFSET": str(settings.port_offset)}
    with subprocess.Popen(
        ["npm", "run", "--silent", "dev", "--", "--clearScreen", "false"],
        cwd=settings.root / "frontend-static", env=env, stdin=subprocess.DEVNULL, start_new_session=True,
    ) as process:  # fmt: skip
        try:
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)


def _watch(settings: Settings, live: Live) -> None:
    # First the picture of the files, then what is deployed: an edit in between is seen by the next look.
    code = Watch((settings.root / "services",))
    others = Watch((settings.root / "infra", settings.root / "emulation"))
    _say(live.start())
    console.say(console.bold("make dev: save a file in services/ or frontend-static/; Ctrl-C ends it"))
    while True:
        time.sleep(_LOOK_SECONDS)
        if changed := code.changed():
            begun = time.monotonic()
            count = _say(live.apply(changed))
            if not count:
                console.say(console.dim(f"{_names(changed, settings.root)}: no function has it"))
            else:
                console.say(console.dim(f"{_names(changed, settings.root)}: {time.monotonic() - begun:.2f} s in all"))
        if changed := others.changed():
            console.say(f"{_names(changed, settings.root)}: `make up` puts this in place")


def _say(outcomes: Any) -> int:
    count = 0
    for outcome in outcomes:
        count += 1
        _say_one(outcome)
    return count


def _say_one(outcome: Outcome) -> None:
    clock = time.strftime("%H:%M:%S")
    if outcome.failure:
        console.say(console.red(f"{clock} {outcome.context}: not live, because it cannot be imported"))
        console.say(f"  {outcome.failure}")
    else:
        names = ", ".join(name.removeprefix("asyncsns-") for name in outcome.functions)
        console.say(f"{clock} {outcome.context}: live in {outcome.seconds:.2f} s ({names})")


def _names(paths: list[Path], root: Path) -> str:
    shown = [str(path.relative_to(root)) for path in paths[:3]]
    return ", ".join(shown) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")


if __name__ == "__main__":
    sys.exit(main())
