"""Where connections are kept, and what a function needs to read and write them."""

from __future__ import annotations

from infra.constructs.connection_cache import ConnectionCache
from infra.constructs.functions import Placement
from infra.constructs.stack import AppStack
from infra.constructs.tables import ContextTable
from infra.constructs.uses import Use, reads, writes
from infra.targets import DYNAMODB, ELASTICACHE


class ConnectionRegistry:
    """The table, an ElastiCache cache made here, or an existing Redis (``Target.registry``)."""

    def __init__(self, stack: AppStack, table: ContextTable) -> None:
        chosen = stack.target.registry
        self._table = table
        self._in_table = chosen == DYNAMODB
        self._cache = ConnectionCache(stack) if chosen == ELASTICACHE else None
        if self._cache is not None:
            self.placement: Placement | None = self._cache.placement
        elif self._in_table:
            self.placement = None
        else:
            self.placement = Placement({"REALTIME_REGISTRY_URL": chosen}, ("redis",))

    def written(self) -> list[Use]:
        """For functions that open and close connections or send to them."""
        return writes(self._table) if self._in_table else self._network()

    def read(self) -> list[Use]:
        """For functions that ask whether people are connected."""
        return reads(self._table) if self._in_table else self._network()

    def _network(self) -> list[Use]:
        return self._cache.uses if self._cache is not None else []
