"""The S3 keys of account exports."""

from __future__ import annotations

from services.accounts.model import Export, ExportState


def test_an_export_is_stored_under_the_id_of_its_person() -> None:
    assert Export("e1", "ann", ExportState.READY, "2026-01-01T00:00:00.000Z").key == "ann/e1.zip"
