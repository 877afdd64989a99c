"""A person's account as a whole: the exports, and the function that makes them and that deletes accounts."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.constants import (
    ACCOUNTS,
    CALLS,
    CHAT,
    IDEMPOTENCY,
    LIVE,
    MEDIA,
    MODERATION,
    NOTIFICATIONS,
    POSTS,
    PROFILES,
    QUEUE_ACCOUNTS,
    REALTIME,
    SERVED,
    TIMELINES,
    physical,
)
from infra.constructs.functions import python_function
from infra.constructs.queues import QueueWithDlq
from infra.constructs.stack import AppStack
from infra.constructs.triggers import QueueTrigger
from infra.constructs.uses import (
    Use,
    behind_cloudfront,
    closes_accounts,
    idempotent,
    publishes,
    pushes_frames,
    reads,
    sends,
    writes,
)
from infra.stacks.auth import AuthStack
from infra.stacks.data import DataStack
from infra.stacks.media import MediaStack
from infra.stacks.messaging import MessagingStack
from infra.targets import Target

#: Long: an export reads all media of a person. A deletion stops in time and goes on with the next message.
_WORKER_TIMEOUT = 300
_EXPORT_DAYS = 7


class AccountsStack(AppStack):
    """``account`` takes commands, ``account-worker`` carries them out; exports go by themselves after a week."""

    def __init__(
        self,
        scope: Construct,
        target: Target,
        auth: AuthStack,
        data: DataStack,
        messaging: MessagingStack,
        media: MediaStack,
    ) -> None:
        super().__init__(scope, "accounts", target)
        self._tables = data.tables
        self.bucket_name = f"{physical('exports')}-{self.account}-{self.region}"
        self.bucket_arn = f"arn:{self.partition}:s3:::{self.bucket_name}"
        self.bucket = self._build_bucket()
        self.queue = QueueWithDlq(self, QUEUE_ACCOUNTS, consumer_timeout=_WORKER_TIMEOUT)
        self.account_function = self._build_commands(self.queue)
        heard = [*publishes(messaging.topic), *pushes_frames(messaging.stream)]
        self.worker = self._build_worker(self.queue, [*heard, *self._reads_media(media), _manages_people(auth)])
        self.output("ExportsBucket", self.bucket.bucket_name)

    def _build_commands(self, queue: QueueWithDlq) -> lambda_.Function:
        tables = self._tables
        return python_function(
            self,
            "account",
            "accounts.handler.handler",
            uses=[
                *writes(tables[ACCOUNTS]),
                *reads(tables[PROFILES]),
                *idempotent(tables[IDEMPOTENCY], self.target),
                *behind_cloudfront(self),
                *sends(queue),
            ],
        )

    def _build_worker(self, queue: QueueWithDlq, others: list[Use]) -> lambda_.Function:
        """``others``: what it may do with what other stacks made."""
        everything = (
            PROFILES,
            POSTS,
            TIMELINES,
            MEDIA,
            CHAT,
            CALLS,
            LIVE,
            NOTIFICATIONS,
            REALTIME,
            MODERATION,
            ACCOUNTS,
        )
        return python_function(
            self,
            "account-worker",
            "accounts.handler.worker",
            uses=[
                *writes(*(self._tables[name] for name in everything)),
                *closes_accounts(self._tables[IDEMPOTENCY]),
                *sends(queue),
                *self._stores_exports(),
                *others,
            ],
            triggers=[QueueTrigger(queue, batch_size=1)],
            timeout=_WORKER_TIMEOUT,
            memory=1024,
        )

    def links_exports(self) -> list[Use]:
        """The right to sign links to exports: a presigned URL has the rights of its signer."""
        environment = {"BUCKET_EXPORTS": self.bucket_name, "S3_PUBLIC_ENDPOINT": self.target.s3_public_endpoint}
        return [Use("LinkExports", ("s3:GetObject",), [f"{self.bucket_arn}/*"], environment)]

    def _stores_exports(self) -> list[Use]:
        verbs = ("s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload")
        return [
            Use("StoreExports", verbs, [f"{self.bucket_arn}/*"], {"BUCKET_EXPORTS": self.bucket_name}),
            Use("ListExports", ("s3:ListBucket",), [self.bucket_arn]),
        ]

    def _reads_media(self, media: MediaStack) -> list[Use]:
        below = [f"{media.bucket_arn}/{SERVED}*"]
        return [
            Use("TakeMedia", ("s3:GetObject",), below, {"BUCKET_MEDIA": media.bucket_name}),
            Use("ListMedia", ("s3:ListBucket",), [media.bucket_arn]),
        ]

    def _build_bucket(self) -> s3.Bucket:
        """Private; nobody but the owner is ever given a link, and the links are short-lived."""
        return s3.Bucket(
            self,
            "ExportsBucketResource",
            bucket_name=self.bucket_name,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="exports-expire",
                    expiration=cdk.Duration.days(_EXPORT_DAYS),
                    abort_incomplete_multipart_upload_after=cdk.Duration.days(1),
                )
            ],
            cors=[self._download_cors()],
            enforce_ssl=not self.target.emulated,
            removal_policy=self.removal_policy,
        )

    def _download_cors(self) -> s3.CorsRule:
        """For the UI, which sends a signed header. Any origin where its own is not known yet: the signature decides."""
        return s3.CorsRule(
            allowed_methods=[s3.HttpMethods.GET],
            allowed_origins=list(self.target.browser_origins) or ["*"],
            allowed_headers=["*"],
            max_age=3600,
        )


def _manages_people(auth: AuthStack) -> Use:
    """Removes accounts, and signs people out."""
    pool = auth.user_pool
    environment = {"USER_POOL_ID": pool.user_pool_id}
    actions = ("cognito-idp:AdminDeleteUser", "cognito-idp:AdminUserGlobalSignOut")
    return Use("ManagePeople", actions, [pool.user_pool_arn], environment)
