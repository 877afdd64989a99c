"""Where the system is deployed, and what differs there: sizes, packaging, addresses. Nothing else in ``infra`` asks."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from emulation.settings import ACCOUNT, HOST, REGION
from infra.constants import PREFIX
from kit.settings import Settings

EMBEDDED = "embedded"
COMPOSE = "compose"
AWS = "aws"
#: Where connections are kept: the table, or a cache that the app makes; anything else is the URL of a Redis one has.
DYNAMODB = "dynamodb"
ELASTICACHE = "elasticache"
#: On an emulator seeds, tests and load do in a minute what people do in a day.
_LOCAL_RATES = ",".join(
    f"{kind}=100000/60" for kind in ("posts", "follows", "messages", "media", "calls", "search", "commands")
)
#: Push services of the browsers: nothing else may be named by a subscription.
PUSH_HOSTS = "fcm.googleapis.com,updates.push.services.mozilla.com,web.push.apple.com,*.notify.windows.com"


@dataclass(frozen=True)
class Target:
    """One place to deploy to. Empty addresses mean: the service's own, as the template knows it."""

    name: str
    #: What answers the AWS API: a key of ``capabilities.REFUSED``, or none on AWS.
    emulator: str | None = None
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
    #: ``STUN_URLS``, ``TURN_URLS`` and ``TURN_SECRET`` for the function that tells browsers their ICE servers.
    ice: Mapping[str, str] = field(default_factory=dict)
    #: Where the UI may be loaded from, besides the distribution's own domain.
    browser_origins: tuple[str, ...] = ()
    #: What the UI may connect to, besides its own origin (Content-Security-Policy ``connect-src``).
    connect_sources: tuple[str, ...] = ()
    domain_name: str | None = None
    certificate_arn: str | None = None
    #: Receive attempts are spaced by this many function timeouts; AWS advises six.
    visibility_factor: int = 6
    registry: str = DYNAMODB
    #: The WebTransport server as a function reaches it; none on AWS, which has no such service.
    webtransport_callback_url: str = ""
    #: Until a consumer of a queue tries a message again for the first time.
    retry_seconds: int = 20
    #: Platform applications of SNS for pushes to phones: ``fcm=arn:…,apns=arn:…``; CloudFormation has no type for them.
    platform_applications: str = ""
    log_days: int = 30

    @property
    def local(self) -> bool:
        """An emulator: data may be thrown away, TLS ends before it."""
        return self.emulator is not None

    def websocket_callback_url(self, api_id: str, stage: str) -> str:
        """Base URL of the ``@connections`` API as a function reaches it."""
        if self.emulator_url:
            return f"{self.emulator_url}/_aws/execute-api/{api_id}/{stage}"
        return f"https://{api_id}.execute-api.{self.region}.amazonaws.com/{stage}"


def target_named(name: str, settings: Settings, environ: Mapping[str, str] = os.environ) -> Target:
    """The target of this name.

    ``ASYNCSNS_LAMBDA_EMULATOR_URL``, ``ASYNCSNS_LAMBDA_OPENSEARCH_URL`` and ``ASYNCSNS_LAMBDA_XRAY_ADDRESS`` override
    the addresses that functions use: in containers these are names of services.

    Raises:
        ValueError: no such target, or a region that it cannot serve.
    """
    if name == AWS:
        return _aws(environ)
    if name == EMBEDDED:
        return _on_emulator(name, "ministack", settings, environ)
    if name == COMPOSE:
        return _on_emulator(name, environ.get("EMULATOR", "ministack"), settings, environ)
    raise ValueError(f"target: expected {EMBEDDED}, {COMPOSE} or {AWS}, got {name!r}")


def _registry(environ: Mapping[str, str], *, has_elasticache: bool) -> str:
    chosen = environ.get("ASYNCSNS_REALTIME_REGISTRY") or DYNAMODB
    wanted = f"{DYNAMODB}, redis://…, rediss://…" + (f" or {ELASTICACHE}" if has_elasticache else "")
    if chosen != DYNAMODB and not (has_elasticache and chosen == ELASTICACHE) and "://" not in chosen:
        raise ValueError(f"ASYNCSNS_REALTIME_REGISTRY: expected {wanted}, got {chosen!r}")
    return chosen


