"""The console's drills: a configured program lists and runs them, one at a time, and no foreign page can start one."""

from __future__ import annotations

import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from emulation.console.drills import Drills
from emulation.doors import doors
from emulation.guard import Guard
from emulation.settings import Settings
from kit.drills.catalogue import DRILLS
from kit.processes import launches
from kit.settings import Settings as KitSettings
from tests.unit.console.test_console import console

#: Speaks the protocol of ``emulation/console/drills.py``. ``waits`` ends when the file ``go`` exists, or on SIGTERM.
PROGRAM = """
import json, pathlib, signal, sys, time
folder = pathlib.Path(sys.argv[1])
names = {"holds": 0, "differs": 1, "elsewhere": 2, "breaks": 70, "waits": 0}
def text(word):
    return {"en": word, "ja": word + "です"}
def line(holds):
    print(json.dumps({**text("it works"), "expected": text("200"), "observed": text("200" if holds else "503"), "holds": holds}), flush=True)
if len(sys.argv) == 3:
    (folder / "listed").touch()
    for name in names:
        print(json.dumps({"name": name, "title": text(name), "story": text("story"), "seconds": 5}))
    sys.exit()
name = sys.argv[2]
(folder / "begun").write_text(name)
if name == "waits":
    def restore(*_):
        with (folder / "restored").open("a") as file:
            file.write("once ")
        sys.exit(130)
    signal.signal(signal.SIGTERM, restore)
    line(True)
    while not (folder / "go").exists():
        time.sleep(0.01)
elif name == "elsewhere":
    print("elsewhere: not on this machine", file=sys.stderr)
elif name != "breaks":
    line(name == "holds")
sys.exit(names[name])
"""  # noqa: E501
HOME = "http://localhost:8082"


@pytest.fixture
def drills(tmp_path: Path) -> Iterator[Drills]:
    (tmp_path / "program.py").write_text(PROGRAM)
    made = Drills([sys.executable, str(tmp_path / "program.py"), str(tmp_path)])
    yield made
    made.close()


@pytest.fixture
def client(drills: Drills) -> TestClient:
    """A client that sends the headers of a console page, behind the console's guard."""
    guarded = Guard(console(drills=drills), doors(Settings({}), "console"))
    return TestClient(guarded, base_url=HOME, headers={"Origin": HOME, "Sec-Fetch-Site": "same-origin"})


def run_until(client: TestClient, wanted: Any) -> dict[str, Any]:
    deadline = time.monotonic() + 20
    while True:
        run: dict[str, Any] = client.get("/api/drills/run").json()
        if wanted(run):
            return run
        assert time.monotonic() < deadline, run
        time.sleep(0.02)


def has_ended(run: dict[str, Any]) -> bool:
    return bool(run["outcome"] != "running")


def test_the_page_offers_the_drills_that_the_program_lists(client: TestClient) -> None:
    found = client.get("/api/drills").json()
    assert found["run"] is None
    assert [one["name"] for one in found["drills"]] == ["holds", "differs", "elsewhere", "breaks", "waits"]
    assert found["drills"][0]["title"] == {"en": "holds", "ja": "holdsです"}


@pytest.mark.parametrize(
    ("name", "outcome", "lines", "remarks"),
    [
        ("holds", "holds", [True], []),
        ("differs", "differs", [False], []),
        ("elsewhere", "not here", [], ["elsewhere: not on this machine"]),
        ("breaks", "failed", [], []),
    ],
)
def test_a_run_reports_the_outcome_of_the_program(
    client: TestClient, name: str, outcome: str, lines: list[bool], remarks: list[str]
) -> None:
    assert client.post(f"/api/drills/{name}").status_code == 202
    run = run_until(client, has_ended)
    assert (run["name"], run["outcome"], run["remarks"]) == (name, outcome, remarks)
    assert [one["holds"] for one in run["lines"]] == lines
    assert client.get("/api/drills").json()["run"] == run


