"""The deploying role and the boundaries of all roles. An administrator of the account deploys this stack."""

from __future__ import annotations

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.access import policies
from infra.access.model import Person
from infra.constants import BOUNDARY, DEPLOYER, DEPLOYER_BOUNDARY, DEVELOPER, camel, physical
from infra.constructs.stack import AppStack
from infra.targets import Target

#: A deployment takes up to an hour; a session that a role begins in another role's place ends after one.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining
_SESSION_HOURS: Final = 4
_GITHUB: Final = "token.actions.githubusercontent.com"


class AccessStack(AppStack):
    """On AWS alone: an emulator is deployed to by its root user."""

    def __init__(self, scope: Construct, target: Target) -> None:
        super().__init__(scope, "access", target)
        self._build_policy(BOUNDARY, policies.boundary(self.scope), "What any role of this system may do at most")
        limits = self._build_policy(
            DEPLOYER_BOUNDARY, policies.deployer_boundary(self.scope), "What a deployment may never do"
        )
        self._build_deployer(limits)

    def _build_policy(self, name: str, document: policies.Json, text: str) -> iam.ManagedPolicy:
        made = iam.PolicyDocument.from_json(document)
        return iam.ManagedPolicy(self, camel(name), managed_policy_name=physical(name), description=text, document=made)

    def _build_deployer(self, limits: iam.ManagedPolicy) -> None:
        allowed = iam.PolicyDocument.from_json(policies.policy(Person.DEPLOYER, self.scope))
        role = iam.Role(
            self,
            "Deployer",
            role_name=physical(DEPLOYER),
            description="Deploys this system by CDK",
            assumed_by=self._trusted(),
            permissions_boundary=limits,
            inline_policies={"may": allowed},
            max_session_duration=cdk.Duration.hours(_SESSION_HOURS),
        )
        self.output("RoleDeployer", role.role_arn)

    def _trusted(self) -> iam.IPrincipal:
        """Developers, by a condition: as a principal the role would have to exist; GitHub's runs of this stage."""
        developers = f"arn:{self.partition}:iam::{self.account}:role/{physical(DEVELOPER)}"
        people = iam.PrincipalWithConditions(
            iam.AccountRootPrincipal(), {"ArnEquals": {"aws:PrincipalArn": developers}}
        )
        repository = self.target.github_repository
        if repository is None:
            return people
        return iam.CompositePrincipal(people, self._runs_of(repository))

    def _runs_of(self, repository: str) -> iam.FederatedPrincipal:
        """https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws"""
        provider = f"arn:{self.partition}:iam::{self.account}:oidc-provider/{_GITHUB}"
        subject = f"repo:{repository}:environment:{self.target.stage.name}"
        conditions = {"StringEquals": {f"{_GITHUB}:aud": "sts.amazonaws.com", f"{_GITHUB}:sub": subject}}
        return iam.FederatedPrincipal(provider, conditions, "sts:AssumeRoleWithWebIdentity")
