"""`make smoke` against the running stack, which tests the command before it is used on AWS."""

from __future__ import annotations

from kit.client import Endpoints
from kit.smoke.__main__ import walk
from kit.smoke.steps import STEPS, NotAsExpected, Visit, people


def test_the_walk_passes_and_deletes_its_accounts(endpoints: Endpoints) -> None:
    said: list[str] = []
    assert walk(Visit(endpoints), STEPS, said.append), said
    assert [line.partition(":")[0] for line in said] == [name for name, _ in STEPS]


def test_a_failed_step_ends_the_smoke_test_with_its_reason(endpoints: Endpoints) -> None:
    def broken(visit: Visit) -> str:
        raise NotAsExpected("GET /: expected 200, got 500")

    said: list[str] = []
    visit = Visit(endpoints)
    assert not walk(visit, (("people", people), ("broken", broken), ("never", people)), said.append)
    assert "broken: FAILED" in said[-1]
    assert "expected 200, got 500" in said[-1]
    assert len(visit.people) == 2
