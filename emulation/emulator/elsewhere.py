"""Invokes functions and publishes to topics at another endpoint, for callers that are deployed here (HTTP and WebSocket
APIs, triggers of user pools, alarms).

For LocalStack's companion (``emulation/localstack``): LocalStack has the functions and topics, this emulator their
callers.
"""

from __future__ import annotations

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from emulation.emulator import seams
from emulation.settings import ACCOUNT, REGION
from emulation.signature import Credentials

log = logging.getLogger("emulator.elsewhere")

#: As the runtime of a function: it has no code here.
_RUNTIME = "elsewhere"
#: A synchronous invocation lasts at most as long as the longest function timeout, 15 minutes.
_SECONDS = 910
_CONNECTIONS = 100


def invoke_elsewhere(url: str, credentials: Credentials) -> None:
    """Invoke every function at ``url``, never one that is deployed here."""
    service = seams.module("services.lambda_svc")
    execute = service._execute_function
    client = _client("lambda", url, credentials)

    def record_of(function_ref: str) -> tuple[dict[str, Any] | None, dict[str, Any] | None, str]:
        name, qualifier = service._resolve_name_and_qualifier(function_ref)
        arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
        config = {
            "FunctionName": name,
            "FunctionArn": f"{arn}:{qualifier}" if qualifier else arn,
            "Runtime": _RUNTIME,
        }
        return {"config": config}, config, name

    def execute_there(func: dict[str, Any], event: Any) -> Any:
        config = func.get("config") or func
        if config.get("Runtime") != _RUNTIME:
            return execute(func, event)
        return _invoke(client, config["FunctionArn"], event)

    service._get_func_record_for_ref = record_of
    service._execute_function = execute_there


def publish_elsewhere(url: str, credentials: Credentials) -> None:
    """Publish an alarm's message at ``url``, where its topic is: outside of the event loop, one after the other."""
    client, publishing = _client("sns", url, credentials), ThreadPoolExecutor(1, "alarm-actions")

    def fan_out(topic_arn: str, _message_id: str, message: str, subject: str, *_: Any) -> None:
        publishing.submit(_publish, client, topic_arn, message, subject)

    seams.module("services.sns")._fanout = fan_out


def _publish(client: Any, topic_arn: str, message: str, subject: str) -> None:
    try:
        client.publish(TopicArn=topic_arn, Message=message, Subject=subject)
    except (ClientError, BotoCoreError) as error:
        log.error("%s: the message of an alarm was not published: %s", topic_arn, error)


def _client(service: str, url: str, credentials: Credentials) -> Any:
    once = Config(
        retries={"max_attempts": 0},
        read_timeout=_SECONDS,
        max_pool_connections=_CONNECTIONS,
        parameter_validation=False,
    )
    session: Any = boto3.Session(**credentials.for_boto3(), region_name=REGION)
    return session.client(service, endpoint_url=url, config=once)


def _invoke(client: Any, arn: str, event: Any) -> dict[str, Any]:
    """As MiniStack's ``_execute_function`` answers: ``body``, ``log``, and ``error`` or ``throttle``."""
    try:
        answer = client.invoke(FunctionName=arn, Payload=json.dumps(event))
    except ClientError as error:
        body = {"errorType": error.response["Error"]["Code"], "errorMessage": str(error)}
        throttled = error.response["ResponseMetadata"]["HTTPStatusCode"] == 429
        return {"body": body, "log": "", "error": True, **({"throttle": True} if throttled else {})}
    except BotoCoreError as error:
        return {"body": {"errorType": type(error).__name__, "errorMessage": str(error)}, "log": "", "error": True}
    body = json.loads(answer["Payload"].read() or b"null")
    return {"body": body, "log": "", **({"error": True} if answer.get("FunctionError") else {})}
