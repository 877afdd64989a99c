"""cdk-nag's AWS Solutions rules on the AWS templates: each finding is fixed or accepted with a reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import cdk_nag
import pytest

from infra.nag import ACCEPTED
from infra.targets import AWS


@pytest.fixture(scope="module")
def report(app_for: Callable[[str], cdk.App]) -> dict[str, list[tuple[str, str]]]:
    """Plugin → (rule, construct path) of all its findings."""
    app = app_for(AWS)
    cdk.Validations.of(app).add_plugins(cdk_nag.AwsSolutionsChecks(app))
    with pytest.MonkeyPatch.context() as patch, pytest.raises(RuntimeError, match="ValidationFailed"):
        patch.delenv("CDK_VALIDATION", raising=False)
        app.synth()
    whole: dict[str, Any] = json.loads((Path(app.outdir) / "validation-report.json").read_text("utf-8"))
    return {
        plugin["pluginName"]: [
            (violation["ruleName"], construct["constructPath"])
            for violation in plugin["violations"]
            for construct in violation["violatingConstructs"]
        ]
        for plugin in whole["pluginReports"]
    }


@pytest.fixture(scope="module")
def findings(report: dict[str, list[tuple[str, str]]]) -> list[tuple[str, str]]:
    return report["AwsSolutions"]


def test_cloudformation_s_own_rules_find_nothing(report: dict[str, list[tuple[str, str]]]) -> None:
    assert report.get("CloudFormation Validate", []) == []


def test_every_finding_is_accepted_with_a_reason(findings: list[tuple[str, str]]) -> None:
    unexplained = [found for found in findings if not any(one.covers(*found) for one in ACCEPTED)]
    assert unexplained == []


def test_every_accepted_finding_still_exists(findings: list[tuple[str, str]]) -> None:
    unused = [one for one in ACCEPTED if not any(one.covers(*found) for found in findings)]
    assert unused == []
