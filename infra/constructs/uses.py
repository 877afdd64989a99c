"""Resources of a function: each entry gives both the environment variables and the rights, so that they always match.

Actions per service: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_sns as sns

from infra.constants import (
    MEDIA_ACCESS_PARAMETER,
    MEDIA_SIGNING_SECRET,
    ORIGIN_SECRET,
    PUSH_SECRET,
    SERVED,
    SERVED_PRIVATE,
    SERVED_PUBLIC,
    SFU_SECRET,
    TURN_SECRET,
    UPLOADS,
    camel,
)
from infra.constructs.queues import QueueWithDlq
from infra.constructs.tables import ContextTable
from infra.targets import Target


@dataclass(frozen=True)
class Use:
    """Rights (``actions`` on ``resources``) and the environment that names the resource."""

    sid: str
    actions: Sequence[str]
    resources: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)

    def statement(self) -> iam.PolicyStatement:
        return iam.PolicyStatement(sid=self.sid, actions=list(self.actions), resources=list(self.resources))


def reads(*tables: ContextTable) -> list[Use]:
    """Items and queries of tables and their indexes; never a scan."""
    actions = ("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query")
    return [Use(f"Read{camel(t.name)}", actions, [t.arn, *t.index_arns], t.environment) for t in tables]


def writes(*tables: ContextTable) -> list[Use]:
    """Everything a repository does to its own table: reads, conditional writes, transactions."""
    actions = ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem")
    batch = ("dynamodb:BatchWriteItem",)
    return [*reads(*tables), *(Use(f"Write{camel(t.name)}", (*actions, *batch), [t.arn]) for t in tables)]


def appends(*tables: ContextTable) -> list[Use]:
    """New items by single puts or in transactions; nothing is read, changed or deleted."""
    return [Use(f"Append{camel(t.name)}", ("dynamodb:PutItem",), [t.arn], t.environment) for t in tables]


def puts(*tables: ContextTable) -> list[Use]:
    """Items put into a neighbour's table, nothing read."""
    return [Use(f"Put{camel(t.name)}", ("dynamodb:BatchWriteItem",), [t.arn], t.environment) for t in tables]


def idempotent(table: ContextTable, target: Target) -> list[Use]:
    """Idempotency records, which make a retried command answer as the first did, and the limiter's items beside
    them."""
    actions = ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem")
    return [Use("Idempotency", actions, [table.arn], table.environment | {"RATE_LIMITS": target.rate_limits})]


def counts_commands(table: ContextTable, target: Target) -> list[Use]:
    """The limiter's items, for a function that counts but keeps no answers."""
    environment = table.environment | {"RATE_LIMITS": target.rate_limits}
    return [Use("Idempotency", ("dynamodb:GetItem", "dynamodb:UpdateItem"), [table.arn], environment)]


def closes_accounts(table: ContextTable) -> list[Use]:
    """The limiter's items, for a function that suspends people or lets them in again."""
    return [Use("Idempotency", ("dynamodb:UpdateItem",), [table.arn], table.environment)]


def publishes(topic: sns.Topic) -> list[Use]:
    """Domain events (``PublishBatch`` needs ``sns:Publish``)."""
    return [Use("PublishEvents", ("sns:Publish",), [topic.topic_arn], {"TOPIC_EVENTS": topic.topic_arn})]


def sends(queue: QueueWithDlq) -> list[Use]:
    return [
        Use(
            f"Send{camel(queue.name)}",
            ("sqs:SendMessage",),
            [queue.queue.queue_arn],
            {queue.environment_name: queue.queue.queue_url},
        )
    ]


def pushes_frames(stream: kinesis.Stream) -> list[Use]:
    """Frames for people's devices, by way of the real-time stream."""
    environment = {"STREAM_REALTIME": stream.stream_name}
    return [Use("PutFrames", ("kinesis:PutRecord", "kinesis:PutRecords"), [stream.stream_arn], environment)]


def pushes_to_phones(target: Target) -> list[Use]:
    """Platform endpoints of SNS, of this project's applications only; no rights where the deployment has none."""
    environment = {"PLATFORM_APPLICATIONS": target.platform_applications}
    arns = [entry.partition("=")[2] for entry in target.platform_applications.split(",") if entry]
    if not arns:
        return []
    made = ("sns:CreatePlatformEndpoint",)
    kept = ("sns:GetEndpointAttributes", "sns:SetEndpointAttributes", "sns:DeleteEndpoint", "sns:Publish")
    # On AWS an endpoint's ARN says ``endpoint/`` where its application's says ``app/``; emulators keep ``app/``.
    endpoints = [f"{arn.replace(':app/', ':endpoint/')}/*" for arn in arns]
    local = [f"{arn}/*" for arn in arns] if target.emulated else []
    return [
        Use("MakePhoneEndpoints", made, arns, environment),
        Use("PushToPhones", kept, [*endpoints, *local]),
    ]


def talks(target: Target, api_id: str, api_arn: str, stage: str) -> list[Use]:
    """Sends to sockets and removes those that are gone (``@connections`` answers 410)."""
    environment = {
        "WEBSOCKET_CALLBACK_URL": target.websocket_callback_url(api_id, stage),
        "WEBTRANSPORT_CALLBACK_URL": target.webtransport_callback_url,
    }
    connection = f"{api_arn}/{stage}/*/@connections/*"
    return [Use("Talk", ("execute-api:ManageConnections",), [connection], environment)]


