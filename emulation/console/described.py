"""Descriptions of all queues, tables and consumers: one request each where the emulator has it, else one for each
resource."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol

import httpx

_KEPT_SECONDS, _SELDOM_SECONDS = 60.0, 15.0
_CONFIGURATIONS = "list_function_event_invoke_configs"


class Consumers(NamedTuple):
    """ARN of a queue → names of the functions that read it; of those whose failed batches and events it gets."""

    readers: dict[str, list[str]]
    failing: dict[str, list[str]]


class Described(Protocol):
    """``queues``: name → attributes. ``tables``: as DescribeTable answers, by name."""

    def queues(self) -> dict[str, dict[str, str]]: ...
    def tables(self) -> list[dict[str, Any]]: ...
    def consumers(self) -> Consumers: ...


class EmulatorDescribed:
    """Descriptions from an emulator that returns all at once (``emulation/emulator/described.py``)."""

    def __init__(self, http: httpx.Client) -> None:
        """``http``: at the emulator."""
        self._http = http
        self._consumers: tuple[float, Consumers] | None = None

    def queues(self) -> dict[str, dict[str, str]]:
        return dict(self._answer("queues"))

    def tables(self) -> list[dict[str, Any]]:
        return list(self._answer("tables"))

    def consumers(self) -> Consumers:
        """Kept for some seconds: only a deployment changes it."""
        kept = self._consumers
        if kept is None or time.monotonic() - kept[0] > _SELDOM_SECONDS:
            answer = self._asked("consumers")
            kept = self._consumers = time.monotonic(), consumers_of(answer["mappings"], answer["invocations"])
        return kept[1]

    def _answer(self, kind: str) -> Any:
        return self._asked(kind)[kind]

    def _asked(self, kind: str) -> Any:
        answer = self._http.get(f"/_asyncsns/{kind}")
        answer.raise_for_status()
        return answer.json()


class ApiDescribed:
    """Descriptions from the APIs of SQS, DynamoDB and Lambda."""

    def __init__(self, sqs: Any, dynamodb: Any, functions: Any) -> None:
        """``functions``: a client of Lambda."""
        self._sqs = sqs
        self._dynamodb = dynamodb
        self._functions = functions
        self._consumers: tuple[float, Consumers] | None = None

    def queues(self) -> dict[str, dict[str, str]]:
        pages = self._sqs.get_paginator("list_queues").paginate()
        urls = [str(url) for page in pages for url in page.get("QueueUrls", [])]
        read = self._sqs.get_queue_attributes
        return {url.rpartition("/")[2]: read(QueueUrl=url, AttributeNames=["All"])["Attributes"] for url in urls}

    def tables(self) -> list[dict[str, Any]]:
        pages = self._dynamodb.get_paginator("list_tables").paginate()
        names = sorted(str(name) for page in pages for name in page["TableNames"])
        return [self._dynamodb.describe_table(TableName=name)["Table"] for name in names]

    def consumers(self) -> Consumers:
        """Kept for a minute: there is a request for each function, and only a deployment changes it."""
        kept = self._consumers
        if kept is None or time.monotonic() - kept[0] > _KEPT_SECONDS:
            names = [one["FunctionName"] for one in self._pages("list_functions", "Functions")]
            mappings = self._pages("list_event_source_mappings", "EventSourceMappings")
            configured = [self._pages(_CONFIGURATIONS, "FunctionEventInvokeConfigs", FunctionName=one) for one in names]
            kept = self._consumers = (
                time.monotonic(),
                consumers_of(mappings, [one for row in configured for one in row]),
            )
        return kept[1]

    def _pages(self, operation: str, key: str, **query: str) -> list[dict[str, Any]]:
        return [one for page in self._functions.get_paginator(operation).paginate(**query) for one in page[key]]


def consumers_of(mappings: Iterable[dict[str, Any]], configurations: Iterable[dict[str, Any]]) -> Consumers:
    """From event source mappings and configurations of asynchronous invocations, as Lambda's API has them."""
    mappings = list(mappings)
    readers: dict[str, set[str]] = {}
    failing: dict[str, set[str]] = {}
    for one in mappings:
        readers.setdefault(str(one.get("EventSourceArn")), set()).add(_function(one))
    for one in [*mappings, *configurations]:
        if destination := ((one.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination"):
            failing.setdefault(destination, set()).add(_function(one))
    return Consumers(*({arn: sorted(names) for arn, names in found.items()} for found in (readers, failing)))


def _function(one: dict[str, Any]) -> str:
    """Its name, from an ARN that may end with a version."""
    return str(one["FunctionArn"]).split(":")[6]
