"""What protects the edge: web ACL, response headers, who may read the media bucket, who signs URLs."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_ssm as ssm
from aws_cdk import aws_wafv2 as waf

from infra.constants import MEDIA_ACCESS_PARAMETER, SERVED, physical
from infra.constructs.stack import AppStack

_RATE_PER_FIVE_MINUTES = 6000
_YEAR_SECONDS = 365 * 24 * 3600
#: What users sent is never to run as a page of ours.
_MEDIA_CSP = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"


@dataclass(frozen=True)
class Headers:
    """Response headers policies by kind of content."""

    pages: cloudfront.ResponseHeadersPolicy
    api: cloudfront.ResponseHeadersPolicy
    media: cloudfront.ResponseHeadersPolicy


def response_headers(stack: AppStack) -> Headers:
    return Headers(
        pages=_policy(stack, "pages", page_csp(stack), {"Permissions-Policy": _PERMISSIONS}),
        api=_policy(stack, "api", "default-src 'none'; frame-ancestors 'none'", {}),
        media=_policy(stack, "media", _MEDIA_CSP, {"Cross-Origin-Resource-Policy": "same-site"}),
    )


_PERMISSIONS = "camera=(self), microphone=(self), display-capture=(self), geolocation=(), payment=()"


def page_csp(stack: AppStack) -> str:
    """The UI's Content-Security-Policy (https://www.w3.org/TR/CSP3/)."""
    connect = " ".join(["'self'", *stack.target.connect_sources])
    rules = {
        "default-src": "'self'",
        "connect-src": connect,
        "img-src": "'self' data: blob:",
        "media-src": "'self' blob:",
        "script-src": "'self'",
        "style-src": "'self' 'unsafe-inline'",
        "font-src": "'self' data:",
        "worker-src": "'self' blob:",
        "manifest-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _policy(stack: AppStack, name: str, csp: str, custom: dict[str, str]) -> cloudfront.ResponseHeadersPolicy:
    security = cloudfront.ResponseSecurityHeadersBehavior(
        content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
            content_security_policy=csp, override=True
        ),
        content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
        referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
            referrer_policy=cloudfront.HeadersReferrerPolicy.STRICT_ORIGIN_WHEN_CROSS_ORIGIN, override=True
        ),
        strict_transport_security=_hsts(stack),
    )
    headers = [cloudfront.ResponseCustomHeader(header=k, value=v, override=True) for k, v in custom.items()]
    return cloudfront.ResponseHeadersPolicy(
        stack,
        f"Headers-{name}",
        response_headers_policy_name=physical(name),
        security_headers_behavior=security,
        custom_headers_behavior=cloudfront.ResponseCustomHeadersBehavior(custom_headers=headers) if headers else None,
    )


def _hsts(stack: AppStack) -> cloudfront.ResponseHeadersStrictTransportSecurity | None:
    """Not on loopback: a browser would then refuse every other http server of ``localhost``."""
    if stack.target.emulated:
        return None
    age = cdk.Duration.seconds(_YEAR_SECONDS)
    return cloudfront.ResponseHeadersStrictTransportSecurity(
        access_control_max_age=age, include_subdomains=True, override=True
    )


def web_acl(stack: AppStack) -> waf.CfnWebACL:
    """Rate per address, then AWS's common rules and known bad inputs.

    https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
    """
    acl = waf.CfnWebACL
    groups = (
        # Its limit of 8 KB for a body is below what a long post in UTF-8 takes; functions check sizes themselves.
        _managed("AWSManagedRulesCommonRuleSet", 1, counted=("SizeRestrictions_BODY",)),
        _managed("AWSManagedRulesKnownBadInputsRuleSet", 2),
    )
    return acl(
        stack,
        "WebAcl",
        name=physical("edge"),
        scope="CLOUDFRONT",
        default_action=acl.DefaultActionProperty(allow={}),
        rules=[_rate_per_address(), *groups],
        visibility_config=_visibility("edge"),
    )


