"""All queues and all tables as their services describe them, each in one request; AWS has a request for each.

``GET /_asyncsns/queues`` answers ``{"queues": {name: attributes}}``, as GetQueueAttributes has them;
``GET /_asyncsns/tables`` answers ``{"tables": [table]}``, as DescribeTable has them.
"""

from __future__ import annotations

from typing import Any

from emulation.emulator import seams


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
