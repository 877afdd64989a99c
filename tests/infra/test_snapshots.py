"""The resources of the AWS templates, compared with a stored snapshot: a change shows in the review.

For stateful resources the snapshot has every logical id and name: if one changes, CloudFormation makes a new, empty
resource. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html

After an intended change: ``ASYNCSNS_WRITE_SNAPSHOTS=1 make test-infra ARGS="-k snapshot"``.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from typing import Any

from kit.template_checks.resolve import Resolver
from tests.infra.templates import ROOT, Templates

SNAPSHOT = ROOT / "tests" / "infra" / "snapshots" / "aws.json"
#: Type → the property with its name.
HOLDS_DATA = {
    "AWS::Cognito::UserPool": "UserPoolName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::OpenSearchService::Domain": "DomainName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SecretsManager::Secret": "Name",
}


def described(templates: Templates) -> dict[str, Any]:
    resolver = Resolver(templates.stacks)
    found: dict[str, Any] = {}
    for stack, template in sorted(templates.stacks.items()):
        rows = template["Resources"].items()
        kept = {
            logical_id: {
                "type": row["Type"],
                "name": resolver.text(stack, row["Properties"].get(HOLDS_DATA[row["Type"]], "")),
                "deletion": row.get("DeletionPolicy", "Delete"),
            }
            for logical_id, row in rows
            if row["Type"] in HOLDS_DATA
        }
        counts = Counter(row["Type"] for _, row in rows if row["Type"] not in HOLDS_DATA)
        found[stack] = {"holds data": kept, "others": dict(sorted(counts.items()))}
    return found


def test_the_templates_match_the_snapshot(aws: Templates) -> None:
    now = described(aws)
    if os.environ.get("ASYNCSNS_WRITE_SNAPSHOTS"):
        SNAPSHOT.parent.mkdir(exist_ok=True)
        SNAPSHOT.write_text(json.dumps(now, indent=2, sort_keys=True) + "\n", "utf-8")
    assert now == json.loads(SNAPSHOT.read_text("utf-8")), (
        "if intended, write the snapshot again: see the top of this file"
    )
