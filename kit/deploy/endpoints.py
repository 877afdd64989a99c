"""Where everything is after a deployment: ``config.json`` for browsers, ``endpoints.json`` for tests and tools."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from emulation.settings import HOST
from infra.constants import PREFIX, WEBSOCKET_STAGE
from kit import sfu
from kit.deploy.context import EMBEDDED, has_media_server
from kit.deploy.resources import Aws, Deployed, MissingResource, Resource
from kit.settings import Settings

#: Names in ``endpoints.json`` -> resource type.
_GROUPS = {
    "tables": "AWS::DynamoDB::Table",
    "queues": "AWS::SQS::Queue",
    "buckets": "AWS::S3::Bucket",
    "topics": "AWS::SNS::Topic",
    "streams": "AWS::Kinesis::Stream",
    "functions": "AWS::Lambda::Function",
}
_PREFIX = re.compile(rf"^{PREFIX}-(?:(?:embedded|compose|aws)-)?")
_SUFFIX = re.compile(r"(?:-\d{12})?(?:-[a-z]{2}-[a-z]+-\d)?$")


@dataclass(frozen=True)
class Apis:
    """Ids of the two APIs."""

    http: str
    websocket: str


def find_apis(aws: Aws, deployed: Deployed) -> Apis:
    """Tell the HTTP API from the WebSocket API by asking API Gateway.

    Raises:
        MissingResource: one of them was not deployed.
    """
    ids = [resource.physical_id for resource in deployed.of_type("AWS::ApiGatewayV2::Api")]
    kinds = {aws.client("apigatewayv2").get_api(ApiId=api)["ProtocolType"]: api for api in ids}
    if set(kinds) != {"HTTP", "WEBSOCKET"}:
        raise MissingResource(f"expected one HTTP and one WEBSOCKET API, got {kinds or 'none'}")
    return Apis(kinds["HTTP"], kinds["WEBSOCKET"])


def short_name(physical_id: str) -> str:
    """Name of a resource without prefix, account and region: ``…/asyncsns-timelines-dlq`` -> ``timelines-dlq``."""
    last = re.split(r"[/:]", physical_id)[-1]
    return _SUFFIX.sub("", _PREFIX.sub("", last))


def named(resources: Iterable[Resource]) -> dict[str, str]:
    """Physical ids (names, queue URLs, topic ARNs) by short name."""
    return {short_name(resource.physical_id): resource.physical_id for resource in resources}


def browser_config(
    settings: Settings, target: str, aws: Aws, deployed: Deployed, vapid_public_key: str | None
) -> dict[str, Any]:
    """The content of ``/config.json`` for the UI. Locally browsers reach AWS APIs by the gateway front (CORS)."""
    apis = find_apis(aws, deployed)
    local = target != "aws"
    gateway = settings.public_url("gateway")
    region = aws.region
    remote_socket = f"wss://{apis.websocket}.execute-api.{region}.amazonaws.com/{WEBSOCKET_STAGE}"
    console = settings.public_url("console")
    return {
        "target": target,
        "region": region,
        "apiBaseUrl": "",
        "realtimeUrl": f"{gateway.replace('http', 'ws', 1)}/_ws/{apis.websocket}/{WEBSOCKET_STAGE}"
        if local
        else remote_socket,
        "webTransport": _web_transport(settings) if target == EMBEDDED else None,
        "sfu": sfu.url(settings) if has_media_server(target, settings) else None,
        "cognito": {
            "endpoint": f"{gateway}/_cognito/" if local else None,
            "identityEndpoint": f"{gateway}/_cognito-identity/" if local else None,
            "userPoolId": deployed.one("AWS::Cognito::UserPool").physical_id,
            "clientId": deployed.one("AWS::Cognito::UserPoolClient").physical_id,
            "identityPoolId": deployed.one("AWS::Cognito::IdentityPool").physical_id,
        },
        "awsEndpoint": gateway if local else None,
        "links": {"mailbox": f"{console}/#mail", "console": console} if local else {},
        "vapidPublicKey": vapid_public_key,
    }


def _web_transport(settings: Settings) -> dict[str, str]:
    """The address of WebTransport sessions, and the one where browsers get the hash of the certificate to trust.

    By number: the server listens on IPv4, and Chromium tries but one address of a name when it speaks QUIC.
    """
    url = settings.public_url("webtransport")
    sessions = url.replace("http:", "https:", 1).replace("//localhost:", f"//{HOST}:", 1)
    return {
        "url": f"{sessions}/{WEBSOCKET_STAGE}",
        "certificateUrl": f"{url}/certificate",
    }


def endpoints(settings: Settings, config: dict[str, Any], aws: Aws, deployed: Deployed) -> dict[str, Any]:
    """``config`` and everything that tests, seed, load and bench need besides."""
    apis = find_apis(aws, deployed)
    distribution = deployed.one("AWS::CloudFront::Distribution").physical_id
    found = aws.client("cloudfront").get_distribution(Id=distribution)["Distribution"]
    local = config["target"] != "aws"
    result: dict[str, Any] = dict(config) | {
        "baseUrl": settings.public_url("edge") if local else f"https://{found['DomainName']}",
        "apis": {"http": apis.http, "websocket": apis.websocket},
        "distribution": {"id": distribution, "domainName": found["DomainName"]},
        "outputs": deployed.outputs,
        **{group: named(deployed.of_type(kind)) for group, kind in _GROUPS.items()},
    }
    if local:
        names = {"edgeUrl": "edge", "gatewayUrl": "gateway", "emulatorUrl": "emulator", "searchUrl": "search"}
        names |= {"consoleUrl": "console", "pushUrl": "push"}
        result |= {key: settings.public_url(name) for key, name in names.items()}
    return result
