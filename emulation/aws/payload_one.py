"""Payload format 1.0 between an HTTP API and its Lambda function, as REST APIs have it: values once and as lists.

Source: "Create AWS Lambda proxy integrations for HTTP APIs in API Gateway", sections "Payload format structure" and
"Lambda function response for format 1.0",
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

from typing import Any

from emulation.aws import payload
from emulation.aws.payload import Answer, Call, MalformedAnswerError


def event(call: Call) -> dict[str, Any]:
    """The event of a request. Absent parts are null; cookies are a header like others."""
    second = payload.event(call)
    context, http = second["requestContext"], second["requestContext"]["http"]
    resource = call.route_key.partition(" ")[2] or call.route_key
    return {
        "version": "1.0",
        "resource": resource,
        "path": call.path,
        "httpMethod": call.method,
        "headers": dict(call.headers),
        "multiValueHeaders": {name: [value] for name, value in call.headers.items()},
        "queryStringParameters": {name: values[-1] for name, values in call.query.items()} or None,
        "multiValueQueryStringParameters": {name: list(values) for name, values in call.query.items()} or None,
        "requestContext": {
            "accountId": context["accountId"],
            "apiId": context["apiId"],
            "authorizer": _authorizer(call),
            "domainName": context["domainName"],
            "domainPrefix": context["domainPrefix"],
            "extendedRequestId": call.request_id,
            "httpMethod": call.method,
            "identity": {"sourceIp": http["sourceIp"], "userAgent": http["userAgent"]},
            "path": call.path,
            "protocol": http["protocol"],
            "requestId": call.request_id,
            "requestTime": context["time"],
            "requestTimeEpoch": context["timeEpoch"],
            "resourceId": call.route_key,
            "resourcePath": resource,
            "stage": call.stage,
        },
        "pathParameters": second.get("pathParameters"),
        "stageVariables": second.get("stageVariables"),
        "body": second.get("body"),
        "isBase64Encoded": second["isBase64Encoded"],
    }


def _authorizer(call: Call) -> dict[str, Any]:
    """Claims of a token are where REST APIs have them; the context of a Lambda authorizer is flat."""
    given = call.authorizer or {}
    token = given.get("jwt") or {}
    return {"claims": token.get("claims"), "scopes": token.get("scopes"), **(given.get("lambda") or {})}


def answer(result: Any) -> Answer:
    """The HTTP response for a function's result; where a header is in both, the lists count.

    Raises:
        MalformedAnswerError: no ``statusCode``, or as for format 2.0.
    """
    if not isinstance(result, dict) or "statusCode" not in result:
        raise MalformedAnswerError(f"expected an object with statusCode, got {type(result).__name__}")
    lists = result.get("multiValueHeaders") or {}
    if not isinstance(lists, dict) or not all(isinstance(one, list) for one in lists.values()):
        raise MalformedAnswerError("multiValueHeaders: expected an object of lists")
    several = [(name, value) for name, values in lists.items() for value in payload.headers_of(name, values)]
    single = result.get("headers")
    if isinstance(single, dict):
        names = {name.lower() for name in lists}
        single = {name: value for name, value in single.items() if name.lower() not in names}
    made = payload.answer({**result, "headers": single, "cookies": None})
    typed = any(name.lower() == "content-type" for name in lists)
    kept = [pair for pair in made.headers if not (typed and pair[0].lower() == "content-type")]
    return Answer(made.status, [*kept, *several], made.body)
