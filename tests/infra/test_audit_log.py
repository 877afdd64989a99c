"""The audit log cannot be changed: rights of all functions' roles and the table's own policy.

Amazon DynamoDB Developer Guide, "Using resource-based policies for DynamoDB". Not run against AWS.
"""

from __future__ import annotations

import pytest

from tests.infra.templates import Templates, as_list, text
from tests.infra.test_functions import FUNCTIONS

TABLE = "TableAudit"
READS = {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"}


@pytest.mark.parametrize("target", ["embedded", "aws"])
def test_one_function_appends_to_the_audit_log_and_one_reads_it(target: str, request: pytest.FixtureRequest) -> None:
    templates: Templates = request.getfixturevalue(target)
    allowed: dict[str, set[str]] = {}
    for function in FUNCTIONS:
        for statement in templates.statements(function):
            if TABLE in text(statement["Resource"]):
                allowed.setdefault(function, set()).update(as_list(statement["Action"]))
    assert allowed == {"moderation": {"dynamodb:PutItem"}, "query": READS}


def test_on_aws_the_audit_table_denies_changes_to_everyone(aws: Templates) -> None:
    policies = {
        row["TableName"]: row["ResourcePolicy"]["PolicyDocument"]["Statement"]
        for row in aws.resources("AWS::DynamoDB::Table").values()
        if "ResourcePolicy" in row
    }
    assert set(policies) == {"asyncsns-audit"}
    (statement,) = policies["asyncsns-audit"]
    assert (statement["Effect"], statement["Principal"]) == ("Deny", {"AWS": "*"})
    assert {"dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"} <= set(statement["Action"])
    assert "table/asyncsns-audit" in text(statement["Resource"])
