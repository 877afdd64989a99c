"""Makes an export: all data that the contexts store about a person, as one archive."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from services.accounts.adapter import ExportStorage
from services.accounts.archive import write_archive
from services.accounts.model import EXPORT_DAYS, Export, ExportState
from services.accounts.repository import AccountRepository
from services.common.clock import now, to_text
from services.common.lazy_dataclasses import dataclass
from services.common.personal_data import File, Source


@dataclass(frozen=True)
class Exporter:
    """``sources`` and ``files_of`` a person are the content of the archive."""

    accounts: AccountRepository
    storage: ExportStorage
    sources: Sequence[Source]
    files_of: Callable[[str], Iterator[File]]

    def run(self, user_id: str, export_id: str) -> None:
        """Make it once: an export that is ready, or was requested again, is left unchanged."""
        export = self.accounts.export(user_id)
        if export is None or export.id != export_id or export.state is ExportState.READY:
            return
        writer = self.storage.writer(export.key)
        try:
            write_archive(writer, user_id, self.sources, self.files_of(user_id))
            writer.close()
        except Exception:
            writer.abort()
            self.accounts.finish(replace(export, state=ExportState.FAILED))
            raise
        if not self.accounts.finish(_ready(export, writer.size)):
            self.storage.remove_all(user_id)


def _ready(export: Export, size: int) -> Export:
    expires = to_text(now() + timedelta(days=EXPORT_DAYS))
    return replace(export, state=ExportState.READY, ready_at=to_text(now()), expires_at=expires, bytes=size)
