"""The state of a killed emulator, from its snapshots and journal, without running an emulator."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from emulation.damage import DamagedStateError
from emulation.emulator import integrity
from emulation.emulator.integrity import JOURNAL_NAME, require_whole
from emulation.emulator.journal import Journal
from emulation.emulator.snapshot import Encoding, SnapshotStore, take

ENCODING = Encoding(version_of=lambda service: 1, default=str)
CODE = b"PK: an archive"
DIGEST = hashlib.sha256(CODE).hexdigest()
SERVICES = ("iam", "dynamodb", "lambda", "sqs")


class KilledState:
    """Two generations and the journal after them, as a killed emulator leaves them."""

    def __init__(self, root: Path) -> None:
        self.root, self.blobs = root / "snapshots", root / "blobs"
        (self.blobs / "lambda-blobs").mkdir(parents=True)
        (self.blobs / "lambda-blobs" / f"{DIGEST}.zip").write_bytes(CODE)
        self.store = SnapshotStore(self.root)
        self.store.acquire()
        self.journal = Journal(self.root)
        self.journal.open()
        for turn in (1, 2):
            self.write({"turn": turn})
            for number in range(4):
                self.journal.add(["set", "arn", f"{turn}-{number}", {"text": "日本"}])
            self.journal.flush()

    def write(self, payload: dict[str, Any]) -> None:
        first = self.journal.rotate()
        payloads: dict[str, Any] = dict.fromkeys(SERVICES, payload) | {JOURNAL_NAME: {"first": first}}
        payloads["lambda"] = payload | {"code_zip": {"code_blob_ref": DIGEST}}
        take(self.store, ENCODING, {name: (lambda name=name: payloads[name]) for name in payloads})

    def write_one(self, service: str, payload: dict[str, Any]) -> None:
        take(self.store, ENCODING, {service: lambda: payload})

    def turn(self, service: str) -> int:
        return int(self.store.load(service, dict)["turn"])

    def contents(self) -> dict[str, bytes]:
        """The contents of the newest generation."""
        return {file.name: file.read_bytes() for file in self.files()}

    def files(self) -> list[Path]:
        return sorted(self.store.current.iterdir())

    def complaint(self) -> str:
        """The one error line; asserts that nothing was changed."""
        before = self._picture()
        with pytest.raises(DamagedStateError) as caught:
            require_whole(self.root, self.blobs)
        assert self._picture() == before
        assert "\n" not in str(caught.value)
        assert "empty the state folder" in str(caught.value)
        return str(caught.value)

    def _picture(self) -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in self.root.rglob("*") if path.is_file()}

    def require(self) -> None:
        require_whole(self.root, self.blobs)

    def entries(self) -> int:
        return len(list(self.journal.entries(integrity.first_journal(self.store.current) or 0)))
