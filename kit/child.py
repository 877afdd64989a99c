"""Runs one command for a caller, and ends it when the caller dies: ``python child.py DESCRIPTOR COMMAND…``.

The caller keeps the other end of the pipe ``DESCRIPTOR``; the system closes it however the caller dies, ``kill -9``
too. Then the whole process group is killed, so that no npm or uv keeps writing into a folder that the next command
builds. Started in a session of its own. A program by itself: it imports nothing of the kit.
"""

from __future__ import annotations

import os
import signal
import sys
import threading


def main() -> int:
    """Exit code of the command; 128 + signal when one ended it, 127 when it could not be started."""
    lifeline, command = int(sys.argv[1]), sys.argv[2:]
    os.set_inheritable(lifeline, False)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        # A handler, not "ignore": a command would inherit that. Signals to the group are the command's to obey.
        signal.signal(number, lambda *_: None)
    try:
        pid = os.posix_spawnp(command[0], command, os.environ)
    except OSError as error:
        print(f"{command[0]} could not be started: {error.strerror}", flush=True)
        return 127
    threading.Thread(target=_end_with_caller, args=(lifeline,), daemon=True).start()
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return code if code >= 0 else 128 - code


def _end_with_caller(lifeline: int) -> None:
    while os.read(lifeline, 1):
        pass
    os.killpg(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
