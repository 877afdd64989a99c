"""The emulator with a planted loss: acknowledged sign-ups are missing from the journal until they are confirmed."""

from __future__ import annotations

from emulation import starting  # isort: split

from typing import Any

from emulation.emulator import __main__ as emulator
from emulation.emulator.journal import Journal

_add = Journal.add


def _forget(self: Journal, entry: list[Any]) -> None:
    is_sign_up = entry[:2] == ["cognito", "user"] and '"UNCONFIRMED"' in entry[-1]
    if not is_sign_up:
        _add(self, entry)


if __name__ == "__main__":
    Journal.add = _forget  # type: ignore[method-assign]
    starting.leave(emulator.main())
