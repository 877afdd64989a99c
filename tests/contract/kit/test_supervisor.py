"""The supervisor with real, tiny processes: it restarts, adopts and reloads them, and leaves none behind."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from emulation import heartbeat
from emulation.damage import EXIT_DAMAGED
from kit import console, inspect, system
from kit.processes import Launch, write_launches
from kit.settings import Settings, checkout_root
from kit.supervisor import client, health, managed, records

_SLEEPER = "import signal, time\nwhile True: time.sleep(1)"
_WITH_CHILD = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import os, time; os.setpgid(0, 0); time.sleep(600)"])
time.sleep(600)
"""


def _launch(name: str, code: str = _SLEEPER, fingerprint: str = "1", needs: list[str] | None = None) -> Launch:
    environment = {"PATH": os.environ["PATH"]}
    argv = [sys.executable, "-c", code]
    return Launch(name, name, argv, str(checkout_root()), environment, None, None, needs or [], 2, fingerprint)


def _until(probe: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not probe():
        assert time.monotonic() < deadline, "the condition was not met in time"
        time.sleep(0.02)


class Kit:
    """A supervisor in a scratch folder."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def apply(self, *launches: Launch) -> None:
        write_launches(self.settings, list(launches))
        client.ensure(self.settings)
        for launch in launches:
            _until(lambda name=launch.name, mark=launch.fingerprint: self.fingerprint(name) == mark)

    def pid(self, name: str) -> int | None:
        record = records.read_alive(self.settings.run, name)
        return record.pid if record else None

    def fingerprint(self, name: str) -> str | None:
        record = records.read_alive(self.settings.run, name)
        return record.fingerprint if record else None


@pytest.fixture
def kit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kit]:
    settings = Settings(root=tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(checkout_root()))
    monkeypatch.setenv("ASYNCSNS_HOME", str(settings.home))
    made = Kit(settings)
    yield made
    client.stop(settings)


def test_a_killed_process_is_restarted_within_seconds(kit: Kit) -> None:
    kit.apply(_launch("one"), _launch("two"))
    first, other = kit.pid("one"), kit.pid("two")
    assert first and other
    os.kill(first, signal.SIGKILL)
    _until(lambda: kit.pid("one") not in (None, first))
    assert kit.pid("two") == other
    _until(lambda: client.statuses(kit.settings)["one"].restarts == 1)
    assert client.statuses(kit.settings)["one"].reason == "killed by SIGKILL"


def test_a_new_supervisor_adopts_processes_of_a_killed_one(kit: Kit) -> None:
    kit.apply(_launch("one"))
    before = kit.pid("one")
    supervisor = kit.pid(client.NAME)
    assert supervisor
    os.kill(supervisor, signal.SIGKILL)
    _until(lambda: kit.pid(client.NAME) is None)
    assert kit.pid("one") == before

    client.ensure(kit.settings)
    _until(lambda: client.statuses(kit.settings).get("one") and kit.pid(client.NAME) not in (None, supervisor))
    assert kit.pid("one") == before
    os.kill(before or 0, signal.SIGKILL)
    _until(lambda: kit.pid("one") not in (None, before))


def test_an_older_supervisor_is_replaced_and_its_processes_keep_running(kit: Kit) -> None:
    kit.apply(_launch("one"), _launch("two"), _launch("watchdog"))
    supervisor, one, two, watchdog = (kit.pid(name) for name in (client.NAME, "one", "two", "watchdog"))
    assert supervisor
    assert not client.ensure(kit.settings), "the supervisor runs the current code"
    # The record format from before the supervisor recorded its code version.
    records.write(kit.settings.run, client.NAME, supervisor)
    write_launches(kit.settings, [_launch("one"), _launch("two", fingerprint="2"), _launch("watchdog")])
    assert client.ensure(kit.settings)
    assert records.identity_of(supervisor) is None
    _until(lambda: kit.fingerprint("two") == "2" and kit.pid("watchdog") not in (None, watchdog))
    assert kit.pid("one") == one
    assert kit.pid("two") != two
    assert not client.ensure(kit.settings)


def test_only_changed_processes_are_restarted(kit: Kit) -> None:
    kit.apply(_launch("one"), _launch("two"), _launch("gone"))
    one, two, gone = kit.pid("one"), kit.pid("two"), kit.pid("gone")
    kit.apply(_launch("one", fingerprint="2"), _launch("two"), _launch("new"))
    assert kit.pid("two") == two
    assert kit.pid("one") != one
    assert kit.pid("new")
    assert gone and records.identity_of(gone) is None


def test_stopping_leaves_no_process_and_no_grandchild(kit: Kit) -> None:
    kit.apply(_launch("parent", _WITH_CHILD), _launch("child", needs=["parent"]))
    group = kit.pid("parent")
    assert group
    _until(lambda: len(records.session_members(group)) == 2)
    stopped = client.stop(kit.settings)
    assert {"parent", "child", client.NAME} <= set(stopped)
    _until(lambda: not records.session_members(group))
    assert records.read_all(kit.settings.run) == {}


def test_the_children_of_a_killed_process_do_not_outlive_it(kit: Kit) -> None:
    kit.apply(_launch("parent", _WITH_CHILD))
    first = kit.pid("parent")
    assert first
    _until(lambda: len(records.session_members(first)) == 2)
    os.kill(first, signal.SIGKILL)
    _until(lambda: kit.pid("parent") not in (None, first))
    _until(lambda: not records.session_members(first))


def test_status_shows_the_memory_of_each_process_with_its_children(
    kit: Kit, capsys: pytest.CaptureFixture[str]
) -> None:
    kit.apply(_launch("parent", _WITH_CHILD), _launch("lone"))
    leader = kit.pid("parent")
    assert leader
    _until(lambda: len(records.session_members(leader)) == 2)
    sizes = inspect.memory(kit.settings)
    assert set(sizes) == {"parent", "lone", client.NAME}
    assert sizes["parent"] > sizes["lone"] > 0, "the child started a Python process"
    inspect.print_status(kit.settings)
    shown = capsys.readouterr().out
    assert f"MEMORY ({system.memory_unit()})" in shown
    assert console.human_bytes(sum(sizes.values()))[-2:] in shown


def _with_state(file: Path) -> str:
    """A program that refuses to start while ``file`` exists, like our servers with damaged state."""
    return f"""
import os, sys, time
if os.path.exists({str(file)!r}):
    print("one: {file.name} is damaged: expected 5 bytes, found 4", file=sys.stderr)
    sys.exit({EXIT_DAMAGED})
time.sleep(600)
"""


def test_damaged_state_is_reported_at_once_and_not_retried_until_asked(kit: Kit, tmp_path: Path) -> None:
    damaged = tmp_path / "state.json"
    damaged.touch()
    launch = replace(_launch("one", _with_state(damaged)), health_url="http://127.0.0.1:9/_health")
    for _ in range(2):
        write_launches(kit.settings, [launch])
        client.ensure(kit.settings)
        with pytest.raises(client.NotHealthy) as told:
            client.wait_healthy(kit.settings, launch, 600)
        assert str(told.value).startswith(
            "one does not start.\n\none: state.json is damaged: expected 5 bytes, found 4\n"
        )
    status = client.statuses(kit.settings)["one"]
    assert (status.state, status.restarts, status.pid) == ("failed", 0, None)
    damaged.unlink()
    write_launches(kit.settings, [launch])
    client.ensure(kit.settings)
    _until(lambda: kit.pid("one") and client.statuses(kit.settings)["one"].state == "starting")


def test_a_waiting_process_names_the_one_it_waits_for(kit: Kit) -> None:
    first = replace(_launch("one"), health_url="http://127.0.0.1:9/_health")
    write_launches(kit.settings, [first, _launch("two", needs=["one"])])
    client.ensure(kit.settings)
    _until(lambda: (state := client.statuses(kit.settings).get("two")) and inspect._of_state(state) != "waiting")
    assert inspect._of_state(client.statuses(kit.settings)["two"]) == "waiting: one is not up"


def test_a_reused_pid_does_not_count_as_alive(tmp_path: Path) -> None:
    record = records.write(tmp_path, "one", os.getpid())
    stranger = records.Record(record.pid, "another start time", record.at)
    assert record.is_alive()
    assert not stranger.is_alive()
    file = records.record_file(tmp_path, "broken")
    file.write_text(json.dumps({"pid": 1}))
    assert records.read(tmp_path, "broken") is None


async def test_a_slow_process_with_a_heartbeat_is_not_restarted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each health check takes 20 seconds on the fake clock and gets no answer."""
    now, looks, beats = 0.0, 0, tmp_path / "one.beat"

    def check(url: str, timeout: float) -> str:
        nonlocal now, looks
        now, looks = now + 20, looks + 1
        if looks <= 10:
            beats.touch()
            os.utime(beats, (now, now))
        return "down: timed out"

    monkeypatch.setattr(health, "listens", lambda url: True)
    monkeypatch.setattr(health, "check", check)
    monkeypatch.setattr(managed.time, "monotonic", lambda: now)
    monkeypatch.setattr(managed, "_HEALTH_SECONDS_STARTING", 0)
    launch = replace(_launch("one"), health_url="http://127.0.0.1:9/_health", env={heartbeat.VARIABLE: str(beats)})
    await managed.Managed(launch, tmp_path, tmp_path, lambda: None)._watch_health()
    assert looks == 13
