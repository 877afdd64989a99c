"""Changes of items, as a DynamoDB stream tells them (view type NEW_AND_OLD_IMAGES)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.common.carriers import header_of_change
from services.common.dynamo import Item, from_attributes
from services.common.lazy_dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """One stream record. ``event_id`` is the same at every delivery; ``old`` or ``new`` may be absent.

    ``trace``: the header of the trace in which it was written. ``sequence``: the record's place in the stream; of two
    changes of one item the later has the greater number.
    """

    event_id: str
    old: Item | None
    new: Item | None
    trace: str = ""
    sequence: str = ""

    @property
    def item(self) -> Item:
        """The newest image there is."""
        return self.new or self.old or {}

    @property
    def kind(self) -> str:
        """The item's ``type`` attribute, or nothing for items that have none (counters, markers)."""
        return str(self.item.get("type", ""))

    def turned(self, attribute: str, value: object) -> int:
        """1 when this change set ``attribute`` to that value, -1 when it removed it, else 0."""
        before = self.old is not None and self.old.get(attribute) == value
        after = self.new is not None and self.new.get(attribute) == value
        return int(after) - int(before)


def partition_of(record: Mapping[str, Any]) -> str:
    """The partition key of the item that a stream record is about."""
    return str(record["dynamodb"]["Keys"]["pk"]["S"])


def change_of(record: Mapping[str, Any]) -> Change:
    """Parse one entry of ``Records`` of a DynamoDB stream event."""
    images = record["dynamodb"]
    old, new = images.get("OldImage"), images.get("NewImage")
    return Change(
        str(record["eventID"]),
        from_attributes(old) if old else None,
        from_attributes(new) if new else None,
        header_of_change(images),
        str(images.get("SequenceNumber", "")),
    )
