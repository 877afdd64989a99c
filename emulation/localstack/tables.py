"""``python -m emulation.localstack.tables -H HOST -p PORT``: moto as a server, in the place of DynamoDB Local.

moto lists every object that it ever made, for its dashboard: each item and each record of a stream would stay in memory
(2 GB after eight minutes of seed and bench). Here the lists keep nothing.

moto answers 500 where a condition asks for the ``size`` of an attribute that an item lacks; in DynamoDB a comparison
with a missing attribute is false (Amazon DynamoDB Developer Guide, "Comparison operator and function reference").

moto answers requests in threads and has no lock: it answers 500 where one request changes a dictionary that another
reads. Before each transaction it copies every table that the transaction names, and a cancelled transaction puts the
copies back, without what others wrote meanwhile. Here a request waits for the one before, and a cancelled transaction
puts back its own items only.
"""

from __future__ import annotations

import copy
import sys
import threading
from collections import deque
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

# Their classes are listed once these are loaded.
import moto.dynamodb.models
import moto.dynamodbstreams.models
from moto.core.model_instances import model_data
from moto.dynamodb.comparisons import FuncSize
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler
from moto.dynamodbstreams.responses import DynamoDBStreamsHandler
from moto.server import main

from emulation.private import keep_private


def keep_no_lists() -> None:
    """Every class has a list of its own."""
    for classes in model_data.values():
        for one in classes.values():
            one.instances_tracked = deque(maxlen=0)


class SizeOfNothing:
    """Neither equal to, nor below, nor above any number."""

    def _is_not(self, other: object) -> bool:
        return False

    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = _is_not
    __hash__ = object.__hash__


def give_missing_attributes_no_size() -> None:
    """For all conditions and filters from now on."""
    size: Any = FuncSize
    of_existing = size.expr

    def size_of(function: Any, item: Any) -> Any:
        return SizeOfNothing() if function.attr.get_type(item) is None else of_existing(function, item)

    size.expr = size_of


def answer_one_request_at_a_time() -> None:
    """A request is received whole before it waits for its turn."""
    turn = threading.RLock()
    handlers: tuple[Any, ...] = (DynamoHandler, DynamoDBStreamsHandler)
    for handler in handlers:
        handler.call_action = _in_turn(turn, handler.call_action)


def _in_turn(turn: threading.RLock, act: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def act_in_turn(handler: Any) -> Any:
        with turn:
            return act(handler)

    return act_in_turn


def cancel_transactions_by_item() -> None:
    """Replace moto's copies of whole tables by copies of the items that a transaction names."""
    models: Any = moto.dynamodb.models
    transact = models.DynamoDBBackend.transact_write_items

    def transact_by_item(backend: Any, items: list[dict[str, Any]]) -> None:
        undo = [step for item in items for step in _undoing(backend, *next(iter(item.items())))]
        try:
            transact(backend, items)
        except Exception:
            for step in undo:
                step()
            raise

    models.copy = SimpleNamespace(deepcopy=lambda one: one if isinstance(one, Table) else copy.deepcopy(one))
    models.DynamoDBBackend.transact_write_items = transact_by_item


def _undoing(backend: Any, operation: str, given: dict[str, Any]) -> list[Callable[[], None]]:
    """Puts back the item of one operation and its table's stream; nothing where moto refuses the operation."""
    table = backend.tables.get(given.get("TableName"))
    if table is None:
        return []
    keys = given.get("Item" if operation == "Put" else "Key", {})
    wanted = [table.hash_key_attr, *([table.range_key_attr] if table.has_range_key else [])]
    if any(name not in keys for name in wanted):
        return []
    *above, last = (DynamoType(keys[name]) for name in wanted)
    place = table.items[above[0]] if above else table.items
    records = table.stream_shard.items if table.stream_shard is not None else []
    before, length = copy.deepcopy(place.get(last)), len(records)

    def undo() -> None:
        del records[length:]
        if before is None:
            place.pop(last, None)
        else:
            place[last] = before

    return [undo]


if __name__ == "__main__":
    keep_private()
    keep_no_lists()
    give_missing_attributes_no_size()
    answer_one_request_at_a_time()
    cancel_transactions_by_item()
    main(sys.argv[1:])
