"""Validates inputs of Kinesis, CloudWatch Logs, EventBridge, Parameter Store and Secrets Manager; MiniStack does not.

Sources: the service models in botocore (lengths, ranges, patterns), and where a rule is about several fields:
https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetShardIterator.html, …/API_PutRecord.html,
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html,
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html,
…/API_PutRule.html, https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html,
https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html,
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html;
"Setting a schedule pattern for scheduled rules (legacy) in Amazon EventBridge"
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from itertools import pairwise
from typing import Any

from emulation.emulator import seams
from emulation.emulator.service_model import Inputs

#: Code, message, status.
Refusal = tuple[str, str, int]
Rule = Callable[[str, Mapping[str, Any]], Refusal | None]
Handle = Callable[..., Awaitable[Any]]
_DAY_MS = 24 * 60 * 60 * 1000
_HASH_KEYS = 1 << 128
_RATE = re.compile(r"rate\((1 (minute|hour|day)|(?!1 )[1-9][0-9]* (minutes|hours|days))\)")
_SECRET_NAME = re.compile(r"[A-Za-z0-9/_+=.@!-]+")
_STANDARD_BYTES, _ADVANCED_BYTES = 4_096, 8_192


def validate() -> None:
    """Check requests in JSON before MiniStack acts. CBOR, which the AWS SDK for Java speaks to Kinesis, is not looked
    at."""
    # Sequence numbers of this emulator begin with zeros.
    kinesis = Inputs("kinesis", {"SequenceNumber": "[0-9]{1,129}"})
    _check("kinesis", kinesis, "ValidationException", kinesis_problem)
    _check("cloudwatch_logs", Inputs("logs"), "InvalidParameterException", logs_problem)
    _check("eventbridge", Inputs("events"), "ValidationException", events_problem)
    _check("ssm", Inputs("ssm"), "ValidationException", parameters_problem)
    _check("secretsmanager", Inputs("secretsmanager"), "ValidationException", secrets_problem)


def _check(name: str, inputs: Inputs, code: str, rule: Rule) -> None:
    service = seams.module(f"services.{name}")
    handle: Handle = service.handle_request

    async def handle_valid(method: str, path: str, headers: Mapping[str, str], body: bytes, query_params: Any) -> Any:
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        data = None if "cbor" in headers.get("content-type", "") else _object(body)
        if action and data is not None:
            refused = inputs.refusal(action, data, code) or rule(action, data)
            if refused:
                return service.error_response_json(*refused)
        return await handle(method, path, headers, body, query_params)

    service.handle_request = handle_valid


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        data = json.loads(body) if body else {}
    except ValueError:
        return None
    return data if isinstance(data, dict) else None


def kinesis_problem(action: str, data: Mapping[str, Any]) -> Refusal | None:
    if action == "GetShardIterator":
        kind = data["ShardIteratorType"]
        field = "Timestamp" if kind == "AT_TIMESTAMP" else "StartingSequenceNumber"
        if (kind == "AT_TIMESTAMP" or kind.endswith("SEQUENCE_NUMBER")) and data.get(field) is None:
            return "InvalidArgumentException", f"Must specify {field} parameter for iterator type {kind}.", 400
    records = data["Records"] if action == "PutRecords" else [data] if action == "PutRecord" else []
    for record in records:
        key = record.get("ExplicitHashKey")
        if key is not None and int(key) >= _HASH_KEYS:
            text = "ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was"
            return "InvalidArgumentException", f"Invalid ExplicitHashKey. {text} {key}", 400
    return None


def logs_problem(action: str, data: Mapping[str, Any]) -> Refusal | None:
    if action == "DescribeLogStreams" and data.get("orderBy") == "LastEventTime" and data.get("logStreamNamePrefix"):
        return "InvalidParameterException", "Cannot order by LastEventTime with a logStreamNamePrefix.", 400
    if action != "PutLogEvents":
        return None
    times = [one["timestamp"] for one in data["logEvents"]]
    if any(later < earlier for earlier, later in pairwise(times)):
        text = "Log events in a single PutLogEvents request must be in chronological order."
    elif times[-1] - times[0] > _DAY_MS:
        text = "The batch of log events in a single PutLogEvents request cannot span more than 24 hours."
    else:
        return None
    return "InvalidParameterException", text, 400


def events_problem(action: str, data: Mapping[str, Any]) -> Refusal | None:
    """A rule has a pattern or a schedule; a rate of 1 has its unit in the singular, others in the plural."""
    if action != "PutRule":
        return None
    schedule = data.get("ScheduleExpression") or ""
    if not schedule and not data.get("EventPattern"):
        text = "Parameter(s) EventPattern or ScheduleExpression must be specified."
    elif schedule.startswith("rate(") and not _RATE.fullmatch(schedule):
        text = "Parameter ScheduleExpression is not valid."
    else:
        return None
    return "ValidationException", text, 400


def parameters_problem(action: str, data: Mapping[str, Any]) -> Refusal | None:
    most = _ADVANCED_BYTES if data.get("Tier") in ("Advanced", "Intelligent-Tiering") else _STANDARD_BYTES
    if action != "PutParameter" or len(data["Value"].encode()) <= most:
        return None
    text = f"{data.get('Tier') or 'Standard'} tier parameters support a maximum parameter value of {most} characters."
    return "ValidationException", text, 400


def secrets_problem(action: str, data: Mapping[str, Any]) -> Refusal | None:
    if data.get("SecretString") is not None and data.get("SecretBinary") is not None:
        text = "You can't specify both a binary secret value and a string secret value in the same secret."
        return "InvalidParameterException", text, 400
    if action == "CreateSecret" and not _SECRET_NAME.fullmatch(data["Name"]):
        text = (
            "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!"
        )
        return "ValidationException", text, 400
    return None


def fail_malformed_events() -> None:
    """PutEvents: invalid entries fail, each with its reason; the others are published."""
    events = seams.module("services.eventbridge")
    put = events._put_events

    def put_events(data: dict[str, Any], allow_aws_source: bool = False) -> Any:
        entries = data.get("Entries", [])
        faults = [event_problem(one) for one in entries]
        good = [one for one, fault in zip(entries, faults, strict=True) if fault is None]
        status, headers, body = put({**data, "Entries": good}, allow_aws_source)
        if status != 200 or len(good) == len(entries):
            return status, headers, body
        answer = json.loads(body)
        results = iter(answer["Entries"])
        answer["Entries"] = [fault or next(results) for fault in faults]
        answer["FailedEntryCount"] += len(entries) - len(good)
        return status, headers, json.dumps(answer).encode()

    events._put_events = put_events


def event_problem(entry: Mapping[str, Any]) -> dict[str, str] | None:
    """``ErrorCode`` and ``ErrorMessage`` of an entry that is no event."""
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            text = f"Parameter {name} is not valid. Reason: {name} is a required argument."
            return {"ErrorCode": "InvalidArgument", "ErrorMessage": text}
    try:
        detail = json.loads(entry["Detail"])
    except (TypeError, ValueError):
        detail = None
    if not isinstance(detail, dict):
        return {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
    return None
