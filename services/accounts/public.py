"""What the Query function may use of accounts."""

from __future__ import annotations

from services.accounts.adapter import ExportStorage
from services.accounts.queries import ExportQueries
from services.accounts.repository import AccountRepository

__all__ = ["ExportQueries", "export_queries"]


def export_queries() -> ExportQueries:
    return ExportQueries(AccountRepository(), ExportStorage())
