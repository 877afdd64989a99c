"""``python -m emulation.preload SOCKET``: imports the packages that most servers need, once, and forks the servers.

What a server imports besides is its own: this program imports none of its modules, so each server runs the code that is
there when it starts. Pages with the packages are shared by all of them.

A connection is one server. The request is JSON (``argv``: the command line to run, ``env``) with the descriptor of its
log; the answer is the server's process id. It begins when the caller sends a byte, and ends where the caller goes away
instead: nothing runs that nobody has a record of. When it has ended, its wait status follows. A connection without a
request is answered by its end.

Linux alone: elsewhere libraries of the system do not survive a fork.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from emulation.private import keep_private

#: What more than one server imports, and starts nothing. One that is missing is left to those that want it.
PACKAGES: Final = (
    "aiohttp", "cryptography.x509", "email.utils", "http.client", "httptools", "logging.config", "sqlite3",
    "starlette.applications", "starlette.requests", "starlette.responses", "urllib.request", "uvicorn",
    "uvicorn.lifespan.on", "uvicorn.loops.uvloop", "uvicorn.protocols.http.httptools_impl",
    "uvicorn.protocols.websockets.websockets_sansio_impl", "uvloop",
)  # fmt: skip
_REQUEST_BYTES: Final = 262_144
_PATIENCE_SECONDS: Final = 5.0


@dataclass(frozen=True)
class Server:
    """What a forked process is to become."""

    argv: list[str]
    env: dict[str, str]
    log: int
    caller: socket.socket

    def become(self) -> str:
        """Take its command line, session, log and environment, and wait for the caller; returns the module to run.

        Raises:
            SystemExit: the caller is gone.
        """
        show(self.argv)
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((nothing, 0), (self.log, 1), (self.log, 2)):
            os.dup2(source, target)
        os.close(nothing)
        os.close(self.log)
        with self.caller:
            if not self.caller.recv(1):
                raise SystemExit(1)
        os.environ.clear()
        os.environ.update(self.env)
        module = self.argv.index("-m") + 1
        sys.argv = [self.argv[0], *self.argv[module + 1 :]]
        return self.argv[module]


class Preload:
    """Forks servers until it is ended; ``serve`` returns in each of them."""

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen(64)
        self._callers: dict[int, socket.socket] = {}
        self._woken, self._wake = os.pipe()
        for end in (self._woken, self._wake):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> Server:
        """Returns in a forked process, with what that is to become."""
        while True:
            listener = self._listener.fileno()
            ready, _, _ = select.select([listener, self._woken], [], [])
            if self._woken in ready:
                os.read(self._woken, 4096)
            self._report_ended()
            if listener in ready and (forked := self._take()):
                return forked

    def _take(self) -> Server | None:
        caller, _ = self._listener.accept()
        caller.settimeout(_PATIENCE_SECONDS)
        asked = _request(caller)
        if asked is None:
            caller.close()
            return None
        pid = os.fork()
        if pid == 0:
            self._let_go()
            caller.settimeout(None)
            return asked
        os.close(asked.log)
        self._callers[pid] = caller
        with contextlib.suppress(OSError):
            caller.sendall(b"%d\n" % pid)
        return None

    def _let_go(self) -> None:
        """In a forked process: nothing of this program is open or set any more."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._listener.close()
        os.close(self._woken)
        os.close(self._wake)
        for other in self._callers.values():
            other.close()

    def _report_ended(self) -> None:
        while self._callers:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            with self._callers.pop(pid) as caller, contextlib.suppress(OSError):
                caller.sendall(b"%d\n" % status)


def _request(caller: socket.socket) -> Server | None:
    """None where the caller asked for nothing."""
    try:
        content, descriptors, _, _ = socket.recv_fds(caller, _REQUEST_BYTES, 1)
        while content and not content.endswith(b"\n") and (more := caller.recv(_REQUEST_BYTES)):
            content += more
        asked: dict[str, Any] = json.loads(content)
        return Server(asked["argv"], asked["env"], descriptors[0], caller) if _has_room(asked["argv"]) else None
    except (OSError, ValueError, LookupError):
        return None


def _place() -> tuple[int, int]:
    """Where in memory this process's command line begins and ends (proc(5), fields 48 and 49 of ``stat``)."""
    fields = Path("/proc/self/stat").read_text("utf-8", errors="replace").rpartition(")")[2].split()
    return int(fields[45]), int(fields[46])


def _has_room(argv: list[str]) -> bool:
    begin, end = _place()
    return len(_text(argv)) <= end - begin


def _text(argv: list[str]) -> bytes:
    return b"".join(os.fsencode(word) + b"\0" for word in argv)


def show(argv: list[str]) -> None:
    """What the system shows as this process's command line, in place of the one that it was started with."""
    begin, end = _place()
    with Path("/proc/self/mem").open("r+b", buffering=0) as memory:
        memory.seek(begin)
        memory.write(_text(argv).ljust(end - begin, b"\0"))


def main() -> str:
    """Fork servers until it is ended; returns in each of them, with the module that it is to run."""
    keep_private()
    gc.disable()
    # Without the last argument, which is there to make room.
    show([sys.executable, "-m", "emulation.preload", sys.argv[1]])
    for package in PACKAGES:
        with contextlib.suppress(ImportError):
            importlib.import_module(package)
    gc.freeze()
    server = Preload(Path(sys.argv[1])).serve()
    gc.enable()
    return server.become()


if __name__ == "__main__":
    runpy.run_module(main(), run_name="__main__", alter_sys=True)
