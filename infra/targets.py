"""Deployment targets and their differences: sizes, packaging, addresses. No other module of ``infra`` distinguishes
them.

AWS is described here. The program that runs an emulator describes it in the CDK context ``targetSettings``: fields of
``Target``, which is all that this app knows of an emulator.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import field
from urllib.parse import urlsplit

from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass

from infra.constants import PUSH_HOSTS, REGION
from infra.stages import PROD, VARIABLE, Stage, stage_of

AWS = "aws"
#: CDK context with the fields of ``Target`` for an emulator.
CONTEXT_KEY = "targetSettings"
#: Where connections are kept: the table, or a cache that the app makes; anything else is the URL of an existing Redis.
DYNAMODB = "dynamodb"
ELASTICACHE = "elasticache"


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Target:
    """One place to deploy to. Empty addresses mean: the service's own, as the template knows it."""

    name: str
    #: An emulator: data may be thrown away, TLS ends before it.
    emulated: bool = False
    #: The emulator runs functions in AWS Lambda's own images: they have Lambda's Python and glibc, not this machine's.
    lambda_images: bool = False
    #: Which of the stages on AWS; an emulator has one.
    stage: Stage = PROD
    #: Resource types that the emulator's CloudFormation refuses → what that means there.
    refused: Mapping[str, str] = field(default_factory=dict)
    account: str | None = None
    region: str = REGION
    #: The emulator as a Lambda function sees it.
    emulator_url: str = ""
    opensearch_endpoint: str = ""
    s3_public_endpoint: str = ""
    xray_daemon_address: str = ""
    push_hosts: str = PUSH_HOSTS
    #: Deviations from the quotas of ``services/common/limits.py``.
    rate_limits: str = ""
    #: ``STUN_URLS`` and ``TURN_URLS`` for the function that tells browsers their ICE servers.
    ice: Mapping[str, str] = field(default_factory=dict)
    #: Where the UI may be loaded from, besides the distribution's own domain.
    browser_origins: tuple[str, ...] = ()
    #: Origins that the UI may connect to, besides its own (Content-Security-Policy ``connect-src``).
    connect_sources: tuple[str, ...] = ()
    domain_name: str | None = None
    certificate_arn: str | None = None
    #: Route 53's zone of the domain: with it the app makes the certificate and the records itself.
    hosted_zone_id: str | None = None
    #: ``owner/name`` on GitHub, whose environments named like stages may deploy by OIDC.
    github_repository: str | None = None
    #: Sender of the user pool's mails by SES; without one Cognito sends 50 a day.
    mail_from: str | None = None
    #: Receive attempts are spaced by this many function timeouts; AWS advises six.
    visibility_factor: int = 6
    registry: str = DYNAMODB
    #: The WebTransport server as a function reaches it; none on AWS, which has no such service.
    webtransport_callback_url: str = ""
    #: WHIP and WHEP of the media server, as browsers reach it; none on AWS (docs/sfu-on-aws.md).
    sfu_url: str = ""
    #: The same server as a function reaches it.
    sfu_callback_url: str = ""
    #: Seconds until a consumer of a queue tries a message again for the first time.
    retry_seconds: int = 20
    #: Platform applications of SNS for pushes to phones: ``fcm=arn:…,apns=arn:…``; CloudFormation has no type for them.
    platform_applications: str = ""
    log_days: int = 30
    #: Tags of the HTTP API and of the WebSocket API by which an emulator gives them fixed ids.
    http_api_tags: Mapping[str, str] | None = None
    websocket_api_tags: Mapping[str, str] | None = None

    @property
    def has_lambda_python(self) -> bool:
        """Whether functions run on Lambda's Python; else on the one that synthesizes."""
        return not self.emulated or self.lambda_images

    def websocket_callback_url(self, api_id: str, stage: str) -> str:
        """Base URL of the ``@connections`` API as a function reaches it."""
        if self.emulator_url:
            return f"{self.emulator_url}/_aws/execute-api/{api_id}/{stage}"
        return f"https://{api_id}.execute-api.{self.region}.amazonaws.com/{stage}"


