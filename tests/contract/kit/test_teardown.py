"""Teardown lists what it keeps, empties blocking buckets and deletes in dependency order (CloudFormation emulator)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from kit import teardown
from kit.deploy.resources import Aws as KitAws
from kit.teardown import Teardown
from tests.support.aws import Aws


class OfTheEmulator(KitAws):
    """Clients for the emulator of this test session."""

    def __init__(self, process: Any) -> None:
        super().__init__()
        self._process = process

    def client(self, name: str) -> Any:  # type: ignore[override]
        return self._process.client(name)


@pytest.fixture
def deployed(fresh: Aws) -> Iterator[tuple[OfTheEmulator, str]]:
    """Two stacks: a bucket and a retained table in the lower one; a queue in the upper one, which imports from it."""
    run = secrets.token_hex(4)
    below = {
        "Resources": {
            "Files": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": f"files-{run}"}},
            "People": {
                "Type": "AWS::DynamoDB::Table",
                "DeletionPolicy": "RetainExceptOnCreate",
                "UpdateReplacePolicy": "Retain",
                "Properties": {
                    "TableName": f"people-{run}",
                    "BillingMode": "PAY_PER_REQUEST",
                    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                },
            },
        },
        "Outputs": {"Files": {"Value": {"Ref": "Files"}, "Export": {"Name": f"files-{run}"}}},
    }
    above = {
        "Resources": {
            "Queue": {
                "Type": "AWS::SQS::Queue",
                "Properties": {"QueueName": f"queue-{run}", "Tags": [_tag(f"files-{run}")]},
            }
        }
    }
    aws = OfTheEmulator(fresh.process)
    cloudformation = aws.client("cloudformation")
    for name, template in ((f"below-{run}", below), (f"above-{run}", above)):
        cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template))
        cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    s3 = aws.client("s3")
    s3.put_bucket_versioning(Bucket=f"files-{run}", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"first", b"second"):
        s3.put_object(Bucket=f"files-{run}", Key="one", Body=body)
    s3.delete_object(Bucket=f"files-{run}", Key="one")
    yield aws, run
    aws.client("dynamodb").delete_table(TableName=f"people-{run}")


def _tag(export: str) -> dict[str, Any]:
    return {"Key": "files", "Value": {"Fn::ImportValue": export}}


def test_teardown_deletes_stacks_and_keeps_tables_with_data(deployed: tuple[OfTheEmulator, str]) -> None:
    aws, run = deployed
    work = Teardown(aws, [f"absent-{run}", f"below-{run}", f"above-{run}"], pause=0.1)
    plan = work.plan()
    assert plan.stacks == [f"above-{run}", f"below-{run}"]
    assert [one.physical_id for one in plan.kept] == [f"people-{run}"]
    assert [one.physical_id for one in plan.emptied] == [f"files-{run}"]
    assert any("stays" in line and f"people-{run}" in line for line in plan.lines())
    said: list[str] = []
    work.run(plan, said.append)
    # Two versions and the delete marker.
    assert f"files-{run}: 3 objects deleted" in said
    assert Teardown(aws, plan.stacks).plan().stacks == []
    assert aws.client("dynamodb").describe_table(TableName=f"people-{run}")["Table"]["TableStatus"] == "ACTIVE"
    assert f"files-{run}" not in [row["Name"] for row in aws.client("s3").list_buckets()["Buckets"]]


def test_teardown_without_confirmation_deletes_nothing(
    deployed: tuple[OfTheEmulator, str], capsys: pytest.CaptureFixture[str]
) -> None:
    aws, run = deployed
    assert teardown._tear_down(Teardown(aws, [f"below-{run}"]), confirmed=False) == 3
    assert "CONFIRM=yes" in capsys.readouterr().out
    assert aws.client("s3").list_object_versions(Bucket=f"files-{run}")["Versions"]
