"""Reads of accounts, for the Query function."""

from __future__ import annotations

from services.accounts.adapter import ExportStorage
from services.accounts.model import LINK_SECONDS, ExportState
from services.accounts.repository import AccountRepository
from services.accounts.resources import ExportResource, to_resource
from services.common.errors import NotFound


class ExportQueries:
    """Each response has a new link, which is valid for ten minutes and with its own header; only the owner gets one."""

    def __init__(self, accounts: AccountRepository, storage: ExportStorage) -> None:
        self._accounts, self._storage = accounts, storage

    def export(self, user_id: str) -> ExportResource:
        """The API's ``Export``. Raises ``NotFound`` where there is none."""
        found = self._accounts.export(user_id)
        if found is None:
            raise NotFound("There is no export.")
        link = None
        if found.state is ExportState.READY:
            link = self._storage.link(found.key, f"asyncsns-{found.requested_at[:10]}.zip", LINK_SECONDS)
        return to_resource(found, link)