def target_of(name: str, settings: Mapping[str, object] | None, environ: Mapping[str, str] = os.environ) -> Target:
    """The target of this name.

    Args:
        settings: fields of ``Target`` for an emulator (the context ``targetSettings``).

    Raises:
        ValueError: the settings of an emulator are missing or wrong, or AWS cannot serve the region.
    """
    if name == AWS:
        return _aws(environ)
    if not settings:
        raise ValueError(
            f"target {name}: the CDK context {CONTEXT_KEY!r} is missing, which `make up` hands over. "
            f"To synthesize for AWS: cdk synth -c target={AWS}"
        )
    if stage_of(environ) is not PROD:
        raise ValueError(f"{VARIABLE}: stages are for target {AWS}; target {name} has one, unset the variable")
    chosen = {"ice": _ice(environ), "registry": _registry(environ, has_elasticache=False)}
    return TypeAdapter(Target).validate_python({"name": name, "emulated": True, **chosen, **settings})


def _registry(environ: Mapping[str, str], *, has_elasticache: bool) -> str:
    chosen = environ.get("ASYNCSNS_REALTIME_REGISTRY") or DYNAMODB
    wanted = f"{DYNAMODB}, redis://…, rediss://…" + (f" or {ELASTICACHE}" if has_elasticache else "")
    if chosen != DYNAMODB and not (has_elasticache and chosen == ELASTICACHE) and "://" not in chosen:
        raise ValueError(f"ASYNCSNS_REALTIME_REGISTRY: expected {wanted}, got {chosen!r}")
    if urlsplit(chosen).password or urlsplit(chosen).username:
        raise ValueError(
            "ASYNCSNS_REALTIME_REGISTRY: expected a URL without user and password, which would stand in the template "
            "and in the variables of functions; use a Redis that its network protects"
        )
    return chosen


def _ice(environ: Mapping[str, str]) -> dict[str, str]:
    """From ``ASYNCSNS_STUN_URLS`` and the like, as far as they are set."""
    found = {name: environ.get(f"ASYNCSNS_{name}", "") for name in ("STUN_URLS", "TURN_URLS")}
    return {name: value for name, value in found.items() if value}


def _aws(environ: Mapping[str, str]) -> Target:
    region = environ.get("CDK_DEFAULT_REGION") or REGION
    if region != REGION:
        raise ValueError(f"region: expected {REGION} (CloudFront takes web ACLs from there), got {region}")
    domain, stage = environ.get("ASYNCSNS_DOMAIN") or None, stage_of(environ)
    certificate, zone = environ.get("ASYNCSNS_CERTIFICATE_ARN") or None, environ.get("ASYNCSNS_HOSTED_ZONE_ID") or None
    if bool(domain) is not bool(certificate or zone):
        raise ValueError(
            "ASYNCSNS_DOMAIN: expected together with ASYNCSNS_HOSTED_ZONE_ID (the certificate is made) or "
            "ASYNCSNS_CERTIFICATE_ARN (one that exists in us-east-1), and neither without it"
        )
    return Target(
        name=AWS,
        stage=stage,
        log_days=stage.log_days,
        account=environ.get("CDK_DEFAULT_ACCOUNT") or None,
        region=region,
        domain_name=domain,
        ice=_ice(environ),
        registry=_registry(environ, has_elasticache=True),
        rate_limits=environ.get("ASYNCSNS_RATE_LIMITS", ""),
        certificate_arn=certificate,
        hosted_zone_id=zone,
        github_repository=_repository(environ),
        mail_from=_sender(environ),
        platform_applications=environ.get("ASYNCSNS_PLATFORM_APPLICATIONS", ""),
        browser_origins=(f"https://{domain}",) if domain else (),
        connect_sources=_aws_connect_sources(region),
    )


def _repository(environ: Mapping[str, str]) -> str | None:
    found = environ.get("ASYNCSNS_GITHUB_REPOSITORY") or None
    if found and not re.fullmatch(r"[\w.-]+/[\w.-]+", found):
        raise ValueError(f"ASYNCSNS_GITHUB_REPOSITORY: expected owner/name, got {found!r}")
    return found


def _sender(environ: Mapping[str, str]) -> str | None:
    found = environ.get("ASYNCSNS_MAIL_FROM") or None
    if found and not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+", found):
        raise ValueError(f"ASYNCSNS_MAIL_FROM: expected an address like no-reply@example.com, got {found!r}")
    return found


def _aws_connect_sources(region: str) -> tuple[str, ...]:
    """Cognito, uploads to S3, the pages that open CloudWatch, and the WebSocket API."""
    cognito = (f"https://cognito-idp.{region}.amazonaws.com", f"https://cognito-identity.{region}.amazonaws.com")
    services = (f"https://*.s3.{region}.amazonaws.com", "https://*.s3.amazonaws.com")
    console = (f"https://monitoring.{region}.amazonaws.com", f"https://logs.{region}.amazonaws.com")
    return (*cognito, *services, *console, f"wss://*.execute-api.{region}.amazonaws.com")
