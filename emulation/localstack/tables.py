"""``python -m emulation.localstack.tables -H HOST -p PORT``: moto as a server, in the place of DynamoDB Local.

moto lists every object that it ever made, for its dashboard: each item and each record of a stream would stay in memory
(2 GB after eight minutes of seed and bench). Here the lists keep nothing.

moto answers 500 where a condition asks for the ``size`` of an attribute that an item lacks; in DynamoDB a comparison
with a missing attribute is false (Amazon DynamoDB Developer Guide, "Comparison operator and function reference").
"""

from __future__ import annotations

import sys
from collections import deque
from typing import Any

# Their classes are listed once these are loaded.
import moto.dynamodb.models
import moto.dynamodbstreams.models  # noqa: F401
from moto.core.model_instances import model_data
from moto.dynamodb.comparisons import FuncSize
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


if __name__ == "__main__":
    keep_private()
    keep_no_lists()
    give_missing_attributes_no_size()
    main(sys.argv[1:])
