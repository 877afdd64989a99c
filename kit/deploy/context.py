"""The CDK context of an emulated target: fields of ``infra.targets.Target``.

Standard library only: it is part of deciding that nothing changed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from emulation.settings import ACCOUNT, HOST, REGION
from infra.constants import PREFIX, PUSH_HOSTS
from kit import sfu, turn
from kit.settings import Settings

EMBEDDED: Final = "embedded"
#: MiniStack takes the id of an API from this tag (8 hex digits), so that URLs survive a reset.
_ID_TAG: Final = "ms-custom-id"
_HTTP_API_ID: Final = "a5c0de01"
_WEBSOCKET_API_ID: Final = "a5c0de02"
#: On an emulator seeds, tests and load do in a minute what people do in a day.
_RATES: Final = ",".join(
    f"{kind}=100000/60" for kind in ("posts", "follows", "messages", "media", "calls", "search", "commands")
)
#: Resource types that MiniStack's CloudFormation refuses, and what that means. It checks a whole template before it
#: creates anything: one refused type would stop the stack. ``tests/contract`` asks MiniStack for each of them.
REFUSED: Final[dict[str, str]] = {
    "AWS::Athena::NamedQuery": "no Athena locally; `make access-logs` asks the edge's logs by DuckDB",
    "AWS::Budgets::Budget": "nothing costs anything locally",
    "AWS::CodeDeploy::Application": "new code of functions counts at once",
    "AWS::CodeDeploy::DeploymentGroup": "new code of functions counts at once",
    "AWS::CloudFront::PublicKey": "made by the finish step through the CloudFront API",
    "AWS::CloudFront::KeyGroup": "made by the finish step through the CloudFront API; the edge checks signatures",
    "AWS::CloudFront::MonitoringSubscription": "no CloudFront metrics locally; the edge writes an access log",
    "AWS::CloudWatch::CompositeAlarm": "the alarms that it combines are there",
    "AWS::Logs::QueryDefinition": "the console searches logs itself",
    "AWS::SecretsManager::RotationSchedule": "no rotation by schedule; the function that rotates is there",
    "AWS::XRay::Group": "no X-Ray API; the console collects traces and filters them itself",
    "AWS::XRay::SamplingRule": "no X-Ray API; every request is traced",
}


def target_settings(target: str, settings: Settings, environ: Mapping[str, str] = os.environ) -> dict[str, Any] | None:
    """Fields of ``Target`` for an emulated target; None for AWS, which the app describes itself.

    ``ASYNCSNS_LAMBDA_EMULATOR_URL``, ``ASYNCSNS_LAMBDA_OPENSEARCH_URL`` and ``ASYNCSNS_LAMBDA_XRAY_ADDRESS`` override
    the addresses that functions use: in containers these are names of services. ``ASYNCSNS_LAMBDA_IMAGES=yes``:
    they run in AWS Lambda's images.
    """
    if target == "aws":
        return None
    return {
        "account": ACCOUNT,
        "refused": REFUSED,
        "lambda_images": environ.get("ASYNCSNS_LAMBDA_IMAGES") == "yes",
        **_addresses(target, settings, environ),
        **_for_browsers(target, settings),
        **_relays(target, settings, environ),
        **_media_server(target, settings, environ),
        "rate_limits": environ.get("ASYNCSNS_RATE_LIMITS", _RATES),
        "visibility_factor": 1,
        "retry_seconds": 1,
        "platform_applications": ",".join(f"{name}={arn}" for name, arn in platform_applications().items()),
        "log_days": 7,
        "http_api_tags": {_ID_TAG: _HTTP_API_ID},
        "websocket_api_tags": {_ID_TAG: _WEBSOCKET_API_ID},
    }


def _relays(target: str, settings: Settings, environ: Mapping[str, str]) -> dict[str, Any]:
    """With ``TURN=yes`` calls go through the kit's coturn; else, and in Compose, the app reads the environment."""
    if target != EMBEDDED or not turn.is_wanted(settings, environ):
        return {}
    given = environ.get("ASYNCSNS_STUN_URLS", "")
    return {"ice": {**({"STUN_URLS": given} if given else {}), "TURN_URLS": turn.urls(settings)}}


def platform_applications() -> dict[str, str]:
    """Platform → ARN of the application that the finish step of an emulated deployment makes."""
    names = {"fcm": "GCM", "apns": "APNS"}
    return {short: f"arn:aws:sns:{REGION}:{ACCOUNT}:app/{kind}/{PREFIX}-{short}" for short, kind in names.items()}


def _addresses(target: str, settings: Settings, environ: Mapping[str, str]) -> dict[str, Any]:
    """Servers as functions reach them."""
    daemon = urlsplit(settings.url("xray"))
    # What runs the functions is the emulator itself: for them it is always near.
    emulator = f"http://{HOST}:{urlsplit(settings.url('emulator')).port}"
    pushes = [urlsplit(url).netloc for url in (*_loopback(settings.public_url("push")), settings.url("push"))]
    return {
        "emulator_url": environ.get("ASYNCSNS_LAMBDA_EMULATOR_URL", emulator),
        "opensearch_endpoint": environ.get("ASYNCSNS_LAMBDA_OPENSEARCH_URL", settings.url("search")),
        "s3_public_endpoint": settings.public_url("emulator"),
        "xray_daemon_address": environ.get("ASYNCSNS_LAMBDA_XRAY_ADDRESS", f"{daemon.hostname}:{daemon.port}"),
        "push_hosts": ",".join([PUSH_HOSTS, *dict.fromkeys(pushes)]),
        "webtransport_callback_url": settings.url("webtransport") if target == EMBEDDED else "",
    }


def _for_browsers(target: str, settings: Settings) -> dict[str, Any]:
    """Where the UI is loaded from, and what it may connect to."""
    edge = [
        *_loopback(settings.public_url("edge")),
        *_loopback(settings.public_url("edge_tls").replace("http:", "https:")),
    ]
    servers = [url for name in ("gateway", "emulator", "console") for url in _loopback(settings.public_url(name))]
    # Asked for its certificate by HTTP, and spoken to by HTTP/3 on the same port.
    sessions = _loopback(settings.public_url("webtransport")) if target == EMBEDDED else ()
    return {
        "browser_origins": [*edge, *_further_origins(target, settings)],
        "connect_sources": [
            *(_loopback(sfu.url(settings)) if has_media_server(target, settings) else ()),
            *(source for url in servers for source in (url, url.replace("http", "ws", 1))),
            *(source for url in sessions for source in (url, url.replace("http", "https", 1))),
        ],
    }


def has_media_server(target: str, settings: Settings, environ: Mapping[str, str] = os.environ) -> bool:
    """With ``SFU=yes``, where the kit starts one."""
    return target in (EMBEDDED, "compose") and sfu.is_wanted(settings, environ)


def _media_server(target: str, settings: Settings, environ: Mapping[str, str]) -> dict[str, Any]:
    if not has_media_server(target, settings, environ):
        return {}
    return {"sfu_url": sfu.url(settings), "sfu_callback_url": settings.url("sfu")}


def _further_origins(target: str, settings: Settings) -> list[str]:
    """Where else the UI is served: by Vite, and in Compose by a server of its own."""
    return ["http://localhost:5173"] if target == EMBEDDED else sorted(settings.emulation.allowed_origins)


def _loopback(url: str) -> tuple[str, ...]:
    """The address by name and by number: browsers take them for different origins."""
    return (url, url.replace("//localhost", f"//{HOST}", 1))
