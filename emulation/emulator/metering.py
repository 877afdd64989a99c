"""Feeds DynamoDB's consumed capacity to the meter, and its partition keys to the counter of keys, while they run."""

from __future__ import annotations

import json
from typing import Any

from emulation.emulator import seams
from emulation.emulator.hot_keys import COUNTED, HOT_KEYS
from emulation.emulator.meter import METER, METERED
from emulation.emulator.query_filters import keys_of


def count_capacity() -> None:
    """Wrap DynamoDB's entry: what it would meter is asked for while the meter runs."""
    service = seams.module("services.dynamodb")
    handle = service.handle_request

    def name_of_key(table: str, index: str) -> str | None:
        keys = keys_of(service, {"TableName": table, "IndexName": index})
        return keys[0] if keys else None

    async def metered(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Any:
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        if HOT_KEYS.running and operation in COUNTED:
            HOT_KEYS.asked(operation, json.loads(body), name_of_key)
        if not METER.running or operation not in METERED:
            return await handle(method, path, headers, body, query)
        request = json.loads(body)
        asking = json.dumps({"ReturnConsumedCapacity": "TOTAL", **request}).encode()
        status, answered, content = await handle(method, path, headers, asking, query)
        if status == 200:
            METER.consumed(operation, request, json.loads(content))
        return status, answered, content

    service.handle_request = metered
