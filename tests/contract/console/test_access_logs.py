"""The console's page of access logs: a program answers the queries, and its output or error is shown."""

from __future__ import annotations

import sys
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from emulation.console.access_logs import AccessLogs
from emulation.console.app import create_app
from emulation.console.described import ApiDescribed
from emulation.console.drills import Drills
from emulation.console.emulator import EmulatorReader
from emulation.console.log_lines import ApiLines, LineIndex
from emulation.console.logs import LogReader
from emulation.console.metrics import MetricReader
from emulation.console.pages import Programs, Readers
from emulation.console.pushes import PushReader
from emulation.console.queues import QueueReader
from emulation.console.saved import Saves
from emulation.console.tables import TableReader
from emulation.console.traces import TraceStore
from emulation.settings import Settings as EmulationSettings
from infra.access_logs.questions import QUESTIONS
from kit.processes import launches
from kit.settings import Settings

PROGRAM = "import json, sys; print(json.dumps({'hours': int(sys.argv[-1]), 'answers': [{'name': 'a'}]}))"
BROKEN = "import sys; sys.exit('no such log')"


def page(*command: str) -> TestClient:
    nowhere = httpx.Client()
    readers = Readers(
        EmulatorReader(nowhere, nowhere),
        LogReader(LineIndex(ApiLines(None))),
        QueueReader(None, ApiDescribed(None, None, None)),
        TableReader(ApiDescribed(None, None, None), nowhere),
        MetricReader(None),
        PushReader(""),
    )
    return TestClient(
        create_app(TraceStore(), readers, None, None, Programs(Drills(()), AccessLogs(command), Saves(())))
    )


def test_the_page_returns_the_answers_of_the_program() -> None:
    answer = page(sys.executable, "-c", PROGRAM).get("/api/access-logs", params={"hours": 6})
    assert answer.json() == {"hours": 6, "answers": [{"name": "a"}]}


def test_without_a_program_the_answers_are_empty() -> None:
    assert page().get("/api/access-logs").json() == {"hours": 24, "answers": []}


def test_a_failed_program_is_reported_with_its_last_output() -> None:
    answer = page(sys.executable, "-c", BROKEN).get("/api/access-logs")
    assert (answer.status_code, "no such log" in answer.json()["message"]) == (503, True)
    answer = page("/nowhere/at/all").get("/api/access-logs")
    assert (answer.status_code, answer.json()["message"].startswith("EMULATION_ACCESS_LOGS: ")) == (503, True)


@pytest.mark.parametrize("hours", [0, 745, "a"])
def test_hours_outside_a_month_are_refused(hours: object) -> None:
    assert page().get("/api/access-logs", params={"hours": str(hours)}).status_code == 422


def test_make_up_hands_over_the_command_of_the_kit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ASYNCSNS_HOME", str(tmp_path))
    (launch,) = [one for one in launches(Settings(port_offset=300)) if one.name == "console"]
    command = EmulationSettings(launch.env).access_logs
    # That folder contains no log.
    command = tuple(sys.executable if word.endswith("/bin/python") else word for word in command)
    answers = AccessLogs(command).answers(1)["answers"]
    assert [(one["name"], one["rows"]) for one in answers] == [(one.name, []) for one in QUESTIONS]