def accepts_uploads(target: Target, bucket_name: str, bucket_arn: str) -> list[Use]:
    """Signs upload forms and parts, which carry the rights of their signer; completes and aborts multipart uploads."""
    environment = _media_environment(bucket_name) | {"S3_PUBLIC_ENDPOINT": target.s3_public_endpoint}
    actions = ("s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts")
    return [Use("SignUploads", actions, [f"{bucket_arn}/{UPLOADS}*"], environment)]


def processes_uploads(bucket_name: str, bucket_arn: str) -> list[Use]:
    """Reads uploads, writes the files that are served."""
    uploaded, served = f"{bucket_arn}/{UPLOADS}*", f"{bucket_arn}/{SERVED}*"
    return [
        Use("TakeUploads", ("s3:GetObject", "s3:DeleteObject"), [uploaded], _media_environment(bucket_name)),
        Use("StoreMedia", ("s3:PutObject", "s3:GetObject", "s3:DeleteObject"), [served]),
        # Without it S3 says 403 for an object that is gone, as if it were forbidden.
        Use("KnowWhatIsGone", ("s3:ListBucket",), [bucket_arn]),
    ]


def publishes_pictures(bucket_name: str, bucket_arn: str) -> list[Use]:
    """Copies a thumbnail from the signed path to the public path."""
    return [
        Use("TakePictures", ("s3:GetObject",), [f"{bucket_arn}/{SERVED_PRIVATE}*"], _media_environment(bucket_name)),
        Use("PublishPictures", ("s3:PutObject",), [f"{bucket_arn}/{SERVED_PUBLIC}*"]),
    ]


def removes_media(stack: cdk.Stack, bucket_name: str, bucket_arn: str) -> list[Use]:
    """Deletes served files and invalidates them in CloudFront. The distribution is made later than this function."""
    distributions = f"arn:{stack.partition}:cloudfront::{stack.account}:distribution/*"
    return [
        Use("RemoveMedia", ("s3:DeleteObject",), [f"{bucket_arn}/{SERVED}*"], _media_environment(bucket_name)),
        Use("FindMedia", ("s3:ListBucket",), [bucket_arn]),
        Use("ForgetMedia", ("cloudfront:CreateInvalidation",), [distributions]),
        _media_access(stack),
    ]


def signs_media(stack: cdk.Stack) -> list[Use]:
    """Signs links to media: one secret and one parameter, nothing else."""
    environment = {"MEDIA_SIGNING_SECRET": MEDIA_SIGNING_SECRET}
    return [_media_access(stack), _reads_secret(stack, "SignMediaLinks", MEDIA_SIGNING_SECRET, environment)]


def signs_pushes(stack: cdk.Stack) -> list[Use]:
    """Signs Web Push messages (RFC 8292)."""
    return [_reads_secret(stack, "SignPushes", PUSH_SECRET, {"VAPID_SECRET": PUSH_SECRET})]


def makes_turn_credentials(stack: cdk.Stack, ice: Mapping[str, str]) -> list[Use]:
    """The secret is read when it is needed; there is nothing to read where there is no TURN server."""
    if "TURN_URLS" not in ice:
        return []
    return [_reads_secret(stack, "MakeTurnCredentials", TURN_SECRET, {"TURN_SECRET_NAME": TURN_SECRET})]


def makes_media_tokens(stack: cdk.Stack, sfu_url: str) -> list[Use]:
    """Lets people into the media server of group calls, where there is one."""
    if not sfu_url:
        return []
    environment = {"SFU_SECRET_NAME": SFU_SECRET, "SFU_URL": sfu_url}
    return [_reads_secret(stack, "MakeMediaTokens", SFU_SECRET, environment)]


def asks_media_server(stack: cdk.Stack, target: Target) -> list[Use]:
    """Lets people into the media server, and asks it for the state of rooms."""
    asked = {"SFU_CALLBACK_URL": target.sfu_callback_url}
    return [replace(one, environment={**one.environment, **asked}) for one in makes_media_tokens(stack, target.sfu_url)]


def behind_cloudfront(stack: cdk.Stack) -> list[Use]:
    """Reads the secret that CloudFront sends, to refuse requests without it."""
    return [_reads_secret(stack, "KnowOrigin", ORIGIN_SECRET, {"ORIGIN_SECRET": ORIGIN_SECRET})]


def secret_arn(stack: cdk.Stack, name: str) -> str:
    """Secrets Manager appends six characters to the name.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_iam-permissions.html
    """
    return f"arn:{stack.partition}:secretsmanager:{stack.region}:{stack.account}:secret:{name}-??????"


def _reads_secret(stack: cdk.Stack, sid: str, name: str, environment: Mapping[str, str]) -> Use:
    return Use(sid, ("secretsmanager:GetSecretValue",), [secret_arn(stack, name)], environment)


def _media_access(stack: cdk.Stack) -> Use:
    parameter = f"arn:{stack.partition}:ssm:{stack.region}:{stack.account}:parameter{MEDIA_ACCESS_PARAMETER}"
    environment = {"MEDIA_ACCESS_PARAMETER": MEDIA_ACCESS_PARAMETER}
    return Use("KnowMediaAccess", ("ssm:GetParameter",), [parameter], environment)


def searches(endpoint: str, domain_arn: str, *, index: bool = False) -> list[Use]:
    """OpenSearch; with ``index`` also writes documents and mappings."""
    verbs = ("es:ESHttpGet", "es:ESHttpPost", "es:ESHttpHead")
    written = ("es:ESHttpPut", "es:ESHttpDelete") if index else ()
    return [Use("Search", (*verbs, *written), [f"{domain_arn}/*"], {"OPENSEARCH_ENDPOINT": endpoint})]


def _media_environment(bucket_name: str) -> dict[str, str]:
    return {"BUCKET_MEDIA": bucket_name}