def _on_emulator(name: str, emulator: str, settings: Settings, environ: Mapping[str, str]) -> Target:
    daemon = urlsplit(settings.url("xray"))
    # What runs the functions is the emulator itself: for them it is always near.
    emulator_url = f"http://{HOST}:{urlsplit(settings.url('emulator')).port}"
    push = urlsplit(settings.url("push")).netloc
    edge = (
        *_loopback(settings.public_url("edge")),
        *_loopback(settings.public_url("edge_tls").replace("http:", "https:")),
    )
    servers = [url for name in ("gateway", "emulator", "console") for url in _loopback(settings.public_url(name))]
    # Asked for its certificate by HTTP, and spoken to by HTTP/3 on the same port.
    sessions = _loopback(settings.public_url("webtransport")) if name == EMBEDDED else ()
    pushes = [urlsplit(url).netloc for url in _loopback(settings.public_url("push"))]
    return Target(
        name=name,
        emulator=emulator,
        account=ACCOUNT,
        emulator_url=environ.get("ASYNCSNS_LAMBDA_EMULATOR_URL", emulator_url),
        opensearch_endpoint=environ.get("ASYNCSNS_LAMBDA_OPENSEARCH_URL", settings.url("search")),
        s3_public_endpoint=settings.public_url("emulator"),
        xray_daemon_address=environ.get("ASYNCSNS_LAMBDA_XRAY_ADDRESS", f"{daemon.hostname}:{daemon.port}"),
        push_hosts=",".join([PUSH_HOSTS, *dict.fromkeys((*pushes, push))]),
        ice=_ice(environ),
        browser_origins=(*edge, "http://localhost:5173"),
        connect_sources=(
            *(source for url in servers for source in (url, url.replace("http", "ws", 1))),
            *(source for url in sessions for source in (url, url.replace("http", "https", 1))),
        ),
        rate_limits=environ.get("ASYNCSNS_RATE_LIMITS", _LOCAL_RATES),
        visibility_factor=1,
        registry=_registry(environ, has_elasticache=False),
        webtransport_callback_url=settings.url("webtransport") if name == EMBEDDED else "",
        retry_seconds=1,
        platform_applications=",".join(f"{name}={arn}" for name, arn in local_platform_applications().items()),
        log_days=7,
    )


def local_platform_applications() -> dict[str, str]:
    """Platform → ARN of the application that the finish step of a local deployment makes."""
    names = {"fcm": "GCM", "apns": "APNS"}
    return {short: f"arn:aws:sns:{REGION}:{ACCOUNT}:app/{kind}/{PREFIX}-{short}" for short, kind in names.items()}


def _loopback(url: str) -> tuple[str, ...]:
    """The address by name and by number: browsers take them for different origins."""
    return (url, url.replace("//localhost", f"//{HOST}", 1))


def _ice(environ: Mapping[str, str]) -> dict[str, str]:
    """From ``ASYNCSNS_STUN_URLS`` and the like, where whoever deploys has set them."""
    found = {name: environ.get(f"ASYNCSNS_{name}", "") for name in ("STUN_URLS", "TURN_URLS", "TURN_SECRET")}
    return {name: value for name, value in found.items() if value}


def _aws(environ: Mapping[str, str]) -> Target:
    region = environ.get("CDK_DEFAULT_REGION") or REGION
    if region != REGION:
        raise ValueError(f"region: expected {REGION} (CloudFront takes web ACLs from there), got {region}")
    domain = environ.get("ASYNCSNS_DOMAIN") or None
    cognito = (f"https://cognito-idp.{region}.amazonaws.com", f"https://cognito-identity.{region}.amazonaws.com")
    services = (f"https://*.s3.{region}.amazonaws.com", "https://*.s3.amazonaws.com")
    console = (f"https://monitoring.{region}.amazonaws.com", f"https://logs.{region}.amazonaws.com")
    return Target(
        name=AWS,
        account=environ.get("CDK_DEFAULT_ACCOUNT") or None,
        region=region,
        domain_name=domain,
        ice=_ice(environ),
        registry=_registry(environ, has_elasticache=True),
        rate_limits=environ.get("ASYNCSNS_RATE_LIMITS", ""),
        certificate_arn=environ.get("ASYNCSNS_CERTIFICATE_ARN") or None,
        platform_applications=environ.get("ASYNCSNS_PLATFORM_APPLICATIONS", ""),
        browser_origins=(f"https://{domain}",) if domain else (),
        connect_sources=(*cognito, *services, *console, f"wss://*.execute-api.{region}.amazonaws.com"),
    )
