"""Protection of the edge: response headers, read access to the media bucket, signers of URLs."""

from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_ssm as ssm

from infra.constants import MEDIA_ACCESS_PARAMETER, SERVED, physical
from infra.constructs.stack import AppStack

#: The present key and the next.
_MOST_KEYS = 2
_YEAR_SECONDS = 365 * 24 * 3600
#: Uploads must never run as a page of ours.
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


def media_policy(stack: AppStack, bucket_name: str, bucket_arn: str, distribution_id: str) -> None:
    """Only this distribution reads served files, over TLS only. It cannot read unprocessed uploads.

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
    """The key group for media, and the id of the signing key."""

    group: cloudfront.IKeyGroup
    key_pair_id: str
    #: Fingerprint of a public key → its id: the signer finds the id of the key that it has.
    ids: dict[str, str]


def media_key(stack: AppStack) -> MediaKey | None:
    """Keys whose signatures open private media. The variable ``ASYNCSNS_MEDIA_PUBLIC_KEY`` names the PEM file of the
    public key; while keys are rotated two, separated by a comma.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-trusted-signers.html

    Raises:
        ValueError: on AWS without the file: these paths would be public.
    """
    if not stack.supports("AWS::CloudFront::PublicKey", "AWS::CloudFront::KeyGroup"):
        return None
    given = os.environ.get("ASYNCSNS_MEDIA_PUBLIC_KEY", "")
    files = [Path(one.strip()) for one in given.split(",")]
    if not given or len(files) > _MOST_KEYS or not all(file.is_file() for file in files):
        raise ValueError(f"ASYNCSNS_MEDIA_PUBLIC_KEY: expected the path of a PEM public key, or of two, got {given!r}")
    pems = {fingerprint(pem): pem for pem in (file.read_text("ascii") for file in files)}
    # A key cannot change under its id, so its id in the template is its own.
    keys = {
        one: cloudfront.PublicKey(stack, f"MediaKey{one[:8]}", encoded_key=pem) for one, pem in sorted(pems.items())
    }
    ids = {one: key.public_key_id for one, key in keys.items()}
    first = fingerprint(files[0].read_text("ascii"))
    return MediaKey(cloudfront.KeyGroup(stack, "MediaKeys", items=list(keys.values())), ids[first], ids)


def fingerprint(public_key: str) -> str:
    """SHA-256 of a public key in PEM, without its armour."""
    lines = [line.strip() for line in public_key.splitlines() if line and not line.startswith("-----")]
    return hashlib.sha256(base64.b64decode("".join(lines))).hexdigest()


def refuse_unsigned(distribution: cloudfront.Distribution, position: int) -> None:
    """Until the finish step names the key group, only the account's own CloudFront keys may sign, which nobody holds:
    between a deployment and that step, media are refused, not open. ``position`` is that of the cache behaviour.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-cloudfront-distribution-cachebehavior.html
    """
    resource = distribution.node.default_child
    assert isinstance(resource, cloudfront.CfnDistribution)
    resource.add_property_override(f"DistributionConfig.CacheBehaviors.{position}.TrustedSigners", ["self"])


def media_access(stack: AppStack, key: MediaKey, origin: str, distribution_id: str) -> None:
    """Stores the parameter for signing functions; the finish step writes it when the key cannot be made here."""
    value = {"origin": origin, "keyPairId": key.key_pair_id, "distributionId": distribution_id, "keys": key.ids}
    ssm.StringParameter(
        stack, "MediaAccess", parameter_name=MEDIA_ACCESS_PARAMETER, string_value=stack.to_json_string(value)
    )
