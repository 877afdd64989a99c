"""Stages: names that never collide, and the parts of the system that each has."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.stages import PROD, STAGES, is_of, stage_of
from infra.targets import AWS, target_of
from kit.deploy.incremental import app_environment
from kit.deploy.synth import EXAMPLE_ACCOUNT
from kit.settings import Settings
from kit.template_checks.resolve import Resolver
from kit.template_checks.tools import templates_of
from tests.infra.templates import ROOT, Templates

#: Type → the property with the physical name, and its maximum length.
NAMED = {
    "AWS::CloudWatch::Alarm": ("AlarmName", 255),
    "AWS::DynamoDB::Table": ("TableName", 255),
    "AWS::IAM::Role": ("RoleName", 64),
    "AWS::Lambda::Function": ("FunctionName", 64),
    "AWS::OpenSearchService::Domain": ("DomainName", 28),
    "AWS::S3::Bucket": ("BucketName", 63),
    "AWS::SNS::Topic": ("TopicName", 256),
    "AWS::SQS::Queue": ("QueueName", 80),
    "AWS::XRay::Group": ("GroupName", 32),
}


def test_prod_is_the_default_stage() -> None:
    assert stage_of({}) is PROD
    assert stage_of({"ASYNCSNS_STAGE": "dev"}) is STAGES["dev"]
    with pytest.raises(ValueError, match="expected one of dev, staging, prod, got 'test'"):
        stage_of({"ASYNCSNS_STAGE": "test"})


def test_an_emulator_has_no_stages() -> None:
    with pytest.raises(ValueError, match="ASYNCSNS_STAGE"):
        target_of("embedded", {"account": "000000000000"}, {"ASYNCSNS_STAGE": "dev"})


def test_a_resource_name_belongs_to_one_stage() -> None:
    for name, stage in STAGES.items():
        owners = [other.name for other in STAGES.values() if is_of(other, f"{stage.prefix}-posts")]
        assert owners == [name]


def test_only_prod_keeps_data_and_shared_stages_are_protected() -> None:
    assert [one.name for one in STAGES.values() if one.keeps_data] == ["prod"]
    assert [one.name for one in STAGES.values() if one.reserves] == ["prod"]
    assert [one.name for one in STAGES.values() if one.is_protected] == ["staging", "prod"]


@pytest.fixture(params=["dev", "staging"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Templates]:
    """The templates of a stage: a process of its own synthesizes them, because the prefix is read at the start."""
    out = tmp_path / "cdk.out"
    key = tmp_path / "media.pem"
    key.write_text("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "ascii")
    chosen = {"ASYNCSNS_STAGE": request.param, "ASYNCSNS_MEDIA_PUBLIC_KEY": str(key)}
    environment = {**os.environ, **app_environment(Settings(), out, AWS, EXAMPLE_ACCOUNT), **chosen}
    subprocess.run([sys.executable, "-m", "infra.app"], cwd=ROOT, env=environment, check=True)
    return request.param, Templates(templates_of(out))


@pytest.mark.long
def test_every_name_of_a_stage_begins_with_its_prefix_and_fits(stage: tuple[str, Templates]) -> None:
    name, templates = stage
    prefix = STAGES[name].prefix
    assert all(stack.startswith(f"{prefix}-") for stack in templates.stacks)
    resolver = Resolver(templates.stacks)
    for kind, (field, longest) in NAMED.items():
        rows: dict[str, Any] = {key: row for key, row in templates.resources(kind).items() if field in row}
        for key, row in rows.items():
            physical = resolver.text(key.partition("/")[0], row[field])
            assert physical.startswith(f"{prefix}-"), f"{key}: {physical}"
            assert len(physical) <= longest, f"{kind}: {physical} has more than {longest} letters"
    kept = [key for key, row in templates.all() if "Retain" in row.get("DeletionPolicy", "")]
    # A setting of the account, not of the stage: other APIs may depend on it.
    assert len(kept) == 2, kept
    assert all("ApiGateway" in key for key in kept), kept
    assert not [row for row in templates.functions().values() if "ReservedConcurrentExecutions" in row]
