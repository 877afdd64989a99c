"""Checkpoints are read back as they were written, or the file is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from emulation.damage import DamagedStateError
from emulation.pump import takeover
from emulation.pump.checkpoints import CheckpointStore


@pytest.fixture
def file(tmp_path: Path) -> Path:
    store = CheckpointStore.open(tmp_path / "checkpoints.json")
    store.set("posts/shard-1", "000000000000000000012", 1.5)
    store.set("chat/shard-1", "", 2.5)
    store.flush()
    return store.file


def test_they_are_kept(file: Path) -> None:
    store = CheckpointStore.open(file)
    assert store.get("posts/shard-1") == "000000000000000000012"
    assert store.get("chat/shard-1") == ""
    assert store.get("never") is None


def test_a_file_of_the_first_version_is_read_and_written_with_a_checksum(file: Path) -> None:
    file.write_text(json.dumps({"posts/shard-1": {"sequence": "7", "at": 1.0}}))
    store = CheckpointStore.open(file)
    assert store.get("posts/shard-1") == "7"
    store.set("posts/shard-1", "8", 2.0)
    store.flush()
    assert json.loads(file.read_text())["version"] == 2
    assert CheckpointStore.open(file).get("posts/shard-1") == "8"


def test_cut_to_any_length_it_is_named(file: Path) -> None:
    whole = file.read_bytes()
    for length in range(len(whole)):
        file.write_bytes(whole[:length])
        with pytest.raises(DamagedStateError, match=r"checkpoints\.json is damaged: .* remove it"):
            CheckpointStore.open(file)
        assert file.read_bytes() == whole[:length]


def test_with_one_changed_bit_anywhere_it_is_named(file: Path) -> None:
    whole = file.read_bytes()
    for offset in range(len(whole)):
        file.write_bytes(whole[:offset] + bytes([whole[offset] ^ 0x01]) + whole[offset + 1 :])
        with pytest.raises(DamagedStateError, match=r"checkpoints\.json is damaged: "):
            CheckpointStore.open(file)


def test_what_was_taken_over_is_named_too(tmp_path: Path) -> None:
    file = tmp_path / "taken-over.json"
    assert takeover.read(file) == {}
    file.write_text('{"mapping": "2026')
    with pytest.raises(DamagedStateError, match=r"taken-over\.json is damaged: "):
        takeover.read(file)
