"""Load test shapes, run by Locust itself: the number of users over time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

_AT = """
import locust  # first: it patches ssl
from loadtests.shapes import people_at
moments = [0, 10, 39, 40, 59, 60, 99, 100]
assert [people_at("ramp", at, 100, 50) for at in moments] == [1, 5, 20, 20, 30, 30, 50, None]
assert [people_at("spike", at, 100, 50) for at in moments] == [5, 5, 5, 50, 50, 5, 5, None]
assert [people_at("soak", at, 100, 50) for at in moments] == [1, 50, 50, 50, 50, 50, 50, None]
assert people_at("spike", 0, 100, 3) == 1
"""

#: Like ``loadtests/locustfile.py``, but with users that need no network.
_LOCUSTFILE = """
from locust import User, constant, events, task
from loadtests import shapes

class Nobody(User):
    wait_time = constant(0.1)

    @task
    def nothing(self):
        self.environment.events.request.fire(
            request_type="X", name="x", response_time=1, response_length=0, exception=None
        )

ChosenShape = shapes.ChosenShape

@events.test_stop.add_listener
def told(environment, **_):
    print("most people:", max(counts))

counts = [0]

@events.spawning_complete.add_listener
def count(user_count, **_):
    counts.append(user_count)
"""


def _run(*command: str, shape: str = "") -> subprocess.CompletedProcess[str]:
    environ = os.environ | {"PYTHONPATH": str(ROOT), "ASYNCSNS_LOAD_SHAPE": shape}
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)


def test_each_load_shape_has_its_users_at_each_moment() -> None:
    done = _run(sys.executable, "-c", _AT)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("shape", "status"), [("spike", 0), ("valley", 1)])
def test_locust_runs_a_shape_for_its_duration_and_writes_one_page(tmp_path: Path, shape: str, status: int) -> None:
    file, page = tmp_path / "locustfile.py", tmp_path / "report.html"
    file.write_text(_LOCUSTFILE)
    options = ("--headless", "--users", "10", "--spawn-rate", "50", "--run-time", "6s", "--html", str(page))
    done = _run(sys.executable, "-m", "locust", "-f", str(file), *options, shape=shape)
    if status:
        assert "expected one of ramp, spike, soak, got 'valley'" in done.stderr
        return
    assert done.returncode == 0, done.stderr
    assert "most people: 10" in done.stdout
    assert "Nobody" in page.read_text()
