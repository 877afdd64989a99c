"""GitHub workflows run the commands of this tree, with the minimal permissions that they need.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def jobs_of(workflow: Path) -> dict[str, Any]:
    jobs: dict[str, Any] = yaml.safe_load(workflow.read_text("utf-8"))["jobs"]
    return jobs


def steps_of(workflow: Path) -> list[dict[str, Any]]:
    return [step for job in jobs_of(workflow).values() for step in job["steps"]]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_each_command_exists(workflow: Path) -> None:
    targets = set(re.findall(r"^([a-z][a-z0-9-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    commands = [step["run"] for step in steps_of(workflow) if "run" in step]
    for command in commands:
        assert set(re.findall(r"\bmake ([a-z-]+)", command)) <= targets
        for program in re.findall(r"(?:^|\s)(\.[a-z]+/\S+)", command):
            assert (ROOT / program).exists(), program
    assert any(command.startswith("make ") for command in commands)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_has_read_access_pinned_actions_and_a_timeout(workflow: Path) -> None:
    document = yaml.safe_load(workflow.read_text("utf-8"))
    assert document["permissions"]["contents"] == "read"
    assert set(document["permissions"]) <= {"contents", "id-token"}
    assert all(job["timeout-minutes"] <= 90 for job in jobs_of(workflow).values())
    assert all(re.fullmatch(r"[\w./-]+@v\d+", step["uses"]) for step in steps_of(workflow) if "uses" in step)


def test_only_manually_started_and_approved_workflows_reach_aws() -> None:
    for workflow in WORKFLOWS:
        document = yaml.safe_load(workflow.read_text("utf-8"))
        reaches_aws = "TARGET=aws" in workflow.read_text("utf-8")
        assert ("id-token" in document["permissions"]) == reaches_aws
        if reaches_aws:
            # YAML 1.1 parses the key `on` as true.
            assert set(document[True]) == {"workflow_dispatch"}
            assert all("environment" in job for job in jobs_of(workflow).values())
            assert "secrets." not in workflow.read_text("utf-8")
