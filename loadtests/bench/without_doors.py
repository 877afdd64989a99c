"""``python -m loadtests.bench.without_doors``: the emulator as MiniStack has it, for the comparison in ``doors``.

No guard, MiniStack's own check of signatures and its own Cognito. Run by the Python of the emulator.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

from emulation.emulator import __main__ as emulator
from emulation.private import keep_private

_RUN = "emulation.emulator.run"


class _Opened:
    """Finds ``run`` after the environment was set, which it reads on import, and takes the doors out of it."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name == _RUN:
            sys.meta_path.remove(self)
            run: Any = importlib.import_module(_RUN)
            kept = {*run.cognito.RULES, run.signatures.check_all}
            run._AS_ON_AWS = tuple(one for one in run._AS_ON_AWS if one not in kept)
            run.Guard = lambda application, doors: application


if __name__ == "__main__":
    keep_private()
    sys.meta_path.insert(0, _Opened())
    raise SystemExit(emulator.main())
