"""Saved states: copies of ``.asyncsns/state`` by name, taken and put back while nothing runs."""

from __future__ import annotations

import json
import re
import shutil
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from emulation.private import keep_private
from kit import console, stopped
from kit.settings import LOCALSTACK, Settings

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_ABOUT = "about.json"


@dataclass(frozen=True)
class Save:
    """One saved state. ``at``: RFC 3339."""

    name: str
    at: str
    size: int


def folder(settings: Settings) -> Path:
    return settings.home / "saves"


def listed(settings: Settings) -> list[Save]:
    """The newest first."""
    places = (path.parent for path in folder(settings).glob(f"*/{_ABOUT}"))
    found = [_about(place) for place in places if _NAME.fullmatch(place.name)]
    return sorted(found, key=lambda one: one.at, reverse=True)


def save(settings: Settings, name: str, *, replace: bool = False) -> Save:
    """Stop the network and copy the state; an earlier save of the name is replaced when the copy is complete.

    Raises:
        ValueError: no name for a folder, a save has it and ``replace`` is false, there is no state, or LocalStack runs.
    """
    place = _place(settings, name)
    _refuse_localstack(settings)
    if not settings.state.is_dir() and not is_loading(settings):
        raise ValueError("There is no state to save; `make up` makes one.")
    if (place / _ABOUT).is_file() and not replace:
        raise ValueError(
            f"A state is already saved as {name!r}. Choose another name, or replace it: "
            f"`make save NAME={name} REPLACE=yes`."
        )
    stopped.stop(settings, "make save")
    finish_loading(settings)
    keep_private()
    fresh, former = place.with_name(f".{name}.new"), place.with_name(f".{name}.former")
    for path in (fresh, former):
        shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(settings.state, fresh / "state", symlinks=True)
    for path in found_out(settings):
        if path.is_file():
            shutil.copy2(path, fresh / path.name)
    size = sum(path.stat().st_size for path in fresh.rglob("*") if path.is_file() and not path.is_symlink())
    made = Save(name, datetime.now(UTC).isoformat(timespec="seconds"), size)
    (fresh / _ABOUT).write_text(json.dumps(asdict(made)), "utf-8")
    if place.exists():
        place.rename(former)
    fresh.rename(place)
    shutil.rmtree(former, ignore_errors=True)
    return made


def load(settings: Settings, name: str) -> Save:
    """Stop the network and replace its state by a saved one; the present state is deleted.

    Raises:
        ValueError: there is no save of this name, or LocalStack runs.
    """
    place = _place(settings, name)
    _refuse_localstack(settings)
    if not (place / _ABOUT).is_file():
        known = ", ".join(one.name for one in listed(settings)) or "none"
        raise ValueError(f"No saved state is called {name!r}; there are: {known}.")
    stopped.stop(settings, "make load-state")
    keep_private()
    finish_loading(settings)
    fresh = _beside(settings, "new")
    for path in (fresh, _beside(settings, "former")):
        shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(place / "state", fresh, symlinks=True)
    # From here on `finish_loading` completes it, whenever this is killed: state and endpoints belong together.
    unfinished = _loading(settings).with_suffix(".tmp")
    unfinished.write_text(name, "utf-8")
    unfinished.replace(_loading(settings))
    finish_loading(settings)
    return _about(place)


def finish_loading(settings: Settings) -> str | None:
    """Put a completely copied state in place; returns the name of its save. None: no load was interrupted there."""
    if settings.emulator == LOCALSTACK:
        return None
    try:
        name = _loading(settings).read_text("utf-8")
    except FileNotFoundError:
        return None
    place, fresh, former = folder(settings) / name, _beside(settings, "new"), _beside(settings, "former")
    for path in found_out(settings):
        path.unlink(missing_ok=True)
        if (place / path.name).is_file():
            shutil.copy2(place / path.name, path)
    if fresh.exists():
        if settings.state.exists():
            shutil.rmtree(former, ignore_errors=True)
            settings.state.rename(former)
        fresh.rename(settings.state)
    shutil.rmtree(former, ignore_errors=True)
    _loading(settings).unlink()
    return name


def forget_loading(settings: Settings) -> None:
    """The state is being emptied: neither an interrupted load nor the state before it may come back."""
    if settings.emulator != LOCALSTACK:
        _loading(settings).unlink(missing_ok=True)
        for end in ("new", "former"):
            shutil.rmtree(_beside(settings, end), ignore_errors=True)


def is_loading(settings: Settings) -> bool:
    """Whether the current state is to be replaced by a complete copy beside it."""
    return _loading(settings).exists()


def _loading(settings: Settings) -> Path:
    return settings.home / "loading"


def _beside(settings: Settings, end: str) -> Path:
    return settings.state.with_name(f"{settings.state.name}.{end}")


def _about(place: Path) -> Save:
    return Save(**json.loads((place / _ABOUT).read_text("utf-8")))


def show(settings: Settings) -> None:
    """Print the saved states."""
    rows = [(one.name, one.at, console.human_bytes(one.size)) for one in listed(settings)]
    console.say(console.table(("NAME", "SAVED", "SIZE"), rows) if rows else "no saved states; `make save NAME=…`")


def _refuse_localstack(settings: Settings) -> None:
    if settings.emulator == LOCALSTACK:
        raise ValueError("LocalStack keeps no state that could be saved or loaded: use EMULATOR=ministack.")


def found_out(settings: Settings) -> tuple[Path, ...]:
    """The results of the deployment in the state."""
    return settings.outputs_file, settings.endpoints_file


def _place(settings: Settings, name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise ValueError(f"Got the name {name!r}; expected 1 to 64 letters, digits, dots or dashes (`NAME=full`).")
    return folder(settings) / name


def main() -> int:
    """``python -m kit.saves --json``: the list as one document, for the console."""
    keep_private()
    print(json.dumps({"saves": [asdict(one) for one in listed(Settings.load())]}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
