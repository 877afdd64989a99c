"""The templates have the policies of the rights table, and every role is within its boundary."""

from __future__ import annotations

import json
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

import pytest

from infra.access import page
from infra.access.model import NOBODY, Person, Scope
from infra.access.policies import boundary, deployer_boundary, policy
from infra.access.table import REFUSALS, RIGHTS
from infra.targets import AWS, target_of
from kit.deploy.synth import EXAMPLE_ACCOUNT
from kit.template_checks.policies import identity_policies
from kit.template_checks.resolve import Resolver
from tests.infra.templates import Templates, as_list

Json = dict[str, Any]
#: As ``asyncsns-access`` knows the pool: a later stack creates it.
PROD = Scope("asyncsns", EXAMPLE_ACCOUNT, "us-east-1", is_test=False)
POOL = f"arn:aws:cognito-idp:us-east-1:{EXAMPLE_ACCOUNT}:userpool/us-east-1_Example01"
#: Actions of AWS managed policies: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
MANAGED = {
    "AWSCodeDeployRoleForLambdaLimited": ["cloudwatch:DescribeAlarms", "lambda:UpdateAlias", "lambda:GetAlias"],
    "AmazonAPIGatewayPushToCloudWatchLogs": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
}


def _roles(aws: Templates) -> dict[str, Json]:
    return {row["RoleName"]: row for row in aws.resources("AWS::IAM::Role").values() if "RoleName" in row}


def _same(found: Json, expected: Json) -> bool:
    """Whether they are equal: CDK sorts lists, and writes a list of one as its element."""

    def plain(document: Json) -> list[Json]:
        rows = [
            {**row, "Action": sorted(as_list(row["Action"])), "Resource": sorted(as_list(row["Resource"]))}
            for row in as_list(document["Statement"])
        ]
        return sorted(rows, key=lambda row: str(row["Sid"]))

    return plain(found) == plain(expected)


@pytest.mark.parametrize("person", Person)
def test_a_role_has_the_policy_of_the_table(aws: Templates, person: Person) -> None:
    expected = policy(person, PROD if person is Person.DEPLOYER else replace(PROD, user_pool=POOL))
    role = _roles(aws)[f"asyncsns-{person.replace(' ', '-')}"]
    stack = "asyncsns-access" if person is Person.DEPLOYER else "asyncsns-auth"
    found = [Resolver(aws.stacks).plain(stack, row["PolicyDocument"]) for row in role.get("Policies", [])]
    assert len(found) == (1 if expected else 0)
    assert all(expected and _same(document, expected) for document in found)


def test_the_boundaries_are_those_of_the_table(aws: Templates) -> None:
    policies = {row["ManagedPolicyName"]: row for row in aws.resources("AWS::IAM::ManagedPolicy").values()}
    for name, expected in (("boundary", boundary(PROD)), ("deployer-boundary", deployer_boundary(PROD))):
        document = Resolver(aws.stacks).plain("asyncsns-access", policies[f"asyncsns-{name}"]["PolicyDocument"])
        assert _same(document, expected)
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: without white space
        assert len(json.dumps(document, separators=(",", ":"))) <= 6_144


def test_every_role_is_below_a_boundary(aws: Templates, embedded: Templates) -> None:
    rows = aws.resources("AWS::IAM::Role")
    resolver = Resolver(aws.stacks)
    for key, row in rows.items():
        stack = key.partition("/")[0]
        named = resolver.text(stack, row["PermissionsBoundary"])
        if row.get("RoleName") == "asyncsns-deployer":
            assert "DeployerBoundary" in named, key
        else:
            assert named == f"arn:aws:iam::{EXAMPLE_ACCOUNT}:policy/asyncsns-boundary", key
    assert all("PermissionsBoundary" not in row for row in embedded.resources("AWS::IAM::Role").values())


def test_a_boundary_allows_every_action_of_the_roles_below_it(aws: Templates) -> None:
    """AWS refuses at run time what a role's policy allows but its boundary does not.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    """
    limits = boundary(PROD)
    found = {place: one for place, one in identity_policies(aws.stacks) if "access/" not in place}
    assert len(found) > 30
    for place, document in found.items():
        for row in as_list(document["Statement"]):
            for action in as_list(row["Action"]):
                for resource in as_list(row["Resource"]):
                    assert _covers(limits, action, resource), f"{place}: {action} on {resource}"
    managed = [arn for row in aws.resources("AWS::IAM::Role").values() for arn in row.get("ManagedPolicyArns", [])]
    for arn in managed:
        (actions,) = [actions for name, actions in MANAGED.items() if name in json.dumps(arn)]
        function = f"arn:aws:lambda:us-east-1:{EXAMPLE_ACCOUNT}:function:asyncsns-post"
        assert all(_covers(limits, action, function if "lambda" in action else "*") for action in actions)


def _covers(document: Json, action: str, resource: str) -> bool:
    """Whether one statement allows the action on the whole resource, which may itself be a pattern."""
    return any(
        any(fnmatchcase(action, allowed) for allowed in row["Action"])
        and any(fnmatchcase(resource, pattern) for pattern in row["Resource"])
        for row in document["Statement"]
    )


def test_every_deny_statement_denies_an_otherwise_allowed_action() -> None:
    """It denies an action that the deploying role's policy allows, or that only a mistake in it would allow."""
    sids = [one.sid for one in (*RIGHTS, *REFUSALS)]
    assert len(sids) == len(set(sids))
    assert {right.sid for right in RIGHTS if right.test | right.prod == NOBODY} == {
        "NobodyMakesKeys",
        "NobodyIsUnbounded",
    }
    assert not [right for right in RIGHTS if Person.END_USER in right.test | right.prod]


def test_github_deploys_a_stage_only_from_its_environment(with_options: Templates) -> None:
    """https://docs.github.com/en/actions/reference/security/oidc: the subject names repository and environment."""
    trust = json.dumps(_roles(with_options)["asyncsns-deployer"]["AssumeRolePolicyDocument"])
    assert '"token.actions.githubusercontent.com:sub": "repo:somebody/asyncsns:environment:prod"' in trust
    with pytest.raises(ValueError, match="expected owner/name"):
        target_of(AWS, None, {"ASYNCSNS_GITHUB_REPOSITORY": "somebody"})


def test_the_page_shows_the_table() -> None:
    text = page.PAGE.read_text("utf-8")
    assert page.written_into(text) == text, "run `make access`"
