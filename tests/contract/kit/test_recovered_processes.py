"""Our process with an empty, garbled or outdated record is found and can be stopped."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kit import preflight, processes
from kit.settings import Settings
from kit.supervisor import client, records, recovered
from tests.contract.emulator_process import free_offset

_DAMAGES = (b"", b'{"pid": 12, "identi', b"\x00\xff garbage", b"[]", b'{"version": 99, "pid": "12"}')


@pytest.fixture(params=_DAMAGES)
def damage(request: pytest.FixtureRequest) -> bytes:
    content: bytes = request.param
    return content


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in ("ASYNCSNS_STATE", "EMULATOR", "TURN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ASYNCSNS_HOME", str(tmp_path / "home"))
    settings = Settings(port_offset=free_offset())
    for folder in (settings.run, settings.logs, settings.venv / "bin"):
        folder.mkdir(parents=True)
    return settings


_SERVER = """
import http.server, sys
http.server.HTTPServer(("127.0.0.1", int(sys.argv[-1])), http.server.BaseHTTPRequestHandler).serve_forever()
"""


@pytest.fixture
def edge(settings: Settings, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process with the edge's command line, on its port."""
    package = tmp_path / "code" / "emulation" / "edge"
    package.mkdir(parents=True)
    (package / "__main__.py").write_text(_SERVER)
    python = settings.venv / "bin" / "python"
    python.symlink_to(sys.executable)
    port = str(settings.port("edge"))
    process = subprocess.Popen([python, "-m", "emulation.edge", port], cwd=tmp_path / "code", start_new_session=True)
    deadline = time.monotonic() + 20
    while preflight.ports.is_free(int(port)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    yield process
    process.kill()
    process.wait()


def test_a_recovered_process_does_not_count_as_a_port_conflict(
    settings: Settings, edge: subprocess.Popen[bytes], damage: bytes
) -> None:
    row = next(row for row in processes.EMBEDDED if row.name == "edge")
    assert preflight.port_problems(settings, (row,))  # without a record the kit does not know the process
    records.record_file(settings.run, "edge").write_bytes(damage)
    assert recovered.recover(settings) == ["edge"]
    assert preflight.port_problems(settings, (row,)) == []
    found = records.read_alive(settings.run, "edge")
    assert found is not None
    assert found.pid == edge.pid
    assert recovered.recover(settings) == []
    records.record_file(settings.run, "edge").write_bytes(damage)
    assert client.stop(settings) == ["edge"]
    assert not found.is_alive()


def test_processes_of_another_home_are_not_recovered(
    edge: subprocess.Popen[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASYNCSNS_HOME", str(tmp_path / "home2"))
    assert recovered.unrecorded(Settings()) == {}
