"""The table of processes, and the launches made from its rows."""

from __future__ import annotations

import sys

import pytest

from kit.processes import EMBEDDED, Process, launches, localstack, module_path
from kit.settings import Settings, checkout_root

_TABLES = {"ministack": EMBEDDED, "localstack": localstack(Settings())}


@pytest.mark.parametrize("table", _TABLES.values(), ids=_TABLES)
def test_each_row_names_a_module_and_processes_that_exist(table: tuple[Process, ...]) -> None:
    for row in table:
        path = module_path(checkout_root(), row.entry)
        assert path.is_file() or (path / "__main__.py").is_file()
        assert set(row.needs) <= {other.name for other in table}
        for port in (*row.ports, *row.udp_ports):
            assert Settings().port(port) > 0


@pytest.mark.parametrize("table", _TABLES.values(), ids=_TABLES)
def test_processes_come_after_those_they_need(table: tuple[Process, ...]) -> None:
    names = [row.name for row in table]
    assert all(names.index(need) < names.index(row.name) for row in table for need in row.needs)


def test_localstack_runs_behind_the_guard_with_its_companion(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMULATOR", "localstack")
    settings = Settings(port_offset=200)
    rows = {row.name: row for row in launches(settings)}
    assert "pump" not in rows, "LocalStack reads streams itself: two readers would invoke twice"
    assert rows["emulator"].argv[-3:] == ["emulation.relay", "emulator", "http://127.0.0.1:4768"]
    assert rows["companion"].env["EMULATION_PORT_EMULATOR"] == "4767"
    assert rows["companion"].env["EMULATION_URL_FUNCTIONS"] == "http://127.0.0.1:4768"
    assert {rows[name].env["EMULATION_URL_COMPANION"] for name in ("localstack", "edge", "console")} == {
        "http://127.0.0.1:4767"
    }
    assert rows["companion"].env["EMULATION_STATE"] != rows["edge"].env["EMULATION_STATE"]


def test_each_emulator_has_a_state_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASYNCSNS_STATE", raising=False)
    monkeypatch.setenv("EMULATOR", "ministack")
    ministack = Settings().state
    monkeypatch.setenv("EMULATOR", "localstack")
    assert Settings().state != ministack
    monkeypatch.setenv("EMULATOR", "moto")
    with pytest.raises(ValueError, match="EMULATOR=moto: expected ministack or localstack"):
        _ = Settings().state


def test_the_emulator_does_not_inherit_the_callers_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMULATOR", "ministack")
    monkeypatch.setenv("AWS_PROFILE", "work")
    monkeypatch.setenv("DATABASE_PASSWORD", "x")
    monkeypatch.setenv("ASYNCSNS_PORT_OFFSET", "200")
    rows = {row.name: row for row in launches(Settings(port_offset=200))}
    assert not {"AWS_PROFILE", "DATABASE_PASSWORD", "AWS_ACCESS_KEY_ID"} & set(rows["emulator"].env)
    assert rows["edge"].env["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4766"
    assert rows["emulator"].env["EMULATION_PORT_OFFSET"] == "200"
    assert rows["edge"].health_url == "http://127.0.0.1:8280/_health"


def test_other_ports_are_other_launches() -> None:
    """Hence `make up` restarts processes whose settings changed."""
    first = {row.name: row.fingerprint for row in launches(Settings())}
    again = {row.name: row.fingerprint for row in launches(Settings())}
    moved = {row.name: row.fingerprint for row in launches(Settings(port_offset=7))}
    assert first == again
    assert all(moved[name] != value for name, value in first.items())


def test_another_interpreter_is_another_launch(monkeypatch: pytest.MonkeyPatch) -> None:
    """The virtual environment has the same path, but compiled packages of another Python."""
    first = {row.name: row.fingerprint for row in launches(Settings())}
    monkeypatch.setattr(sys, "version", "3.99.0 (main)")
    other = {row.name: row.fingerprint for row in launches(Settings())}
    assert all(other[name] != value for name, value in first.items())