def test_lines_arrive_during_a_run_and_a_second_run_is_refused(client: TestClient, tmp_path: Path) -> None:
    client.post("/api/drills/waits")
    assert run_until(client, lambda run: run["lines"])["outcome"] == "running"
    refused = client.post("/api/drills/holds")
    assert (refused.status_code, refused.json()) == (
        409, {"message": "waits is running: wait for its end, or stop it"},
    )  # fmt: skip
    (tmp_path / "go").touch()
    assert run_until(client, has_ended)["outcome"] == "holds"
    assert client.post("/api/drills/holds").status_code == 202
    assert run_until(client, has_ended)["name"] == "holds"


def test_a_drill_that_is_stopped_restores(client: TestClient, tmp_path: Path) -> None:
    client.post("/api/drills/waits")
    run_until(client, lambda run: run["lines"])
    for _ in range(2):
        assert client.delete("/api/drills/run").status_code == 202
    assert run_until(client, has_ended)["outcome"] == "stopped"
    assert (tmp_path / "restored").read_text() == "once "


def test_the_end_of_the_console_stops_its_drill(drills: Drills, tmp_path: Path) -> None:
    with TestClient(console(drills=drills)) as client:
        client.post("/api/drills/waits")
        run_until(client, lambda run: run["lines"])
    assert (tmp_path / "restored").exists()


@pytest.mark.parametrize("name", ["nothing", "--json", "run"])
def test_only_listed_names_reach_the_program(client: TestClient, tmp_path: Path, name: str) -> None:
    refused = client.post(f"/api/drills/{name}")
    assert refused.status_code == 404
    assert refused.json()["message"].startswith("drill: expected one of holds, differs,")
    assert not (tmp_path / "begun").exists()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "http://localhost:8080", "Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "evil.example"}, 421),
    ],
)
def test_a_foreign_page_cannot_start_a_drill(
    client: TestClient, tmp_path: Path, headers: dict[str, str], status: int
) -> None:
    for method, path in (("POST", "/api/drills/holds"), ("DELETE", "/api/drills/run"), ("GET", "/api/drills")):
        assert client.request(method, path, headers=headers).status_code == status, (method, path)
    assert not (tmp_path / "begun").exists()


def test_to_open_the_console_begins_to_list_the_drills(client: TestClient, tmp_path: Path) -> None:
    """A later view has the list at once."""
    client.get("/")
    deadline = time.monotonic() + 20
    while not (tmp_path / "listed").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_without_a_command_no_drills_are_offered() -> None:
    client = TestClient(console())
    assert client.get("/api/drills").json() == {"drills": [], "run": None}
    refused = client.post("/api/drills/gateway-stops")
    assert (refused.status_code, refused.json()["message"]) == (
        404, "drill: expected one of none, got 'gateway-stops'",
    )  # fmt: skip


@pytest.mark.parametrize("command", [["/nowhere/at/all"], [sys.executable, "-c", "raise SystemExit('broken')"]])
def test_a_failed_command_is_reported(command: list[str]) -> None:
    client = TestClient(console(drills=Drills(command)))
    for answer in (client.get("/api/drills"), client.post("/api/drills/holds")):
        assert answer.status_code == 503
        assert answer.json()["message"].startswith("EMULATION_DRILLS: ")


def test_the_command_is_read_as_a_shell_reads_it() -> None:
    assert Settings({"EMULATION_DRILLS": "env 'A=b c' python -m drills"}).drills == (
        "env", "A=b c", "python", "-m", "drills",
    )  # fmt: skip
    with pytest.raises(ValueError, match="EMULATION_DRILLS: expected a command"):
        _ = Settings({"EMULATION_DRILLS": "env 'A=b"}).drills


def test_make_up_hands_over_the_drills_of_the_kit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASYNCSNS_HOME", raising=False)
    (launch,) = [one for one in launches(KitSettings(port_offset=300)) if one.name == "console"]
    command = shlex.split(launch.env["EMULATION_DRILLS"])
    assert "ASYNCSNS_PORT_OFFSET=300" in command
    assert [one["name"] for one in Drills(command).all()] == list(DRILLS)


def test_the_list_needs_nothing_that_drills_play_with() -> None:
    """The page waits for it: to import the clients took seconds."""
    heavy = {"boto3", "httpx", "PIL", "rich", "kit.client", "kit.drills.scene"}
    program = (
        f"import sys, kit.drills.__main__ as m; sys.argv[1:] = ['--json']; m.main(); print({heavy} & set(sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert shown.splitlines()[-1] == "set()"
