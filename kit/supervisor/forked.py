"""Servers that ``emulation.preload`` forks: they have its packages from the start, and share their memory with it."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from typing import IO

from kit.processes import Launch
from kit.system import identity_of

#: It forks in a millisecond; on a machine that is busy it may wait for its turn.
_PATIENCE_SECONDS = 5.0
#: For the exit code of one that has ended.
_FAREWELL_SECONDS = 1.0


class Forked:
    """A forked server, with the part of ``subprocess.Popen`` that the supervisor uses. It waits for ``begin``."""

    def __init__(self, pid: int, connection: socket.socket) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._connection: socket.socket | None = connection

    def begin(self) -> None:
        """Its record is written: now it may run."""
        if self._connection is not None:
            with contextlib.suppress(OSError):
                self._connection.sendall(b"!")

    def poll(self) -> int | None:
        """Its exit code; None while it runs, and where the process that forked it has ended before it."""
        if self._connection is not None and self.returncode is None:
            patience = _FAREWELL_SECONDS if identity_of(self.pid) is None else 0.0
            with contextlib.suppress(OSError, ValueError):
                if told := _line(self._connection, patience):
                    self.returncode = os.waitstatus_to_exitcode(int(told))
                else:
                    self.close()
        return self.returncode

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def fork(launch: Launch, log: IO[bytes]) -> Forked | None:
    """A server that waits to begin; None where it has to be started as a program of its own."""
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(_PATIENCE_SECONDS)
    try:
        connection.connect(launch.preload)
        request = json.dumps({"argv": launch.argv, "env": launch.env}).encode() + b"\n"
        sent = socket.send_fds(connection, [request], [log.fileno()])
        connection.sendall(request[sent:])
        return Forked(int(_line(connection, _PATIENCE_SECONDS)), connection)
    except (OSError, ValueError):
        # Its end is the end of what may have been forked: that has not begun.
        connection.close()
        return None


def _line(connection: socket.socket, seconds: float) -> bytes:
    """Empty when the other side is gone.

    Raises:
        OSError: nothing came in time.
    """
    connection.settimeout(seconds)
    line = b""
    while not line.endswith(b"\n"):
        if not (more := connection.recv(1)):
            return b""
        line += more
    return line
