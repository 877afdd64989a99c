"""Stops the start when MiniStack cannot load a service's state; MiniStack would log an error and start it empty."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from emulation.damage import EMPTY, DamagedStateError
from emulation.emulator import seams

_LOST = "What it held cannot be used"
_REMEDY = f"start the version that wrote it, put back a copy of it, or {EMPTY}"

#: At most one: what ended the start. MiniStack's server knows exit codes of its own only.
refused: list[DamagedStateError] = []


def load_all_or_none() -> None:
    """Replace how MiniStack restores its services."""
    app = seams.module("app")

    def load() -> None:
        try:
            for key, name in app._state_map.items():
                _load(app, key, name)
        except DamagedStateError as error:
            refused.append(error)
            raise

    app._load_persisted_state = load


def _load(app: Any, key: str, name: str) -> None:
    file = Path(seams.module("core.persistence").STATE_DIR) / f"{key}.json"
    if not file.exists():
        return
    data = app.load_state(key)
    if data is None:
        found = f"MiniStack {seams.PINNED_VERSION} does not know its format"
        raise DamagedStateError(file, found, _LOST, _REMEDY)
    try:
        if data:
            app._get_module(name).load_persisted_state(data)
    except Exception as error:
        found = f"MiniStack {seams.PINNED_VERSION} cannot restore it ({type(error).__name__}: {error})"
        raise DamagedStateError(file, found, _LOST, _REMEDY) from error
