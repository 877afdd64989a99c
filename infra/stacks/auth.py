"""Who people are: the user pool, its groups, and the identity pool that turns groups into IAM roles."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.constants import ADMINISTRATORS, DEVELOPERS, MODERATORS, PREFIX, physical
from infra.constructs.stack import AppStack
from infra.targets import Target

#: Cognito has one template for both mails with a code, sign-up and forgotten password; so the words fit both.
#: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-settings-message-customizations.html
CODE_MAIL_SUBJECT = "Your asyncsns code (確認コード)"
CODE_MAIL = (
    "Your asyncsns code is {####}. It confirms a new account (valid for 24 hours) or sets a new password (valid for "
    "1 hour). If you did not ask for a code, ignore this mail. "
    "新規登録の確認(24時間有効)またはパスワードの再設定(1時間有効)にお使いください。"
    "お心当たりのない場合は、このメールを破棄してください。"
)

#: What a developer may read everywhere.
_OBSERVES = [
    "cloudwatch:DescribeAlarms",
    "cloudwatch:GetDashboard",
    "cloudwatch:GetMetricData",
    "cloudwatch:GetMetricStatistics",
    "cloudwatch:ListDashboards",
    "cloudwatch:ListMetrics",
    "logs:DescribeLogGroups",
    "logs:GetQueryResults",
    "xray:BatchGetTraces",
    "xray:GetServiceGraph",
    "xray:GetTraceSummaries",
]
#: What an administrator may do in the user pool.
_MANAGES = [
    "AdminAddUserToGroup",
    "AdminDisableUser",
    "AdminEnableUser",
    "AdminGetUser",
    "AdminListGroupsForUser",
    "AdminRemoveUserFromGroup",
    "AdminResetUserPassword",
    "AdminUserGlobalSignOut",
    "ListGroups",
    "ListUsers",
    "ListUsersInGroup",
]


def _password_policy() -> cognito.PasswordPolicy:
    return cognito.PasswordPolicy(
        min_length=10,
        require_lowercase=True,
        require_uppercase=True,
        require_digits=True,
        require_symbols=False,
        temp_password_validity=cdk.Duration.days(3),
    )


class AuthStack(AppStack):
    """Cognito. Sign-up and sign-in are the UI's own pages: no hosted UI, no client secret, passwords only by SRP."""

    def __init__(self, scope: Construct, target: Target) -> None:
        super().__init__(scope, "auth", target)
        self.user_pool = self._build_user_pool()
        self.client = self._build_client()
        self.identity_pool = self._build_identity_pool()
        roles = {
            None: self._build_role("end-user", "A signed-in person: no AWS API by itself", []),
            MODERATORS: self._build_role("moderator", "A moderator: acts by the API, no AWS API by itself", []),
            DEVELOPERS: self._build_role("developer", "Reads metrics, alarms, traces and logs", self._observation()),
            ADMINISTRATORS: self._build_role("administrator", "Manages people", self._people()),
        }
        self._build_groups(roles)
        self._attach(roles)
        self.output("UserPoolId", self.user_pool.user_pool_id)
        self.output("UserPoolClientId", self.client.user_pool_client_id)
        self.output("IdentityPoolId", self.identity_pool.ref)

    @property
    def issuer(self) -> str:
        """``iss`` of the tokens: where API Gateway finds the keys (``<issuer>/.well-known/jwks.json``)."""
        return f"https://cognito-idp.{self.region}.amazonaws.com/{self.user_pool.user_pool_id}"

    def _build_user_pool(self) -> cognito.UserPool:
        return cognito.UserPool(
            self,
            "UserPool",
            user_pool_name=physical("people"),
            self_sign_up_enabled=True,
            sign_in_aliases=cognito.SignInAliases(email=True),
            sign_in_case_sensitive=False,
            auto_verify=cognito.AutoVerifiedAttrs(email=True),
            standard_attributes=cognito.StandardAttributes(
                email=cognito.StandardAttribute(required=True, mutable=True)
            ),
            password_policy=_password_policy(),
            user_verification=cognito.UserVerificationConfig(email_subject=CODE_MAIL_SUBJECT, email_body=CODE_MAIL),
            account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
            deletion_protection=not self.target.emulated,
            removal_policy=self.removal_policy,
        )

    def _build_client(self) -> cognito.UserPoolClient:
        """A public client (browsers keep no secret). Unknown e-mail addresses look like wrong passwords."""
        return self.user_pool.add_client(
            "Web",
            user_pool_client_name=physical("web"),
            generate_secret=False,
            disable_o_auth=True,
            auth_flows=cognito.AuthFlow(user_srp=True),
            prevent_user_existence_errors=True,
            enable_token_revocation=True,
            access_token_validity=cdk.Duration.hours(1),
            id_token_validity=cdk.Duration.hours(1),
            refresh_token_validity=cdk.Duration.days(30),
        )

    def _build_identity_pool(self) -> cognito.CfnIdentityPool:
        return cognito.CfnIdentityPool(
            self,
            "IdentityPool",
            identity_pool_name=physical("people"),
            allow_unauthenticated_identities=False,
            cognito_identity_providers=[
                cognito.CfnIdentityPool.CognitoIdentityProviderProperty(
                    client_id=self.client.user_pool_client_id,
                    provider_name=self.user_pool.user_pool_provider_name,
                    server_side_token_check=True,
                )
            ],
        )

    def _signed_in(self) -> iam.FederatedPrincipal:
        """Who the identity pool vouches for."""
        conditions = {
            "StringEquals": {"cognito-identity.amazonaws.com:aud": self.identity_pool.ref},
            "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"},
        }
        return iam.FederatedPrincipal("cognito-identity.amazonaws.com", conditions, "sts:AssumeRoleWithWebIdentity")

    def _build_role(self, name: str, description: str, statements: list[iam.PolicyStatement]) -> iam.Role:
        policies = {"may": iam.PolicyDocument(statements=statements)} if statements else None
        role = iam.Role(
            self,
            f"Role-{name}",
            role_name=physical(name),
            assumed_by=self._signed_in(),
            description=description,
            inline_policies=policies,
        )
        self.output(f"Role{name.title().replace('-', '')}", role.role_arn)
        return role

    def _observation(self) -> list[iam.PolicyStatement]:
        """Read-only. CloudWatch metrics and X-Ray have no resources to name in these actions."""
        ours = ["logs:FilterLogEvents", "logs:GetLogEvents", "logs:DescribeLogStreams", "logs:StartQuery"]
        groups = [self._log_group_arn(f"/aws/lambda/{PREFIX}-*"), self._log_group_arn(f"/aws/apigateway/{PREFIX}-*")]
        return [
            iam.PolicyStatement(sid="Observe", actions=_OBSERVES, resources=["*"]),
            iam.PolicyStatement(sid="ReadLogs", actions=ours, resources=groups),
        ]

    def _log_group_arn(self, name: str) -> str:
        return f"arn:{self.partition}:logs:{self.region}:{self.account}:log-group:{name}:*"

    def _people(self) -> list[iam.PolicyStatement]:
        actions = [f"cognito-idp:{verb}" for verb in _MANAGES]
        return [iam.PolicyStatement(sid="ManagePeople", actions=actions, resources=[self.user_pool.user_pool_arn])]

    def _build_groups(self, roles: dict[str | None, iam.Role]) -> None:
        for precedence, group in enumerate((ADMINISTRATORS, DEVELOPERS, MODERATORS), start=1):
            cognito.CfnUserPoolGroup(
                self,
                f"Group-{group}",
                user_pool_id=self.user_pool.user_pool_id,
                group_name=group,
                precedence=precedence,
                role_arn=roles[group].role_arn,
            )

    def _attach(self, roles: dict[str | None, iam.Role]) -> None:
        """By the token: ``cognito:preferred_role`` is the role of the group with the lowest precedence.

        https://docs.aws.amazon.com/cognito/latest/developerguide/role-based-access-control.html
        """
        provider = f"{self.user_pool.user_pool_provider_name}:{self.client.user_pool_client_id}"
        cognito.CfnIdentityPoolRoleAttachment(
            self,
            "Roles",
            identity_pool_id=self.identity_pool.ref,
            roles={"authenticated": roles[None].role_arn},
            role_mappings={
                "userPool": cognito.CfnIdentityPoolRoleAttachment.RoleMappingProperty(
                    type="Token", ambiguous_role_resolution="AuthenticatedRole", identity_provider=provider
                )
            },
        )
