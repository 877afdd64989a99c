"""How `make check-templates` prepares templates and reads the tools' output; the tools themselves run there."""

from __future__ import annotations

import json

import pytest

from kit.template_checks.__main__ import problems
from kit.template_checks.finding import Accepted, Finding
from kit.template_checks.policies import identity_policies
from kit.template_checks.resolve import Resolver
from tests.infra.templates import Templates

FOUND = Finding("checkov", "CKV_AWS_1", "asyncsns-media/Bucket1", "a rule")


def test_a_finding_without_a_reason_is_a_problem() -> None:
    elsewhere = Accepted("checkov", "CKV_AWS_1", "asyncsns-edge/*", "because")
    of_another_rule = Accepted("checkov", "CKV_AWS_11", "asyncsns-media/*", "because")
    assert str(FOUND) in problems([FOUND], [elsewhere, of_another_rule])
    assert problems([FOUND], [Accepted("checkov", "CKV_AWS_1", "asyncsns-media/*", "because")]) == []


def test_a_reason_that_no_finding_needs_is_a_problem() -> None:
    (line,) = problems([], [Accepted("checkov", "CKV_AWS_1", "asyncsns-media/*", "because")])
    assert "CKV_AWS_1" in line


def test_every_identity_policy_becomes_plain(aws: Templates) -> None:
    """The policies of each role with rights, with exports between stacks resolved."""
    found = dict(identity_policies(aws.stacks))
    with_rights = [key for key, row in aws.resources("AWS::IAM::Role").items() if row.get("Policies")]
    assert set(found) == {*with_rights, *aws.resources("AWS::IAM::ManagedPolicy")}
    text = json.dumps(found)
    assert "Fn::" not in text
    assert "arn:aws:dynamodb:us-east-1:111122223333:table/asyncsns-posts" in text


def test_an_unknown_intrinsic_function_is_refused() -> None:
    with pytest.raises(ValueError, match="Fn::Cidr"):
        Resolver({"one": {"Resources": {}}}).text("one", {"Fn::Cidr": ["10.0.0.0/16", 6]})
