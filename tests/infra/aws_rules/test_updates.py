"""Failures of later deployments: rollbacks, replacements, leftover resources, settings shared by the account."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from infra.constants import ACCOUNT_CONCURRENCY, QUEUE_CONCURRENCY
from infra.targets import AWS, target_of
from tests.infra.templates import Templates, text

Json = dict[str, Any]
#: The values that CDK writes when it could not query the account.
PLACEHOLDERS = ("dummy1a", "dummy-value", "vpc-12345", "ami-1234", "DUMMY")
#: Settings of the account and region that belong to no stage.
SHARED = {"AWS::ApiGateway::Account"}
#: Executions that AWS keeps unreserved. https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
UNRESERVED = 100


@pytest.fixture(scope="module")
def cached(with_options: Templates) -> Templates:
    return with_options


def test_functions_that_roll_back_still_have_their_layers(aws: Templates) -> None:
    """A stack deletes a replaced layer version when it succeeds, not when the stacks of the functions have succeeded.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-layerversion.html
    """
    for stack, template in aws.stacks.items():
        rows = template["Resources"]
        for key, row in rows.items():
            if row["Type"] != "AWS::Lambda::Function":
                continue
            for layer in row["Properties"]["Layers"]:
                assert rows[layer["Ref"]]["Type"] == "AWS::Lambda::LayerVersion", f"{stack}/{key}"


def test_templates_depend_on_no_context_lookup(aws: Templates, cached: Templates) -> None:
    """https://docs.aws.amazon.com/cdk/v2/guide/context.html: a lookup that did not happen leaves a placeholder."""
    for templates in (aws, cached):
        for stack, template in templates.stacks.items():
            found = [word for word in PLACEHOLDERS if word in text(template)]
            assert found == [], stack
    zones = [text(row["AvailabilityZone"]) for row in cached.resources("AWS::EC2::Subnet").values()]
    assert zones
    assert all("Fn::GetAZs" in zone for zone in zones)
    assert len(set(zones)) == 2


def test_settings_of_the_account_outlive_the_stack(aws: Templates) -> None:
    """Deleting the role would end the access logs of every API of the account.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
    """
    found = {key: row for key, row in aws.all() if row["Type"] in SHARED}
    assert found
    for key, row in found.items():
        assert row["DeletionPolicy"] == row.get("UpdateReplacePolicy", "Retain") == "Retain" or (
            row["DeletionPolicy"] == "RetainExceptOnCreate"
        ), key


def test_retained_resources_do_not_block_the_next_creation(aws: Templates) -> None:
    """With ``Retain``, a failed creation leaves a resource whose name blocks the next attempt.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
    """
    assert not [key for key, row in aws.all() if row.get("DeletionPolicy") == "Retain"]


def test_a_new_engine_upgrades_the_domain(aws: Templates) -> None:
    """Without the policy, CloudFormation replaces the domain: the new one is empty, and the fixed name is in use.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html
    """
    rows = [row for _, row in aws.all() if row["Type"] == "AWS::OpenSearchService::Domain"]
    assert [row["UpdatePolicy"]["EnableVersionUpgrade"] for row in rows] == [True]


def test_no_variable_holds_a_secret(aws: Templates, cached: Templates) -> None:
    """Variables are visible in the template, in the console and in ``GetFunctionConfiguration``.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
    """
    for templates in (aws, cached):
        for name, row in templates.functions().items():
            for key, value in row["Environment"]["Variables"].items():
                said = text(value)
                assert "PRIVATE KEY" not in said, f"{name}: {key}"
                assert not re.search(r"://[^/\"]*:[^/\"]*@", said), f"{name}: {key}"
                if re.search(r"SECRET|PASSWORD|TOKEN", key):
                    assert re.fullmatch(r"asyncsns/[a-z-]+", value), f"{name}: {key} is not a name"


@pytest.mark.parametrize("url", ["rediss://:word@cache.example:6379", "redis://user:word@cache.example:6379"])
def test_an_address_with_a_password_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="without user and password"):
        target_of(AWS, None, {"ASYNCSNS_REALTIME_REGISTRY": url})


def test_no_template_names_another_region(aws: Templates) -> None:
    """https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html"""
    for stack, template in aws.stacks.items():
        named = set(re.findall(r"\b(?:us|eu|ap|sa|ca|me|af|il|mx)-[a-z]+-\d\b", text(template)))
        assert named <= {"us-east-1"}, stack


def test_parameters_of_systems_manager_hold_no_secret(aws: Templates) -> None:
    """CloudFormation makes no SecureString: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ssm-parameter.html"""
    for key, row in aws.resources("AWS::SSM::Parameter").items():
        assert row["Type"] in ("String", "StringList"), key
        assert not re.search(r"PRIVATE KEY|password|\"secret", text(row["Value"]), re.IGNORECASE), key


def test_reservations_and_queues_leave_the_account_enough(aws: Templates) -> None:
    """https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html"""
    reserved = sum(row.get("ReservedConcurrentExecutions", 0) for row in aws.functions().values())
    mappings = aws.resources("AWS::Lambda::EventSourceMapping").values()
    queued = [row["ScalingConfig"]["MaximumConcurrency"] for row in mappings if "ScalingConfig" in row]
    assert set(queued) == {QUEUE_CONCURRENCY}
    assert reserved + sum(queued) <= ACCOUNT_CONCURRENCY - UNRESERVED


def test_policies_of_log_groups_are_few_and_small(plain: Templates) -> None:
    """Ten in a region, 5,120 characters: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html"""
    rows = plain.resources("AWS::Logs::ResourcePolicy").values()
    assert len(rows) <= 2
    assert all(len(row["PolicyDocument"]) <= 5_120 for row in rows)


def test_the_user_pool_is_in_the_plan_that_it_needs(aws: Templates) -> None:
    """A pool without a plan is created in Essentials, whose price per user includes features that are not used here.

    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-sign-in-feature-plans.html
    """
    (row,) = aws.resources("AWS::Cognito::UserPool").values()
    assert row["UserPoolTier"] == "LITE"
    assert not set(row) & {"UserPoolAddOns", "WebAuthnUserVerification"}
    assert "PasswordHistorySize" not in row["Policies"]["PasswordPolicy"]


def test_another_public_key_is_another_resource(app_for: Callable[..., cdk.App], tmp_path: Path) -> None:
    """CloudFront refuses another key under the same id, so an update would fail. Two are trusted during a rotation.

    https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_UpdatePublicKey.html
    """
    files = []
    for number, body in enumerate(("AAAA", "BBBB")):
        file = tmp_path / f"{number}.pem"
        file.write_text(f"-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n", "ascii")
        files.append(str(file))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASYNCSNS_MEDIA_PUBLIC_KEY", ",".join(files))
        both = Templates.of(app_for(AWS))
        patch.setenv("ASYNCSNS_MEDIA_PUBLIC_KEY", files[1])
        later = Templates.of(app_for(AWS))
    first, second = (templates.resources("AWS::CloudFront::PublicKey") for templates in (both, later))
    assert len(first) == 2
    assert set(second) < set(first)
    (group,) = both.resources("AWS::CloudFront::KeyGroup").values()
    assert len(group["KeyGroupConfig"]["Items"]) == 2
    access = [row["Value"] for row in both.resources("AWS::SSM::Parameter").values() if "keyPairId" in text(row)]
    assert all(key.partition("/")[2] in text(access) for key in first)
