"""CDN: one distribution in front of UI, media and API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.constants import ACCESS_LOGS, ORIGIN_HEADER, PREFIX, SERVED, SERVED_PUBLIC, physical
from infra.constructs.domain import Domain
from infra.constructs.edge_security import (
    media_access,
    media_key,
    media_policy,
    refuse_unsigned,
    response_headers,
)
from infra.constructs.origin_secret import OriginSecret
from infra.constructs.stack import AppStack
from infra.constructs.web_acl import web_acl
from infra.stacks.api import ApiStack
from infra.stacks.media import MediaStack
from infra.targets import Target

_FUNCTIONS = Path(__file__).resolve().parent.parent / "cloudfront"
_SIGNED = f"/{SERVED}*"


class EdgeStack(AppStack):
    """CloudFront, the UI bucket and the web ACL.

    There are no custom error pages: they hold for the whole distribution, and would replace the API's problem
    documents. A page of the UI is answered by the rewrite function instead.
    """

    def __init__(self, scope: Construct, target: Target, api: ApiStack, media: MediaStack) -> None:
        super().__init__(scope, "edge", target)
        self._media_name = media.bucket_name
        self._domain = Domain.of(self)
        self.ui_bucket = self._private_bucket("UiBucketResource", "ui")
        self._secret = OriginSecret(self)
        self._api_origin = origins.HttpOrigin(
            api.domain_name,
            protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
            # Said, because emulators answer with what was said only, and an update has to name them again.
            http_port=80,
            https_port=443,
            custom_headers={ORIGIN_HEADER: self._secret.value},
        )
        self._media_origin = self._build_media_origin(media)
        self._headers = response_headers(self)
        self._media_key = media_key(self)
        self._plain_paths = self._viewer_request("MediaPaths", "media-paths")
        self._trace_header = self._viewer_request("TraceHeader", "trace-header")
        self.distribution = self._build_distribution()
        self._secret.sent_by(self.distribution)
        if self._domain is not None:
            self._domain.leads_to(self.distribution)
        media_policy(self, media.bucket_name, media.bucket_arn, self.distribution.distribution_id)
        if self._media_key is not None:
            host = target.domain_name or self.distribution.distribution_domain_name
            media_access(self, self._media_key, f"https://{host}", self.distribution.distribution_id)
        self.output("UiBucket", self.ui_bucket.bucket_name)
        self.output("DistributionId", self.distribution.distribution_id)
        self.output("DistributionDomain", self.distribution.distribution_domain_name)

    def _build_media_origin(self, media: MediaStack) -> cloudfront.IOrigin:
        cdk.Annotations.of(self).acknowledge_warning(
            "@aws-cdk/aws-cloudfront-origins:updateImportedBucketPolicyOac", "media_policy does it"
        )
        bucket = s3.Bucket.from_bucket_name(self, "Media", media.bucket_name)
        return origins.S3BucketOrigin.with_origin_access_control(bucket)

    def _private_bucket(self, construct_id: str, name: str, *, acl: bool = False) -> s3.Bucket:
        ownership = s3.ObjectOwnership
        return s3.Bucket(
            self,
            construct_id,
            bucket_name=f"{physical(name)}-{self.account}-{self.region}",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=not self.target.emulated,
            object_ownership=ownership.BUCKET_OWNER_PREFERRED if acl else ownership.BUCKET_OWNER_ENFORCED,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )

    def _build_distribution(self) -> cloudfront.Distribution:
        behaviors = {
            "/v1/*": self._api(),
            "/v2/*": self._api(),
            f"/{SERVED_PUBLIC}*": self._media(public=True),
            _SIGNED: self._media(),
        }
        distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment=f"{PREFIX}: UI, media and API as one origin",
            default_root_object="index.html",
            default_behavior=self._ui(),
            additional_behaviors=behaviors,
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            **self._own_domain(),
            **self._access_log(),
            price_class=cloudfront.PriceClass.PRICE_CLASS_200,
            error_responses=_errors_never_cached(),
            web_acl_id=web_acl(self).attr_arn,
            publish_additional_metrics=self.supports("AWS::CloudFront::MonitoringSubscription") or None,
        )
        if self._media_key is None:
            refuse_unsigned(distribution, list(behaviors).index(_SIGNED))
        return distribution

    def _access_log(self) -> dict[str, Any]:
        bucket = self._private_bucket("AccessLogs", ACCESS_LOGS, acl=True)
        bucket.add_lifecycle_rule(id="forget", expiration=cdk.Duration.days(self.target.log_days))
        return {"enable_logging": True, "log_bucket": bucket, "log_file_prefix": "cloudfront/"}

    def _own_domain(self) -> dict[str, Any]:
        """TLS 1.2 and up requires a certificate of your own: that of ``*.cloudfront.net`` has a fixed policy.

        https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-viewer-protocols-ciphers.html
        """
        domain, certificate = self.target.domain_name, self.target.certificate_arn
        if domain is None:
            return {}
        if certificate is not None:
            made: acm.ICertificate = acm.Certificate.from_certificate_arn(self, "Certificate", certificate)
        elif self._domain is not None:
            made = self._domain.certificate()
        else:
            return {}
        return {
            "domain_names": [domain],
            "certificate": made,
            "minimum_protocol_version": cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
        }

    @property
    def _viewer_protocol(self) -> cloudfront.ViewerProtocolPolicy:
        """The local certificate is self-signed: plain HTTP on loopback must stay possible."""
        policy = cloudfront.ViewerProtocolPolicy
        return policy.ALLOW_ALL if self.target.emulated else policy.REDIRECT_TO_HTTPS

    def _viewer_request(self, construct_id: str, name: str) -> cloudfront.FunctionAssociation:
        """A function of ``infra/cloudfront/`` that gets each request before the cache is asked."""
        source = (_FUNCTIONS / f"{name.replace('-', '_')}.js").read_text("utf-8")
        function = cloudfront.Function(
            self,
            construct_id,
            function_name=physical(name),
            code=cloudfront.FunctionCode.from_inline(source),
            runtime=cloudfront.FunctionRuntime.JS_2_0,
        )
        return cloudfront.FunctionAssociation(function=function, event_type=cloudfront.FunctionEventType.VIEWER_REQUEST)

    def _ui(self) -> cloudfront.BehaviorOptions:
        return cloudfront.BehaviorOptions(
            # Without the right to list, S3 answers 403 for a file that is not there.
            origin=origins.S3BucketOrigin.with_origin_access_control(
                self.ui_bucket, origin_access_levels=[cloudfront.AccessLevel.READ, cloudfront.AccessLevel.LIST]
            ),
            viewer_protocol_policy=self._viewer_protocol,
            allowed_methods=cloudfront.AllowedMethods.ALLOW_GET_HEAD_OPTIONS,
            cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
            response_headers_policy=self._headers.pages,
            compress=True,
            function_associations=[self._viewer_request("SpaRewrite", "spa-rewrite")],
        )

    def _api(self) -> cloudfront.BehaviorOptions:
        return cloudfront.BehaviorOptions(
            origin=self._api_origin,
            viewer_protocol_policy=self._viewer_protocol,
            allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
            cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
            origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
            response_headers_policy=self._headers.api,
            compress=True,
            function_associations=[self._trace_header],
        )

    def _media(self, *, public: bool = False) -> cloudfront.BehaviorOptions:
        """Objects never change: their key holds the media id. All but public ones need a signed URL, which expires."""
        return cloudfront.BehaviorOptions(
            origin=self._media_origin,
            viewer_protocol_policy=self._viewer_protocol,
            allowed_methods=cloudfront.AllowedMethods.ALLOW_GET_HEAD_OPTIONS,
            cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
            response_headers_policy=self._headers.media,
            compress=True,
            function_associations=[self._plain_paths],
            trusted_key_groups=[self._media_key.group] if self._media_key and not public else None,
        )


def _errors_never_cached() -> list[cloudfront.ErrorResponse]:
    """CloudFront keeps these errors of any GET for ten seconds, even where caching is disabled, and under a key without
    the Authorization header: one person's 404 of ``/v1/me`` would be everybody's.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html
    """
    never = cdk.Duration.seconds(0)
    return [cloudfront.ErrorResponse(http_status=status, ttl=never) for status in (404, 414, 500, 501, 502, 503, 504)]
