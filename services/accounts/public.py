"""What the Query function may use of accounts."""

from __future__ import annotations

from services.accounts.adapter import ExportStorage
from services.accounts.queries import ExportQueries
from services.accounts.repository import AccountRepository
from services.accounts.resources import ExportResource
from services.accounts.settings import ExportLinkSettings

__all__ = ["ExportLinkSettings", "ExportQueries", "ExportResource", "export_queries"]


def export_queries(settings: ExportLinkSettings) -> ExportQueries:
    storage = ExportStorage(settings.bucket_exports, settings.s3_public_endpoint)
    return ExportQueries(AccountRepository(settings.table_accounts), storage)
