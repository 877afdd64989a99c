"""DynamoDB in the journal: stored and removed items, and the records of streams."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulation.emulator import seams, sequences
from emulation.emulator.journal import Journal


def record(journal: Journal, replaced: Callable[[], None]) -> None:
    """From now on every stored or removed item and every stream record goes into ``journal``.

    ``replaced`` is called when a table's items were swapped as a whole: that takes a snapshot.
    """
    dynamodb = seams.module("services.dynamodb")
    set_item, remove_item = dynamodb._set_item, dynamodb._remove_item
    emit, swap = dynamodb._emit_stream_event, dynamodb._items_replaced

    def set_and_note(table: dict[str, Any], pk_val: Any, sk_val: Any, item: dict[str, Any]) -> Any:
        old = set_item(table, pk_val, sk_val, item)
        journal.add(["set", table["TableArn"], pk_val, sk_val, item])
        return old

    def remove_and_note(table: dict[str, Any], pk_val: Any, sk_val: Any) -> Any:
        old = remove_item(table, pk_val, sk_val)
        if old is not None:
            journal.add(["remove", table["TableArn"], pk_val, sk_val])
        return old

    def emit_and_note(table_name: str, *arguments: Any, **named: Any) -> None:
        before = len(dynamodb._stream_records.get(table_name) or ())
        emit(table_name, *arguments, **named)
        records = dynamodb._stream_records.get(table_name) or []
        if len(records) > before:
            journal.add(["record", dynamodb._tables.get(table_name)["TableArn"], records[-1]])

    def swap_and_tell(table: dict[str, Any]) -> None:
        swap(table)
        replaced()

    dynamodb._set_item, dynamodb._remove_item = set_and_note, remove_and_note
    dynamodb._emit_stream_event, dynamodb._items_replaced = emit_and_note, swap_and_tell


class ItemReplay:
    """Must run before ``record``. Writes that the snapshot has already are done twice, with the same end."""

    KINDS = frozenset({"set", "remove", "record"})

    def __init__(self) -> None:
        self._dynamodb = seams.module("services.dynamodb")

    def again(self, entry: list[Any]) -> None:
        kind, arn = entry[0], entry[1]
        account, region, name = arn.split(":")[4], arn.split(":")[3], arn.partition("/")[2]
        table = self._dynamodb._tables.get_scoped(account, region, name)
        if table is None:
            return  # deleted later; the snapshot knows
        if kind == "set":
            self._dynamodb._set_item(table, entry[2], entry[3], entry[4])
        elif kind == "remove":
            self._dynamodb._remove_item(table, entry[2], entry[3])
        else:
            self._append((account, region, name), entry[2])

    def _append(self, scope: tuple[str, str, str], record: dict[str, Any]) -> None:
        records = self._dynamodb._stream_records._data.setdefault(scope, [])
        sequence = record["dynamodb"]["SequenceNumber"]
        sequences.ITEMS.seen(sequence)
        if not records or records[-1]["dynamodb"]["SequenceNumber"] < sequence:
            records.append(record)

    def finish(self) -> None:
        for records in self._dynamodb._stream_records._data.values():
            for record in records[-1:]:
                sequences.ITEMS.seen(record["dynamodb"]["SequenceNumber"])
