"""Storage: the media bucket and the function that processes uploads into served files."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.constants import CHAT, MEDIA, POSTS, PROFILES, QUEUE_MEDIA, UPLOADS, physical
from infra.constructs.functions import CONSUMER_TIMEOUT, python_function
from infra.constructs.stack import AppStack
from infra.constructs.triggers import QueueTrigger, changes_of
from infra.constructs.uses import (
    Use,
    processes_uploads,
    pushes_frames,
    reads,
    removes_media,
    sends,
    signs_media,
    writes,
)
from infra.stacks.data import DataStack
from infra.stacks.messaging import MessagingStack
from infra.targets import Target

_ORPHAN_DAYS = 1
#: Media that go within this time are one invalidation.
_GATHERED_SECONDS = 20


class MediaStack(AppStack):
    """Private. Browsers upload by presigned forms and read by CloudFront; unprocessed uploads expire after a day.

    The name is given, not generated, so that the function's rights do not wait for the bucket, whose notification
    waits for the function.
    """

    def __init__(self, scope: Construct, target: Target, data: DataStack, messaging: MessagingStack) -> None:
        super().__init__(scope, "media", target)
        self.bucket_name = f"{physical('media')}-{self.account}-{self.region}"
        self.bucket_arn = f"arn:{self.partition}:s3:::{self.bucket_name}"
        self.processor = self._build_processor(data, messaging)
        self._build_keeper(data, messaging)
        self._build_collector(data)
        self.bucket = self._build_bucket()
        self._notify()
        self.output("MediaBucket", self.bucket.bucket_name)

    def _build_processor(self, data: DataStack, messaging: MessagingStack) -> lambda_.Function:
        return python_function(
            self,
            "media-processor",
            "media.handler.processor",
            uses=[
                *writes(data.tables[MEDIA]),
                *processes_uploads(self.bucket_name, self.bucket_arn),
                *pushes_frames(messaging.stream),
                *signs_media(self),
            ],
            layers=["media", "signing", "video"],
            timeout=CONSUMER_TIMEOUT,
            memory=1024,
            asynchronous=True,
        )

    def _build_keeper(self, data: DataStack, messaging: MessagingStack) -> None:
        """Consumes events of posts, profiles and chat: media that they show stay, the others are discarded."""
        python_function(
            self,
            "media-keeper",
            "media.handler.keeper",
            uses=[
                *writes(data.tables[MEDIA]),
                *reads(data.tables[POSTS], data.tables[PROFILES], data.tables[CHAT]),
                *sends(messaging.queues[QUEUE_MEDIA]),
                *removes_media(self, self.bucket_name, self.bucket_arn),
            ],
            triggers=[QueueTrigger(messaging.queues[QUEUE_MEDIA])],
            timeout=CONSUMER_TIMEOUT,
        )

    def _build_collector(self, data: DataStack) -> None:
        """Removes the objects of media whose item is gone."""
        python_function(
            self,
            "media-collector",
            "media.handler.collector",
            uses=[
                *removes_media(self, self.bucket_name, self.bucket_arn),
                Use("RemoveUploads", ("s3:DeleteObject",), [f"{self.bucket_arn}/{UPLOADS}*"]),
            ],
            triggers=[changes_of(data.tables[MEDIA], window=0 if self.target.emulated else _GATHERED_SECONDS)],
            timeout=CONSUMER_TIMEOUT,
        )

    def _build_bucket(self) -> s3.Bucket:
        return s3.Bucket(
            self,
            "MediaBucketResource",
            bucket_name=self.bucket_name,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="orphaned-uploads",
                    prefix=UPLOADS,
                    expiration=cdk.Duration.days(_ORPHAN_DAYS),
                    abort_incomplete_multipart_upload_after=cdk.Duration.days(_ORPHAN_DAYS),
                )
            ],
            cors=[self._upload_cors()],
            removal_policy=self.removal_policy,
        )

    def _upload_cors(self) -> s3.CorsRule:
        """The form's POST and the PUT of parts. Any origin where the UI's is not known yet: the signature decides."""
        return s3.CorsRule(
            allowed_methods=[s3.HttpMethods.POST, s3.HttpMethods.PUT],
            allowed_origins=list(self.target.browser_origins) or ["*"],
            allowed_headers=["*"],
            exposed_headers=["ETag"],
            max_age=3600,
        )

    def _notify(self) -> None:
        """https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html"""
        permission = lambda_.CfnPermission(
            self,
            "MayNotify",
            action="lambda:InvokeFunction",
            function_name=self.processor.function_arn,
            principal="s3.amazonaws.com",
            source_account=self.account,
            source_arn=self.bucket_arn,
        )
        resource = self.bucket.node.default_child
        assert isinstance(resource, s3.CfnBucket)
        resource.add_resource_dependency(permission)
        prefix = s3.CfnBucket.FilterRuleProperty(name="prefix", value=UPLOADS)
        uploads = s3.CfnBucket.NotificationFilterProperty(s3_key=s3.CfnBucket.S3KeyFilterProperty(rules=[prefix]))
        told = s3.CfnBucket.LambdaConfigurationProperty(
            event="s3:ObjectCreated:*", function=self.processor.function_arn, filter=uploads
        )
        resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            lambda_configurations=[told]
        )
