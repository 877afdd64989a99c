"""``make load``: user classes, thresholds and the report, comparisons, and refusals before the start."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest

from kit.settings import Settings
from loadtests.mix import ACTIONS, SCENARIOS, people_of
from loadtests.record import Moment, Record, Row
from loadtests.report import page
from loadtests.thresholds import P95_MS, Judged

ROOT = Path(__file__).parents[2]
#: Users that need no network: one is quick, one is slow, and the real listeners judge both.
LOCUSTFILE = """
from locust import User, constant, events, task
from loadtests import judging

class Nobody(User):
    wait_time = constant(0.1)

    @task
    def nothing(self):
        for name, took in (("GET /v1/search", 10), ("POST /v1/posts", {post})):
            self.environment.events.request.fire(
                request_type="X", name=name, response_time=took, response_length=0, exception=None
            )

judging.listen(events)
"""


@pytest.mark.parametrize("users", [6, 7, 20, 99])
def test_every_scenario_is_in_a_mix_of_any_size(users: int) -> None:
    counts = people_of(users)
    assert counts.keys() == SCENARIOS.keys()
    assert sum(counts.values()) == users
    assert min(counts.values()) >= 1


def test_reads_dominate_a_mix_of_some_size() -> None:
    assert people_of(100)["browsing"] > 60
    with pytest.raises(ValueError, match=r"USERS: expected 6 or more for the mix.*got 5"):
        people_of(5)


def locust(folder: Path, *options: str, post: int = 10, **variables: str) -> subprocess.Popen[str]:
    file = folder / f"locustfile{post}.py"
    file.write_text(LOCUSTFILE.format(post=post))
    environment = os.environ | {"PYTHONPATH": str(ROOT), **variables}
    command = [sys.executable, "-m", "locust", "-f", str(file), "--headless", "--only-summary", *options]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    said, _ = process.communicate(timeout=180)
    return process.returncode, said


def test_a_run_is_judged_reported_and_compared_with_an_earlier_one(tmp_path: Path) -> None:
    run = ("--users", "2", "--spawn-rate", "50", "--run-time", "3s")
    first = {"ASYNCSNS_LOAD_REPORT": str(tmp_path / "first")}
    status, said = ended(locust(tmp_path, *run, **first))
    assert status == 0, said
    second = {"ASYNCSNS_LOAD_REPORT": str(tmp_path / "second"), "ASYNCSNS_LOAD_AGAINST": str(tmp_path / "first.json")}
    status, said = ended(locust(tmp_path, *run, post=900, **second))
    assert status == 1, said
    assert "threshold missed: POST /v1/posts: p95 900 ms, expected at most 500 ms" in said
    found = Record.read(tmp_path / "second.json")
    assert {row.name: row.p95 for row in found.rows} == {"GET /v1/search": 10, "POST /v1/posts": 900}
    verdicts = {one.name: str(one.verdict) for one in found.judged}
    assert (verdicts["GET /v1/search"], verdicts["POST /v1/posts"]) == ("held", "missed")
    assert verdicts["post -> timeline"] == "did not occur"
    html = (tmp_path / "second.html").read_text("utf-8")
    assert "1 / 2 of the judged requests" in html
    assert "+8900%" in html
    assert "http://" not in html and "src=" not in html


def test_a_master_judges_the_results_of_its_workers(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    where = ("--master-port", str(port))
    report = {"ASYNCSNS_LOAD_REPORT": str(tmp_path / "all")}
    run = ("--users", "4", "--spawn-rate", "50", "--run-time", "4s", "--expect-workers", "2")
    master = locust(tmp_path, "--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", str(port), *run,
                    post=900, **report)  # fmt: skip
    workers = [locust(tmp_path, "--worker", "--master-host", "127.0.0.1", *where, post=900, **report) for _ in range(2)]
    status, said = ended(master)
    assert status == 1, said
    assert "threshold missed: POST /v1/posts" in said
    for worker in workers:
        status, told = ended(worker)
        assert (status, "threshold missed" in told) == (0, False), told
    found = Record.read(tmp_path / "all.json")
    assert found.requests == sum(row.requests for row in found.rows) > 0
    assert found.people == 4


def loaded(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "loadtests", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=180)


def test_a_load_test_on_aws_states_its_cost_and_requires_confirmation() -> None:
    done = loaded("--target", "aws", "--users", "50", "--seconds", "600")
    assert done.returncode == 3, done.stderr
    assert "50 people for 600 s on AWS add about USD " in done.stderr
    assert "make load TARGET=aws CONFIRM=yes" in done.stderr


def test_an_invalid_earlier_run_is_refused_before_anything_starts(tmp_path: Path) -> None:
    file = tmp_path / "bench.json"
    file.write_text(json.dumps({"figures": []}))
    done = loaded("--against", str(file))
    assert (done.returncode, "AGAINST: expected the JSON of an earlier `make load`" in done.stderr) == (2, True)


def test_the_web_page_of_locust_listens_on_loopback_only() -> None:
    from loadtests.__main__ import plan

    given = Namespace(
        scenario="mix", users=20, seconds=60, shape="", against="", web=True, target="embedded", lang="en", locust=""
    )
    command, variables = plan(given, Settings(port_offset=300))
    assert command[command.index("--web-host") + 1] == "127.0.0.1"
    assert command[command.index("--web-port") + 1] == "8389"
    assert "--headless" not in command
    assert variables["ASYNCSNS_LOAD_USERS"] == ""


def run_of(p95: float, people: int = 20) -> Record:
    moments = [Moment(seconds, people, 12.0, 0.0, 20.0, p95) for seconds in (5.0, 10.0)]
    return Record(
        "2026-12-01T00:00:00+00:00", "mix", "", "this machine", people, 10, 12, 120, 0,
        [Row("message -> device", 120, 0, 12, 20, p95, p95)], [Judged("message -> device", 800, p95, 120)], [], moments,
    )  # fmt: skip


def test_a_change_within_the_noise_is_not_judged_and_unlike_runs_are_named() -> None:
    assert 'class="number worse">+50%' in page(run_of(150), run_of(100), "en")
    assert 'class="number better">-50%' in page(run_of(50), run_of(100), "en")
    assert 'class="number ">+5%' in page(run_of(105), run_of(100), "en")
    assert "not comparable" in page(run_of(100, people=10), run_of(100), "en")
    assert "エンドツーエンド" in page(run_of(100), None, "ja")


def test_a_threshold_of_few_requests_is_neither_met_nor_missed(tmp_path: Path) -> None:
    report = {"ASYNCSNS_LOAD_REPORT": str(tmp_path / "few")}
    status, said = ended(locust(tmp_path, "--users", "1", "--run-time", "1s", post=900, **report))
    assert status == 0, said
    assert "threshold not judged: POST /v1/posts: too few requests to judge, expected at least 20, got " in said
    assert "thresholds: 0 held, 0 missed, 2 too few requests to judge, 14 did not occur" in said


def test_the_page_has_the_tables_of_the_code() -> None:
    said = (ROOT / "docs" / "load.md").read_text("utf-8")
    weights = [f"| `{name}` | {one.weight} | {one.source} |" for name, one in {**SCENARIOS, **ACTIONS}.items()]
    limits = [f"| `{name}` | {limit:,.0f} |" for name, limit in P95_MS.items()]
    assert [line for line in weights + limits if line not in said] == []
