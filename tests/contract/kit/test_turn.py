"""coturn itself accepts the credentials that the functions make."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from kit import preflight, turn
from kit.client.api import wait_for
from kit.settings import Settings
from kit.supervisor import health
from services.calls import ice
from tests.unit.kit.test_turn import _SECRET, settings

#: A fixture shared with the other file.
__all__ = ["settings"]


def test_where_coturn_is_missing_one_sentence_says_how_to_get_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TURN", "yes")
    monkeypatch.setattr(turn.shutil, "which", lambda name: None)
    found = [line for line in preflight.problems(settings, 0) if "coturn" in line]
    assert found == [turn.problem()]
    assert "apt-get install coturn" in found[0]


class Coturn(NamedTuple):
    port: int
    log: Path

    def relays(self, moment: datetime, secret: str) -> bool:
        """Whether two of coturn's own test clients with these credentials reach each other through relays."""
        given = ice.ice_servers("ann", moment, stun=[], turn=["turn:here"], secret=secret)["iceServers"][0]
        command = ["turnutils_uclient", "-y", "-c", "-n", "1", "-m", "1", "-p", str(self.port)]
        command += ["-u", given["username"], "-w", given["credential"], "127.0.0.1"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode == 0 and "Total lost packets 0 " in done.stdout + done.stderr


@pytest.fixture(scope="module")
def coturn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coturn]:
    if shutil.which(turn.PROGRAM) is None or shutil.which("turnutils_uclient") is None:
        pytest.skip("coturn is not installed (Debian and Ubuntu: apt-get install coturn)")
    folder = tmp_path_factory.mktemp("coturn")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    file, log = folder / "turnserver.conf", folder / "log"
    file.write_text(turn.configuration(_SECRET, folder, port))
    with log.open("w") as out:
        process = subprocess.Popen([turn.PROGRAM, "-c", file], stdout=out, stderr=subprocess.STDOUT)
    try:
        wait_for(lambda: health.check(f"stun://127.0.0.1:{port}"), until=health.is_up, what="coturn")
        yield Coturn(port, log)
    finally:
        process.terminate()
        process.wait(20)


def test_coturn_takes_the_credentials_of_the_functions(coturn: Coturn) -> None:
    assert coturn.relays(datetime.now(UTC), _SECRET), coturn.log.read_text()[-2000:]


def test_coturn_refuses_credentials_that_are_wrong_or_expired(coturn: Coturn) -> None:
    assert not coturn.relays(datetime.now(UTC), "south")
    assert not coturn.relays(datetime.now(UTC) - ice.CREDENTIAL_LIFETIME - timedelta(seconds=5), _SECRET)
    assert "Cannot find credentials of user" in coturn.log.read_text()
