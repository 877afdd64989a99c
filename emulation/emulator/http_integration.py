"""Events and responses of HTTP APIs with Lambda functions in MiniStack's gateway: ``emulation/aws/payload.py``, and
``payload_one.py`` for integrations with format 1.0.

MiniStack sends no cookies, reveals the function's error to the client, and drops the connection for a response that
HTTP cannot carry. Here a function that fails or returns something malformed gives a plain 500, and one without free
concurrency 503. Source: "Create AWS Lambda proxy integrations for HTTP APIs in API Gateway",
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

import base64
import logging
import os
from collections.abc import Callable
from typing import Any

from emulation.aws import payload, payload_one
from emulation.aws.payload import Answer, MalformedAnswerError
from emulation.emulator import seams

log = logging.getLogger("emulation.emulator")

_THROTTLED = b'{"message":"Service Unavailable"}'
_JSON = [("content-type", "application/json")]
#: What MiniStack's gateway expects: status, headers (a list where a name repeats), body.
Reply = tuple[int, dict[str, Any], bytes]


def answer_as_api_gateway() -> None:
    """Replace MiniStack's Lambda proxy integration."""
    gateway, functions = seams.module("services.apigateway"), seams.module("services.lambda_svc")

    async def invoke(
        integration: dict[str, Any], api_id: str, stage: str, path: str, method: str, headers: dict[str, str],
        body: bytes, query: dict[str, list[str]], route_key: str = "$default", path_parameters: Any = None, *,
        owner_account_id: str = "", owner_region: str = "", raw_query_string: str | None = None, **authorized: Any,
    ) -> Reply:  # fmt: skip
        reference = gateway._extract_lambda_ref_from_integration_uri(integration.get("integrationUri", ""))
        function, config, _ = functions._get_func_record_for_ref_in_scope(
            reference, account_id=owner_account_id, region=owner_region
        )
        if function is None or config is None:
            log.warning("the integration of API %s names no function: %r", api_id, reference)
            return _reply(payload.failed())
        request_id = base64.b64encode(os.urandom(11)).decode()
        call = payload.Call(
            owner_account_id, api_id, f"{api_id}.execute-api.{gateway._HOST}", stage, route_key, method, path,
            gateway._raw_query_string(query, raw_query_string), query or {}, headers, body, request_id,
            path_parameters, gateway._get_stage_variables(api_id, stage), _authorizer(gateway, **authorized),
        )  # fmt: skip
        form = payload_one if integration.get("payloadFormatVersion") == "1.0" else payload
        record = functions._execution_record_for_config(function, config)
        result = await gateway.run_reentrant(
            functions._execute_function_with_config_scope, record, form.event(call), thread_name="http-api"
        )
        status, answered, content = _reply(answer_of(result, config.get("FunctionName", ""), form.answer))
        return status, {**answered, "apigw-requestid": request_id}, content

    gateway._invoke_lambda_proxy = invoke


def answer_as_rest_api() -> None:
    """Make REST APIs answer 502 with AWS's own message when a function fails or returns something malformed.

    Source: "Handle Lambda errors in API Gateway" and "Output format of a Lambda function for proxy integration",
    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
    """
    gateway = seams.module("services.apigateway_v1")
    respond = gateway._lambda_proxy_response

    def response(result: dict[str, Any]) -> tuple[Any, str | None]:
        given = result.get("body")
        if result.get("throttle"):
            return respond(result)  # type: ignore[no-any-return]
        try:
            if result.get("error") or not isinstance(given, dict):
                raise MalformedAnswerError("a function that failed, or no object")
            checked = {name: value for name, value in given.items() if name not in ("isBase64Encoded", "cookies")}
            status = payload.answer({"statusCode": 200, **checked}).status
        except MalformedAnswerError as error:
            log.warning("malformed answer to a REST API: %s", error)
            return None, "Internal server error"
        return respond({**result, "body": {**given, "statusCode": status}})  # type: ignore[no-any-return]

    gateway._lambda_proxy_response = response


def answer_of(result: dict[str, Any], function: str, answer: Callable[[Any], Answer] = payload.answer) -> Answer:
    """The client's answer to what MiniStack's ``_execute_function`` gives: ``body``, ``error``, ``throttle``."""
    if result.get("throttle"):
        return Answer(503, list(_JSON), _THROTTLED)
    if result.get("error"):
        return payload.failed()
    try:
        return answer(result.get("body"))
    except MalformedAnswerError as error:
        log.warning("%s gave a malformed answer: %s", function, error)
        return payload.failed()


def _authorizer(
    gateway: Any, authorizer_claims: Any = None, authorizer_scopes: Any = None,
    authorizer_lambda_context: Any = None, authorizer_iam: Any = None,
) -> dict[str, Any] | None:  # fmt: skip
    if authorizer_claims is not None:
        claims = {name: gateway._jwt_claim_to_string(value) for name, value in authorizer_claims.items()}
        return {"jwt": {"claims": claims, "scopes": authorizer_scopes or None}}
    if authorizer_lambda_context is not None:
        return {"lambda": authorizer_lambda_context}
    return None if authorizer_iam is None else {"iam": authorizer_iam}


def _reply(answer: Answer) -> Reply:
    headers: dict[str, Any] = {}
    for name, value in answer.headers:
        name = name.lower()
        if name == "set-cookie":
            headers.setdefault(name, []).append(value)
        elif name in headers:
            headers[name] = f"{headers[name]}, {value}"
        else:
            headers[name] = value
    return answer.status, headers, answer.body
