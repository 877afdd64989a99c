"""``python -m loadtests.bench.without_durability``: the emulator keeps all in memory, for the suite ``durability``.

No journal, no snapshots, no second copies; objects are files, as MiniStack has them. Run by the Python of the emulator.
"""

from __future__ import annotations

import asyncio
import importlib
import sys
from typing import Any

from emulation.emulator import __main__ as emulator
from emulation.private import keep_private

_SERVER = "emulation.emulator.server"


class _Forgetful:
    """Finds the server after the environment was set, which it reads on import, and takes out what writes."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name == _SERVER:
            sys.meta_path.remove(self)
            server: Any = importlib.import_module(_SERVER)
            server.record = lambda journal, replaced: None
            durability: Any = server.Durability
            durability.written = _at_once
            durability.run = _never
            durability.touch = durability.final = lambda *_: None


async def _at_once(*_: object) -> None:
    return


async def _never(*_: object) -> None:
    await asyncio.Event().wait()


if __name__ == "__main__":
    keep_private()
    sys.meta_path.insert(0, _Forgetful())
    raise SystemExit(emulator.main())
