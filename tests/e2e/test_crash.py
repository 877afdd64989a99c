"""The checker of ``make crash`` on the running stack: it finds nothing after a kill, and finds a planted loss."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from kit import processes
from kit.settings import Settings
from kit.supervisor import client, records
from loadtests.crash.__main__ import report
from loadtests.crash.ledger import Kind, Verdict
from loadtests.crash.run import Plan, run

pytestmark = [pytest.mark.alone, pytest.mark.timeout(900)]
#: Short, for CI; `make crash` has more rounds and all faults.
_SHORT = Plan(rounds=1, round_seconds=3, people=2, patience=40)


@pytest.fixture(scope="module")
def settings() -> Settings:
    settings = Settings.load()
    if records.read_alive(settings.run, "pump") is None:
        pytest.skip("processes are killed where the network runs on this machine only")
    return settings


@pytest.fixture
def forgetful(settings: Settings, request: pytest.FixtureRequest) -> Iterator[None]:
    """The server of this name loses something, in place of the real one until the end of the test."""
    name: str = request.param
    whole = processes.read_launches(settings)
    broken = [
        replace(row, argv=[*row.argv[:-1], f"tests.support.forgetful_{name}"], fingerprint="forgetful")
        if row.name == name
        else row
        for row in whole
    ]
    try:
        _restart(settings, name, broken)
        yield
    finally:
        _restart(settings, name, whole)


def _restart(settings: Settings, name: str, rows: list[processes.Launch]) -> None:
    processes.write_launches(settings, rows)
    client.ensure(settings)
    client.wait_healthy(settings, next(row for row in rows if row.name == name), 60)


@pytest.mark.long
def test_acknowledged_writes_survive_a_kill(settings: Settings) -> None:
    told: list[str] = []
    outcome = run(replace(_SHORT, faults=("emulator+pump",)), told.append)
    assert "kill -9 of emulator, pump" in told[0]
    assert outcome.acknowledged
    assert outcome.held, report(outcome)


@pytest.mark.long
@pytest.mark.parametrize("forgetful", ["pump"], indirect=True)
def test_records_that_a_pump_drops_are_found(settings: Settings, forgetful: None) -> None:
    outcome = run(replace(_SHORT, faults=(), patience=10), lambda _: None)
    assert not outcome.held
    assert Verdict.LOST in {one.verdict for one in outcome.findings}, report(outcome)
    assert "acknowledged, and not as it was said" in report(outcome)


@pytest.mark.long
@pytest.mark.parametrize("forgetful", ["emulator"], indirect=True)
def test_sign_ups_missing_from_the_journal_are_found(settings: Settings, forgetful: None) -> None:
    outcome = run(replace(_SHORT, faults=("emulator",), patience=10), lambda _: None)
    lost = {one.kind for one in outcome.findings if one.verdict is Verdict.LOST}
    assert Kind.SIGN_UP in lost, report(outcome)
    assert lost <= {Kind.SIGN_UP, Kind.MAIL}, report(outcome)
