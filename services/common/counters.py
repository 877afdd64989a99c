"""Counters as projections: however often a stream record is delivered, it counts once.

Each record writes a marker ``SEEN#<eventID>`` in the transaction that changes its counters. The marker outlives the
time in which a record can be delivered again: 24 h in the stream, then up to 14 days in a dead-letter queue.
"""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from services.common.clock import epoch_in
from services.common.dynamo import cancellation_codes, transact
from services.common.lazy_dataclasses import dataclass

_MARKER_DAYS = 16
#: Records per transaction: each brings a marker and up to three counters, and a transaction holds 100 items.
_CHUNK = 24
_ATTEMPTS = 6

Key = tuple[str, str]


@dataclass(frozen=True)
class Delta:
    """Add ``amount`` to ``attribute`` of the item ``key`` (``(pk, sk)``) because of the record ``event_id``."""

    event_id: str
    key: Key
    attribute: str
    amount: int


def apply(table_name: str, deltas: Iterable[Delta]) -> None:
    """Count; deltas of a record that was counted before are left out.

    Raises:
        RuntimeError: other writers changed the counters in every attempt; the records are delivered again.
    """
    by_record: dict[str, list[Delta]] = defaultdict(list)
    for delta in deltas:
        if delta.amount:
            by_record[delta.event_id].append(delta)
    records = list(by_record)
    for start in range(0, len(records), _CHUNK):
        _apply_chunk(table_name, {one: by_record[one] for one in records[start : start + _CHUNK]})


def _apply_chunk(table_name: str, records: dict[str, list[Delta]]) -> None:
    for attempt in range(_ATTEMPTS):
        if not records:
            return
        markers = [_marker(table_name, event_id) for event_id in records]
        try:
            transact([*markers, *_updates(table_name, records)])
            return
        except ClientError as error:
            codes = cancellation_codes(error)
            if not codes:
                raise
            seen = {one for one, code in zip(list(records), codes, strict=False) if code == "ConditionalCheckFailed"}
            records = {one: deltas for one, deltas in records.items() if one not in seen}
            if not seen:
                time.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - jitter between competing writers
    raise RuntimeError(f"the counters of {len(records)} records were held by others in {_ATTEMPTS} attempts")


def _marker(table_name: str, event_id: str) -> Mapping[str, Any]:
    item = {"pk": f"SEEN#{event_id}", "sk": "SEEN", "ttl": epoch_in(days=_MARKER_DAYS)}
    return {"Put": {"TableName": table_name, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}}


def _updates(table_name: str, records: Mapping[str, Sequence[Delta]]) -> list[Mapping[str, Any]]:
    sums: dict[Key, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for deltas in records.values():
        for delta in deltas:
            sums[delta.key][delta.attribute] += delta.amount
    updates: list[Mapping[str, Any]] = []
    for (pk, sk), amounts in sums.items():
        moved = {name: amount for name, amount in amounts.items() if amount}
        if not moved:
            continue
        # By number: an attribute may be named as no placeholder can, for example by an emoji.
        numbered = list(enumerate(moved.items()))
        updates.append(
            {
                "Update": {
                    "TableName": table_name,
                    "Key": {"pk": pk, "sk": sk},
                    "UpdateExpression": "ADD " + ", ".join(f"#n{number} :n{number}" for number, _ in numbered),
                    "ExpressionAttributeNames": {f"#n{number}": name for number, (name, _) in numbered},
                    "ExpressionAttributeValues": {f":n{number}": amount for number, (_, amount) in numbered},
                }
            }
        )
    return updates
