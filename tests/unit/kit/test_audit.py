"""`make audit` fails when an auditor gives no result."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kit import audit
from kit.audit import Report, licence_fault, read_npm_audit, read_pip_audit


def test_packages_that_have_no_advisories_to_read_are_not_reached() -> None:
    report = Report("p")
    packages: list[dict[str, Any]] = [
        {"name": "a", "version": "1", "vulns": [{"id": "PYSEC-1"}]},
        {"name": "b", "version": "1", "vulns": []},
        {"name": "c", "skip_reason": "Dependency not found on PyPI"},
    ]
    read_pip_audit(report, packages)
    assert (report.checked, report.found) == (2, ["a 1: PYSEC-1"])
    assert report.unreached == ["no advisories for 1 of 3 packages"]


@pytest.mark.parametrize("text", ["", "{}", '{"message": "405 Method Not Allowed - POST x"}', '{"error": {"code": 1}}'])
def test_a_registry_that_does_not_answer_the_audit_is_not_reached(text: str) -> None:
    report = Report("n")
    read_npm_audit(report, text)
    assert report.unreached
    assert not report.found


def test_vulnerabilities_reported_by_npm_are_found() -> None:
    report = Report("n")
    document = {"vulnerabilities": {"x": {"severity": "high"}}, "metadata": {"dependencies": {"total": 9}}}
    read_npm_audit(report, json.dumps(document))
    assert (report.checked, report.found, report.unreached) == (9, ["x: high"], [])


@pytest.mark.parametrize(
    ("licence", "is_fault"),
    [("MIT", False), ("AGPL-3.0", True), ("MIT OR GPL-3.0", False), ("LGPL-2.1", False), ("GPL-3.0-only", True)],
)
def test_a_copyleft_licence_without_an_alternative_is_found(licence: str, is_fault: bool) -> None:
    assert (licence_fault("x", licence) is not None) is is_fault


@pytest.mark.parametrize(
    ("found", "unreached", "code"), [([], [], 0), (["x"], [], 1), ([], ["y"], 2), (["x"], ["y"], 1)]
)
def test_the_exit_code_distinguishes_findings_from_missing_data(
    monkeypatch: pytest.MonkeyPatch, found: list[str], unreached: list[str], code: int
) -> None:
    report = Report("r", 1, found, unreached)
    for name in ("python_vulnerabilities", "npm_vulnerabilities", "secrets", "licences"):
        monkeypatch.setattr(audit, name, lambda *_: report)
    assert audit.main() == code
