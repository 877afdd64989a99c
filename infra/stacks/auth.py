"""Identities: the user pool, its groups, and the identity pool that turns groups into IAM roles."""

from __future__ import annotations

from dataclasses import replace

import aws_cdk as cdk
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_iam as iam
from aws_cdk import aws_ses as ses
from constructs import Construct

from infra.access.model import Person
from infra.access.policies import policy
from infra.constants import ADMINISTRATORS, DEVELOPER, DEVELOPERS, MODERATORS, PREFIX, physical
from infra.constructs.domain import Domain
from infra.constructs.functions import python_function
from infra.constructs.stack import AppStack
from infra.constructs.uses import Use
from infra.targets import Target

#: Cognito waits five seconds for a trigger, and tries three times.
#: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html
_TRIGGER_TIMEOUT = 5


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
        self.mails = python_function(self, "mails", "mails.handler.handler", timeout=_TRIGGER_TIMEOUT)
        self._mail_identity: ses.EmailIdentity | None = None
        self.user_pool = self._build_user_pool()
        if self._mail_identity is not None:
            # Cognito refuses a sender that SES does not know yet.
            self.user_pool.node.add_dependency(self._mail_identity)
        self.client = self._build_client()
        self.identity_pool = self._build_identity_pool()
        roles = {
            None: self._build_role("end-user", "A signed-in person: no AWS API by itself", Person.END_USER),
            MODERATORS: self._build_role("moderator", "A moderator: acts by the API alone", Person.END_USER),
            DEVELOPERS: self._build_role(DEVELOPER, "Observes; owns test stages", Person.DEVELOPER),
            ADMINISTRATORS: self._build_role("administrator", "Manages people and security", Person.ADMINISTRATOR),
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

    def knows_staff(self) -> list[Use]:
        """The right to list an account's groups."""
        pool = self.user_pool
        actions = ("cognito-idp:AdminListGroupsForUser",)
        return [Use("KnowStaff", actions, [pool.user_pool_arn], {"USER_POOL_ID": pool.user_pool_id})]

    def _build_user_pool(self) -> cognito.UserPool:
        """A changed e-mail address takes effect when its code is entered; until then people sign in with the old
        one."""
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
            # New pools are in a dearer plan; nothing of it is used here. MiniStack has no plans.
            # https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-sign-in-feature-plans.html
            feature_plan=None if self.target.emulated else cognito.FeaturePlan.LITE,
            keep_original=cognito.KeepOriginalAttrs(email=True),
            email=self._sender(),
            lambda_triggers=cognito.UserPoolTriggers(custom_message=self.mails),
            account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
            deletion_protection=self.keeps_data,
            removal_policy=self.removal_policy,
        )

    def _sender(self) -> cognito.UserPoolEmail | None:
        """Amazon SES where an address is given: Cognito's own sender has a quota of 50 mails a day.

        https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-email.html
        """
        sender = self.target.mail_from
        if sender is None:
            return None
        domain, own = sender.rpartition("@")[2], Domain.of(self)
        if own is not None and own.name == domain:
            self._mail_identity = own.sends_mail()
        return cognito.UserPoolEmail.with_ses(
            from_email=sender, from_name=PREFIX, ses_region=self.region, ses_verified_domain=domain
        )

    def _build_client(self) -> cognito.UserPoolClient:
        """A public client (browsers keep no secret). Unknown e-mail addresses look like wrong passwords.

        People write their address and the language of their mails, nothing else.
        """
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
            write_attributes=cognito.ClientAttributes().with_standard_attributes(email=True, locale=True),
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
        """The principal of signed-in people: authenticated identities of the identity pool."""
        conditions = {
            "StringEquals": {"cognito-identity.amazonaws.com:aud": self.identity_pool.ref},
            "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"},
        }
        return iam.FederatedPrincipal("cognito-identity.amazonaws.com", conditions, "sts:AssumeRoleWithWebIdentity")

    def _build_role(self, name: str, description: str, person: Person) -> iam.Role:
        allowed = self._may(person)
        role = iam.Role(
            self,
            f"Role-{name}",
            role_name=physical(name),
            assumed_by=self._signed_in(),
            description=description,
            inline_policies={"may": allowed} if allowed else None,
        )
        self.output(f"Role{name.title().replace('-', '')}", role.role_arn)
        return role

    def _may(self, person: Person) -> iam.PolicyDocument | None:
        """Policies from the table of rights, which refers to the pool by its ARN only."""
        document = policy(person, replace(self.scope, user_pool=self.user_pool.user_pool_arn))
        return iam.PolicyDocument.from_json(document) if document else None

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
        """Attach the roles, chosen by the token: ``cognito:preferred_role`` is the role of the group with the lowest
        precedence.

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
