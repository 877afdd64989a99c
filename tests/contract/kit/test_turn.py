"""coturn itself accepts the credentials that the functions make."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest

from kit import preflight, turn
from kit.settings import Settings
from services.calls import ice
from tests.support.servers import Server, Servers
from tests.unit.kit.test_turn import _SECRET, settings

#: A fixture shared with the other file.
__all__ = ["settings"]


def test_missing_coturn_is_reported_with_its_installation(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TURN", "yes")
    monkeypatch.setattr(turn.shutil, "which", lambda name: None)
    found = [line for line in preflight.problems(settings, 0) if "coturn" in line]
    assert found == [turn.problem()]
    assert "apt-get install coturn" in found[0]


class Coturn(NamedTuple):
    server: Server

    def relays(self, moment: datetime, secret: str) -> bool:
        """Whether two of coturn's own test clients with these credentials reach each other through relays."""
        given = ice.ice_servers("ann", moment, stun=[], turn=["turn:here"], secret=secret)["iceServers"][0]
        command = ["turnutils_uclient", "-y", "-c", "-n", "1", "-m", "1", "-p", str(self.server.port)]
        command += ["-u", given["username"], "-w", given["credential"], "127.0.0.1"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode == 0 and "Total lost packets 0 " in done.stdout + done.stderr


@pytest.fixture(scope="module")
def coturn(servers: Servers) -> Coturn:
    if shutil.which("turnutils_uclient") is None:
        pytest.skip("coturn's test clients are not installed (Debian and Ubuntu: apt-get install coturn)")
    return Coturn(servers.coturn(_SECRET))


def test_coturn_takes_the_credentials_of_the_functions(coturn: Coturn) -> None:
    assert coturn.relays(datetime.now(UTC), _SECRET), coturn.server.log()[-2000:]


def test_coturn_refuses_credentials_that_are_wrong_or_expired(coturn: Coturn) -> None:
    assert not coturn.relays(datetime.now(UTC), "south")
    assert not coturn.relays(datetime.now(UTC) - ice.CREDENTIAL_LIFETIME - timedelta(seconds=5), _SECRET)
    assert "Cannot find credentials of user" in coturn.server.log()
