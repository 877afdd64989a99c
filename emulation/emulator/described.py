"""All queues, all tables and all consumers of queues as their services describe them, each in one request; AWS has a
request for each.

``GET /_asyncsns/queues`` answers ``{"queues": {name: attributes}}``, as GetQueueAttributes has them;
``GET /_asyncsns/tables`` answers ``{"tables": [table]}``, as DescribeTable has them;
``GET /_asyncsns/consumers`` answers ``{"mappings": [mapping], "invocations": [configuration]}``, as
ListEventSourceMappings and ListFunctionEventInvokeConfigs have them, without times.
"""

from __future__ import annotations

from typing import Any

from emulation.emulator import seams

_OF_CONSUMERS = ("FunctionArn", "EventSourceArn", "DestinationConfig")


def queues() -> dict[str, dict[str, str]]:
    """With the counts of now."""
    sqs = seams.module("services.sqs")
    found = {}
    for queue in sqs._queues.values():
        sqs._refresh_counts(queue)
        found[str(queue["name"])] = dict(queue["attributes"])
    return found


def tables() -> list[dict[str, Any]]:
    """Descriptions of all tables, by name."""
    dynamodb = seams.module("services.dynamodb")
    return [dynamodb._table_description(name) for name in sorted(dynamodb._tables.keys())]


def consumers() -> dict[str, list[dict[str, Any]]]:
    """Which function reads which source, and where failed batches and events of each function go."""
    functions = seams.module("services.lambda_svc")
    configurations = [
        one
        for function in list(functions._functions.values())
        for one in list((function.get("event_invoke_configs") or {}).values())
    ]
    return {
        "mappings": [_without_times(one) for one in list(functions._esms.values())],
        "invocations": [_without_times(one) for one in configurations],
    }


def _without_times(one: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in one.items() if name in _OF_CONSUMERS}
