"""The order of steps, and how a failed step affects the others."""

from __future__ import annotations

import threading

import pytest

from kit.steps import UNCHANGED, Runner, Step, StepFailed
from kit.supervisor.client import NotStarting


def test_a_step_runs_after_its_dependencies() -> None:
    order: list[str] = []

    def note(name: str) -> Step:
        return Step(name, name, lambda: order.append(name), {"b": ("a",), "c": ("b",)}.get(name, ()))

    Runner().run([note("c"), note("b"), note("a")])
    assert order == ["a", "b", "c"]


def test_steps_that_do_not_need_each_other_run_side_by_side() -> None:
    meeting = threading.Barrier(2, timeout=60)

    def meet() -> str | None:
        meeting.wait()
        return None

    Runner().run([Step("a", "a", meet), Step("b", "b", meet)])


def test_a_failure_names_the_step_and_stops_dependent_steps() -> None:
    ran: list[str] = []

    def fail() -> str | None:
        raise ValueError("the disk is full")

    with pytest.raises(StepFailed, match="Build the UI: the disk is full"):
        Runner().run([Step("a", "Build the UI", fail), Step("b", "b", lambda: ran.append("b"), ("a",))])
    assert ran == []


def test_a_failed_process_is_not_blamed_on_the_waiting_step() -> None:
    def wait() -> str | None:
        raise NotStarting("emulator does not start.")

    with pytest.raises(StepFailed) as told:
        Runner().run([Step("a", "Start console", wait)])
    assert str(told.value) == "emulator does not start."


def test_unknown_and_circular_needs_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown steps: \\['x'\\]"):
        Runner().run([Step("a", "a", lambda: None, ("x",))])
    with pytest.raises(ValueError, match="wait for each other"):
        Runner().run([Step("a", "a", lambda: None, ("b",)), Step("b", "b", lambda: None, ("a",))])


def test_quiet_output_omits_unchanged_steps(capsys: pytest.CaptureFixture[str]) -> None:
    Runner(quiet=True).run([Step("a", "Install", lambda: UNCHANGED), Step("b", "Deploy", lambda: "done")])
    printed = capsys.readouterr().out
    assert "Install" not in printed
    assert "Deploy" in printed
