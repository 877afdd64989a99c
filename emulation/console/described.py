"""Descriptions of all queues and all tables: one request each where the emulator has it, else one for each resource."""

from __future__ import annotations

from typing import Any, Protocol

import httpx


class Described(Protocol):
    """``queues``: name → attributes. ``tables``: as DescribeTable answers, by name."""

    def queues(self) -> dict[str, dict[str, str]]: ...
    def tables(self) -> list[dict[str, Any]]: ...


class EmulatorDescribed:
    """Descriptions from an emulator that returns all at once (``emulation/emulator/described.py``)."""

    def __init__(self, http: httpx.Client) -> None:
        """``http``: at the emulator."""
        self._http = http

    def queues(self) -> dict[str, dict[str, str]]:
        return dict(self._answer("queues"))

    def tables(self) -> list[dict[str, Any]]:
        return list(self._answer("tables"))

    def _answer(self, kind: str) -> Any:
        answer = self._http.get(f"/_asyncsns/{kind}")
        answer.raise_for_status()
        return answer.json()[kind]


class ApiDescribed:
    """Descriptions from the APIs of SQS and DynamoDB."""

    def __init__(self, sqs: Any, dynamodb: Any) -> None:
        self._sqs = sqs
        self._dynamodb = dynamodb

    def queues(self) -> dict[str, dict[str, str]]:
        pages = self._sqs.get_paginator("list_queues").paginate()
        urls = [str(url) for page in pages for url in page.get("QueueUrls", [])]
        read = self._sqs.get_queue_attributes
        return {url.rpartition("/")[2]: read(QueueUrl=url, AttributeNames=["All"])["Attributes"] for url in urls}

    def tables(self) -> list[dict[str, Any]]:
        pages = self._dynamodb.get_paginator("list_tables").paginate()
        names = sorted(str(name) for page in pages for name in page["TableNames"])
        return [self._dynamodb.describe_table(TableName=name)["Table"] for name in names]
