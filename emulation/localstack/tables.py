"""``python -m emulation.localstack.tables -H HOST -p PORT``: moto as a server, in the place of DynamoDB Local.

moto lists every object that it ever made, for its dashboard: each item and each record of a stream would stay in memory
(2 GB after eight minutes of seed and bench). Here the lists keep nothing.
"""

from __future__ import annotations

import sys
from collections import deque

# Their classes are listed once these are loaded.
import moto.dynamodb.models
import moto.dynamodbstreams.models  # noqa: F401
from moto.core.model_instances import model_data
from moto.server import main

from emulation.private import keep_private


def keep_no_lists() -> None:
    """Every class has a list of its own."""
    for classes in model_data.values():
        for one in classes.values():
            one.instances_tracked = deque(maxlen=0)


if __name__ == "__main__":
    keep_private()
    keep_no_lists()
    main(sys.argv[1:])
