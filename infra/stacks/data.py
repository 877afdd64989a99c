"""Storage: one DynamoDB table per context."""

from __future__ import annotations

from constructs import Construct

from infra.constants import TABLE_INDEXES
from infra.constructs.stack import AppStack
from infra.constructs.tables import ContextTable
from infra.targets import Target


class DataStack(AppStack):
    """Tables by the name of their context."""

    def __init__(self, scope: Construct, target: Target) -> None:
        super().__init__(scope, "data", target)
        self.tables = {name: ContextTable(self, name) for name in TABLE_INDEXES}
