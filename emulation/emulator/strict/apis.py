"""Rules of API Gateway: the role for its logs, and the timeout of integrations."""

from __future__ import annotations

from collections.abc import Iterator

from emulation.emulator.strict.refused import Account, Properties, Refused

INVALID = "BadRequestException"
NO_ROLE = Refused(INVALID, "CloudWatch Logs role ARN must be set in account settings to enable logging")
LEAST_MS = 50
#: By protocol; REST APIs have the time of WebSocket APIs until their quota is raised.
MOST_MS = {"HTTP": 30_000, "WEBSOCKET": 29_000, "REST": 29_000}


def stage(properties: Properties, account: Account) -> Iterator[Refused]:
    """``AWS::ApiGatewayV2::Stage``. HTTP APIs need no role: the caller who makes the stage has the rights.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
    """
    if account.api_protocol(str(properties.get("ApiId", ""))) != "WEBSOCKET" or account.log_role():
        return
    settings = [properties.get("DefaultRouteSettings") or {}, *(properties.get("RouteSettings") or {}).values()]
    access = (properties.get("AccessLogSettings") or {}).get("DestinationArn")
    if access or any(_logs(one) for one in settings):
        yield NO_ROLE


def rest_stage(properties: Properties, account: Account) -> Iterator[Refused]:
    """``AWS::ApiGateway::Stage``; the same document."""
    access = (properties.get("AccessLogSetting") or {}).get("DestinationArn")
    if not account.log_role() and (access or any(_logs(one) for one in properties.get("MethodSettings") or ())):
        yield NO_ROLE


def _logs(settings: Properties) -> bool:
    return settings.get("LoggingLevel", "OFF") != "OFF" or str(settings.get("DataTraceEnabled", "")).lower() == "true"


def integration(properties: Properties, account: Account) -> Iterator[Refused]:
    """``AWS::ApiGatewayV2::Integration``: 30 seconds over HTTP, 29 over sockets.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html,
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
    """
    protocol = account.api_protocol(str(properties.get("ApiId", ""))) or "HTTP"
    yield from _time(properties.get("TimeoutInMillis"), MOST_MS[protocol])


def method(properties: Properties, account: Account) -> Iterator[Refused]:
    """``AWS::ApiGateway::Method``.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
    """
    yield from _time((properties.get("Integration") or {}).get("TimeoutInMillis"), MOST_MS["REST"])


def _time(wanted: object, most: int) -> Iterator[Refused]:
    if wanted is not None and not LEAST_MS <= int(str(wanted)) <= most:
        yield Refused(INVALID, f"Timeout should be between {LEAST_MS} ms and {most} ms")
