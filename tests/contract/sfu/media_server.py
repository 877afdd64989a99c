"""The media server's front and a real Janus behind it, as two processes of the tests."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from kit import sfu
from tests.contract.emulator_process import wait_until

SECRET = "a secret of this test, of 32 bytes"


@dataclass(frozen=True)
class Running:
    """The media server's front and Janus, as two processes."""

    url: str
    janus: subprocess.Popen[bytes]

    @contextlib.asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        async with httpx.AsyncClient(base_url=self.url, timeout=30) as http:
            yield http

    def counts(self) -> tuple[int, int]:
        found = httpx.get(f"{self.url}/_health", timeout=10).json()
        return found["publishers"], found["viewers"]


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    found = sfu.libraries()
    if shutil.which(sfu.PROGRAM) is None or found is None:
        pytest.skip("Janus is not installed (Debian and Ubuntu: apt-get install janus)")
    with socket.socket() as free, contextlib.ExitStack() as stack:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        # A short path: a Unix socket's path is limited to 107 characters
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sfu-")))
        for name, text in sfu.configuration(SECRET, folder, found).items():
            (folder / name).write_text(text, "ascii")
        (folder / "secret").write_text(SECRET, "ascii")
        log = stack.enter_context((folder / "log").open("wb"))
        environ = {
            "EMULATION_SFU_SECRET_FILE": str(folder / "secret"),
            "EMULATION_SFU_SOCKET": str(folder / "janus.sock"),
            "EMULATION_PORT_SFU": str(port),
        }
        commands = ([sfu.PROGRAM, "-F", str(folder)], [sys.executable, "-m", "emulation.sfu"])
        started = [subprocess.Popen(one, stdout=log, stderr=log, env={**os.environ, **environ}) for one in commands]
        try:
            url = f"http://127.0.0.1:{port}"
            wait_until(lambda: _is_well(url), 60, "the media server", lambda: (folder / "log").read_text()[-2000:])
            yield Running(url, started[0])
        finally:
            for one in started:
                one.terminate()
            for one in started:
                one.wait(20)


def _is_well(url: str) -> bool:
    try:
        return httpx.get(f"{url}/_health", timeout=5).status_code == 200
    except httpx.TransportError:
        return False
