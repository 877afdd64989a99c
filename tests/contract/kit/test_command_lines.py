"""Invalid input to `make` and the kit: one sentence says what was expected, and nothing is done."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys

import pytest

from kit.settings import checkout_root
from loadtests.__main__ import _parser


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "TARGET"))}
    return subprocess.run(
        ["make", *arguments], cwd=checkout_root(), env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("target", ["deploy", "teardown"])
def test_a_target_that_needs_an_account_names_itself(target: str) -> None:
    done = make(target, "PYTHON=/nowhere/python")
    assert done.returncode == 2
    assert (
        done.stderr.splitlines()[0] == f"make {target}: TARGET is missing, expected aws. Say: make {target} TARGET=aws"
    )


FLAGS = [
    (("demo", "BROWSER=yes"), "RESET", "--reset"),
    (("demo", "BROWSER=yes"), "STEPS", "--steps"),
    (("redrive",), "DRY_RUN", "--dry-run"),
    (("rebuild",), "DRY_RUN", "--dry-run"),
    (("restore",), "DRY_RUN", "--dry-run"),
    (("cost",), "MEASURE", "--measure"),
]


@pytest.mark.parametrize(("command", "name", "option"), FLAGS)
def test_a_flag_accepts_only_yes_or_no(command: tuple[str, ...], name: str, option: str) -> None:
    assert option in make("-n", *command, f"{name}=yes").stdout
    for no in (f"{name}=no", f"{name}="):
        done = make("-n", *command, no)
        assert (done.returncode, option in done.stdout) == (0, False)
    for wrong in ("maybe", "1", "yes no"):
        done = make("-n", *command, f"{name}={wrong}")
        assert done.returncode == 2
        assert f"{name}: expected yes or no, got '{wrong}'" in done.stderr


@pytest.mark.parametrize("given", ["", "--master", "--csv=figures", "--worker --master-host 10.0.0.1"])
def test_options_of_locust_reach_it(given: str) -> None:
    recipe = make("-n", "load", f"LOCUST={given}").stdout.replace("\\\n", " ")
    line = next(line for line in recipe.splitlines() if " -m loadtests " in line)
    words = shlex.split(line)
    assert _parser().parse_args(words[words.index("loadtests") + 1 :]).locust == given


def test_the_demo_stays_in_the_terminal_with_browser_no() -> None:
    assert "kit.demo.browser" in make("-n", "demo", "BROWSER=yes").stdout
    assert "kit.demo.browser" not in make("-n", "demo", "BROWSER=no").stdout


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["-m", "kit.restore", "--table", "posts", "--source", ""], "SOURCE: expected the whole name"),
        (
            ["-m", "loadtests.bench", "--against", "no-such-commit"],
            "make bench: AGAINST=no-such-commit: expected a commit",
        ),
    ],
)
def test_a_wrong_value_is_one_sentence(command: list[str], said: str) -> None:
    done = subprocess.run([sys.executable, *command], cwd=checkout_root(), capture_output=True, text=True, check=False)
    assert done.returncode in (1, 2)
    assert done.stderr.startswith(said)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["SCENARIO", "SHAPE"])
def test_a_wrong_name_of_a_load_is_one_sentence(name: str) -> None:
    """Even when nothing runs."""
    command = [sys.executable, "-m", "locust", "-f", "loadtests/locustfile.py", "--headless"]
    environment = os.environ | {f"ASYNCSNS_LOAD_{name}": "nope", "PYTHONPATH": "."}
    done = subprocess.run(command, cwd=checkout_root(), env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "make load: " in done.stderr
    assert "Traceback" not in done.stderr
