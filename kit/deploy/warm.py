"""First invocations, so that the first visitor does not pay for cold starts."""

from __future__ import annotations

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from infra.constants import ORIGIN_HEADER, ORIGIN_SECRET
from kit.deploy.resources import Aws, Deployed, Resource

_WORKERS = 2


def api_functions(aws: Aws, api: str) -> set[str]:
    """Names of the functions behind an HTTP API's integrations."""
    pages = aws.client("apigatewayv2").get_integrations(ApiId=api).get("Items", [])
    uris = [row.get("IntegrationUri", "") for row in pages]
    return {uri.split(":function:")[1].split("/")[0].split(":")[0] for uri in uris if ":function:" in uri}


def probe_event(function: str, secret: str) -> dict[str, object]:
    """A request for a path that no route has (payload format 2.0): the whole stack is loaded, nothing happens.
    ``secret`` is the one that CloudFront sends.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """
    path = "/v1/_warm"
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "localhost", "user-agent": f"warm-{function}", ORIGIN_HEADER: secret},
        "requestContext": {
            "http": {"method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": ""},
            "requestId": "warm",
            "routeKey": "$default",
            "stage": "$default",
        },
        "isBase64Encoded": False,
    }


def warm(aws: Aws, deployed: Deployed, api: str) -> int:
    """Invoke each function once with an event that changes nothing; returns how many answered without an error."""
    behind_api = api_functions(aws, api)
    client, secret = aws.client("lambda"), _origin_secret(aws)

    def call(function: Resource) -> bool:
        name = function.physical_id
        event = probe_event(name, secret) if name in behind_api else {"Records": []}
        answer = client.invoke(FunctionName=name, Payload=json.dumps(event).encode())
        return "FunctionError" not in answer

    functions = [f for f in deployed.of_type("AWS::Lambda::Function") if not _is_custom_resource(f)]
    return _count(call, functions)


def _origin_secret(aws: Aws) -> str:
    return str(aws.client("secretsmanager").get_secret_value(SecretId=ORIGIN_SECRET)["SecretString"])


def _is_custom_resource(function: Resource) -> bool:
    """Functions that the CDK adds for its own custom resources."""
    return "CustomResource" in function.logical_id or "Provider" in function.logical_id


def _count(call: object, functions: Iterable[Resource]) -> int:
    assert callable(call)
    with ThreadPoolExecutor(max_workers=_WORKERS) as pool:
        return sum(pool.map(call, functions))
