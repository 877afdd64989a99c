"""``python -m emulation.emulator``: run by a Python that has ``requirements/emulator.txt``."""

from __future__ import annotations

from emulation import starting  # isort: split

import os
import sys
import tempfile

from emulation.damage import stop_when_damaged
from emulation.emulator.environment import EmulatorOptions, clear_scratch, emulator_environment
from emulation.emulator.snapshot import StateInUseError
from emulation.private import keep_private
from emulation.settings import Settings


def main() -> int:
    """Run until SIGTERM; 0 after a clean stop, 2 when it cannot start, 65 when its state is damaged (reason on stderr).

    Raises:
        SystemExit: 65.
    """
    keep_private()
    settings, options = Settings(), EmulatorOptions.load()
    environment = emulator_environment(settings, options)
    os.environ.clear()
    os.environ.update(environment)
    clear_scratch(settings)
    # Compiled once into the emulator's own environment, not at each start (a second), whatever the caller prefers.
    sys.dont_write_bytecode = False
    tempfile.tempdir = None  # chosen before TMPDIR was ours

    from emulation.emulator.run import serve  # reads the environment on import
    from emulation.emulator.seams import SeamError

    try:
        with stop_when_damaged("emulator"):
            serve(settings, options)
    except (SeamError, StateInUseError) as error:
        print(f"emulator: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    starting.leave(main())
