"""Removes what earlier versions left beside the sources, and what interrupted commands left beside the state.

Standard library only.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from kit import saves
from kit.settings import Settings
from kit.supervisor import client

#: Folders of earlier versions → what they are now.
_FORMER = {"local": "emulation/, kit/ and loadtests/bench/"}


def remove_former_folders(root: Path) -> list[str]:
    """Remove former folders that hold nothing but compiled Python, which git leaves behind; one line for each."""
    said = []
    for name, now in _FORMER.items():
        if (root / name).is_dir() and _is_only_compiled(root / name):
            shutil.rmtree(root / name)
            said.append(f"{name}/ is now {now}: removed the compiled files that were left in it")
    return said


def _is_only_compiled(folder: Path) -> bool:
    files = (path for path in folder.rglob("*") if not path.is_dir() or path.is_symlink())
    return all(file.parent.name == "__pycache__" and file.suffix == ".pyc" for file in files)


def of_interrupted_commands(settings: Settings) -> list[Path]:
    """Partly made or partly deleted copies of the state that no command works on any more."""
    state, kept = settings.state, settings.home / "seeded"
    beside = [state.with_name(f"{state.name}.{end}") for end in ("new", "former", "going")]
    beside += [settings.run.with_name(f"{settings.run.name}.going"), kept.with_name(f"{kept.name}.new")]
    unfinished = (path for end in ("new", "former") for path in saves.folder(settings).glob(f".*.{end}"))
    return [path for path in [*beside, *sorted(unfinished)] if path.exists()]


def clear_interrupted_commands(settings: Settings) -> list[str]:
    """Complete an interrupted `make load-state` whose copy is complete, and remove other leftovers; one line for each.

    Only with the checkout's lock: otherwise a command may still be at work.
    """
    said = []
    for path in of_interrupted_commands(settings):
        original = path.with_name(path.name.removeprefix(".").removesuffix(".former"))
        if path.name.startswith(".") and path.suffix == ".former" and not original.exists():
            path.rename(original)
            said.append(f"put back the saved state {original.name}, which an interrupted `make save` had moved aside")
    if not client.is_running(settings) and (name := saves.finish_loading(settings)):
        said.append(f"completed the interrupted `make load-state NAME={name}`")
    former = settings.state.with_name(f"{settings.state.name}.former")
    if former.exists() and not settings.state.exists():
        former.rename(settings.state)
        said.append(f"put back {settings.state.name}, which an interrupted `make load-state` had moved aside")
    for path in of_interrupted_commands(settings):
        shutil.rmtree(path, ignore_errors=True)
        said.append(f"removed {path}, which an interrupted command left")
    return said
