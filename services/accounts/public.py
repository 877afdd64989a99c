"""What other contexts may use of accounts."""

from __future__ import annotations

from services.accounts.adapter import ExportStorage
from services.accounts.queries import ExportQueries
from services.accounts.repository import AccountRepository
from services.accounts.resources import ExportResource, SigningOut
from services.accounts.settings import ExportLinkSettings
from services.accounts.sign_out import job_of
from services.common import queues

__all__ = ["ExportLinkSettings", "ExportQueries", "ExportResource", "SigningOut", "export_queries", "sign_out"]


def sign_out(queue_accounts: str, user_id: str) -> None:
    """Begin to end all sessions of somebody."""
    queues.send(queue_accounts, job_of(user_id))


def export_queries(settings: ExportLinkSettings) -> ExportQueries:
    storage = ExportStorage(settings.bucket_exports, settings.s3_public_endpoint)
    return ExportQueries(AccountRepository(settings.table_accounts), storage)
