"""The secret by which the API recognises CloudFront, and its rotation."""

from __future__ import annotations

import string

import aws_cdk as cdk
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager

from infra.constants import ORIGIN_SECRET
from infra.constructs.functions import CONSUMER_TIMEOUT, python_function
from infra.constructs.stack import AppStack
from infra.constructs.uses import Use, secret_arn

_LENGTH = 48
_ROTATION_DAYS = 30


class OriginSecret:
    """https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda.html"""

    def __init__(self, stack: AppStack) -> None:
        self._stack = stack
        self._secret = secretsmanager.CfnSecret(
            stack,
            "OriginSecret",
            name=ORIGIN_SECRET,
            description="CloudFront sends it to the API, which refuses requests without it",
            generate_secret_string=secretsmanager.CfnSecret.GenerateSecretStringProperty(
                password_length=_LENGTH, exclude_characters=string.punctuation
            ),
        )

    @property
    def value(self) -> str:
        """A reference that CloudFormation resolves when it writes the header, so that the value is in no template.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
        """
        return cdk.SecretValue.secrets_manager(ORIGIN_SECRET).unsafe_unwrap()

    def sent_by(self, distribution: cloudfront.Distribution) -> None:
        """Rotate it with this distribution, where the target's Secrets Manager rotates."""
        distribution.node.add_dependency(self._secret)
        function = self._build_rotation(distribution)
        if self._stack.supports("AWS::SecretsManager::RotationSchedule"):
            self._schedule(function)

    def _build_rotation(self, distribution: cloudfront.Distribution) -> lambda_.Function:
        stack = self._stack
        arn = f"arn:{stack.partition}:cloudfront::{stack.account}:distribution/{distribution.distribution_id}"
        versions = ("DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage")
        return python_function(
            stack,
            "origin-rotation",
            "origin.handler.rotation",
            uses=[
                Use(
                    "RotateOrigin",
                    [f"secretsmanager:{one}" for one in versions],
                    [secret_arn(stack, ORIGIN_SECRET)],
                    {"DISTRIBUTION_ID": distribution.distribution_id},
                ),
                Use("SendOrigin", ("cloudfront:GetDistributionConfig", "cloudfront:UpdateDistribution"), [arn]),
            ],
            timeout=CONSUMER_TIMEOUT,
        )

    def _schedule(self, function: lambda_.Function) -> None:
        stack = self._stack
        permission = lambda_.CfnPermission(
            stack,
            "MayRotate",
            action="lambda:InvokeFunction",
            function_name=function.function_arn,
            principal="secretsmanager.amazonaws.com",
            source_account=stack.account,
            source_arn=self._secret.ref,
        )
        schedule = secretsmanager.CfnRotationSchedule(
            stack,
            "OriginRotation",
            secret_id=self._secret.ref,
            rotation_lambda_arn=function.function_arn,
            rotate_immediately_on_update=False,
            rotation_rules=secretsmanager.CfnRotationSchedule.RotationRulesProperty(
                automatically_after_days=_ROTATION_DAYS
            ),
        )
        schedule.add_resource_dependency(permission)
