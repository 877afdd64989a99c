"""The part of `make up` and `make install` that is the same for every target: prints errors with their fix."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from emulation import mended
from emulation.private import keep_private
from emulation.settings import REGION
from kit import console, credentials, inspect, leftovers, locks, preflight, sfu, stopped, targets, turn
from kit.install import Installer
from kit.settings import Settings, checkout_root
from kit.steps import Runner, StepFailed
from kit.tighten import tighten


def up() -> int:
    """Bring the target of ``$TARGET`` up; on failure prints the problem and returns 1."""
    return _in_words("make up", _up)


def install() -> int:
    """Only install the packages of tests and tools; nothing is started."""
    return _in_words("make install", _install)


def _up() -> None:
    settings = Settings.load()
    for path in tighten(settings):
        console.say(console.yellow(f"{path} is another user's: others may read it (chmod it, or remove it)"))
    for line in leftovers.remove_former_folders(settings.root):
        console.say(line)
    name = os.environ.get("TARGET") or settings.remembered().get("target", "embedded")
    target = targets.load(name)
    target.require_possible()
    # Read before anything starts: a wrong value must not stop a deployment halfway.
    _ = (settings.wants_seed, turn.choice(settings), sfu.choice(settings))
    credentials.choose(settings.credentials_file, {"region": REGION, "endpoint_url": settings.public_url("emulator")})
    targets.require_alone(name, settings)
    for line in leftovers.clear_interrupted_commands(settings):
        console.say(console.yellow(line))
    try:
        target.up(settings)
        stopped.forget(settings)
    finally:
        show_repairs(settings)


def show_repairs(settings: Settings) -> None:
    """Print repairs that no `make up` has shown: also those after the end of one that failed."""
    lines = mended.reports(settings.state)
    file = settings.home / "repairs-shown"
    shown = file.read_text("utf-8", errors="replace").splitlines() if file.exists() else []
    for line in lines:
        if line not in shown:
            console.say(console.yellow(f"repaired: {line}"))
    if lines != shown:
        file.write_text("".join(f"{line}\n" for line in lines), "utf-8")


def _install() -> None:
    settings = Settings.load()
    if found := preflight.tool_problems(settings):
        raise StepFailed("this machine is not ready:\n  - " + "\n  - ".join(found))
    Runner(quiet=True).run(Installer(settings).steps())


def _in_words(name: str, command: Callable[[], None]) -> int:
    keep_private()
    try:
        with locks.exclusive(checkout_root(), name):
            command()
    except locks.Busy as error:
        print(console.red(str(error)), file=sys.stderr)
        return 1
    except (StepFailed, ValueError, OSError) as error:
        print(console.red(f"\n{error}"), file=sys.stderr)
        print(
            f"\nLogs: {inspect.relative(Settings(), Settings().logs)}/, `make logs`, `make doctor`",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print(f"\ninterrupted; `{name}` goes on from here, `make down` stops what was started", file=sys.stderr)
        return 130
    return 0