def _rate_per_address() -> waf.CfnWebACL.RuleProperty:
    acl = waf.CfnWebACL
    return acl.RuleProperty(
        name="rate-per-address",
        priority=0,
        action=acl.RuleActionProperty(block={"customResponse": {"responseCode": 429}}),
        statement=acl.StatementProperty(
            rate_based_statement=acl.RateBasedStatementProperty(
                aggregate_key_type="IP", limit=_RATE_PER_FIVE_MINUTES, evaluation_window_sec=300
            )
        ),
        visibility_config=_visibility("rate-per-address"),
    )


def _managed(name: str, priority: int, counted: tuple[str, ...] = ()) -> waf.CfnWebACL.RuleProperty:
    acl = waf.CfnWebACL
    overrides = [
        acl.RuleActionOverrideProperty(name=rule, action_to_use=acl.RuleActionProperty(count={})) for rule in counted
    ]
    return acl.RuleProperty(
        name=name,
        priority=priority,
        override_action=acl.OverrideActionProperty(none={}),
        statement=acl.StatementProperty(
            managed_rule_group_statement=acl.ManagedRuleGroupStatementProperty(
                vendor_name="AWS", name=name, rule_action_overrides=overrides or None
            )
        ),
        visibility_config=_visibility(name),
    )


def _visibility(name: str) -> waf.CfnWebACL.VisibilityConfigProperty:
    return waf.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=True
    )


def media_policy(stack: AppStack, bucket_name: str, bucket_arn: str, distribution_id: str) -> None:
    """This distribution alone reads what is served; nobody uses plain HTTP. Uploads that wait are read by no one here.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
    """
    distribution = f"arn:{stack.partition}:cloudfront::{stack.account}:distribution/{distribution_id}"
    served: dict[str, object] = {
        "Sid": "ServedByCloudFront",
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "s3:GetObject",
        "Resource": f"{bucket_arn}/{SERVED}*",
        "Condition": {"StringEquals": {"AWS:SourceArn": distribution}},
    }
    statements = [served] if stack.target.emulated else [served, _tls_only(bucket_arn)]
    document = {"Version": "2012-10-17", "Statement": statements}
    s3.CfnBucketPolicy(stack, "MediaPolicy", bucket=bucket_name, policy_document=document)


def _tls_only(bucket_arn: str) -> dict[str, object]:
    return {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket_arn, f"{bucket_arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


@dataclass(frozen=True)
class MediaKey:
    """Who may sign for media, and under which id."""

    group: cloudfront.IKeyGroup
    key_pair_id: str


def media_key(stack: AppStack) -> MediaKey | None:
    """Whose signatures open media that are not public. The public key is a PEM file, named by the variable
    ``ASYNCSNS_MEDIA_PUBLIC_KEY``.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-trusted-signers.html

    Raises:
        ValueError: on AWS without the file: these paths would be public.
    """
    if not stack.supports("AWS::CloudFront::PublicKey", "AWS::CloudFront::KeyGroup"):
        return None
    file = os.environ.get("ASYNCSNS_MEDIA_PUBLIC_KEY", "")
    if not file or not Path(file).is_file():
        raise ValueError(f"ASYNCSNS_MEDIA_PUBLIC_KEY: expected the path of a PEM public key, got {file!r}")
    key = cloudfront.PublicKey(stack, "MediaKey", encoded_key=Path(file).read_text("ascii"))
    return MediaKey(cloudfront.KeyGroup(stack, "MediaKeys", items=[key]), key.public_key_id)


def refuse_unsigned(distribution: cloudfront.Distribution, position: int) -> None:
    """Until the finish step names the key group, only the account's own CloudFront keys may sign, which nobody holds:
    between a deployment and that step, media are refused, not open. ``position`` is that of the cache behaviour.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-cloudfront-distribution-cachebehavior.html
    """
    resource = distribution.node.default_child
    assert isinstance(resource, cloudfront.CfnDistribution)
    resource.add_property_override(f"DistributionConfig.CacheBehaviors.{position}.TrustedSigners", ["self"])


def media_access(stack: AppStack, key: MediaKey, origin: str, distribution_id: str) -> None:
    """Tells the functions that sign what for; where the key cannot be made here, the finish step writes it."""
    value = {"origin": origin, "keyPairId": key.key_pair_id, "distributionId": distribution_id}
    ssm.StringParameter(
        stack, "MediaAccess", parameter_name=MEDIA_ACCESS_PARAMETER, string_value=stack.to_json_string(value)
    )
