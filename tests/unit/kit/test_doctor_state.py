"""`make doctor` checks the state while nothing runs: it names damaged files, and changes nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from kit.doctor import damaged
from tests.support.killed_state import KilledState


@pytest.fixture
def state(tmp_path: Path) -> Path:
    KilledState(tmp_path / "emulator")
    for name in ("search/store.sqlite", "push/push.sqlite"):
        (tmp_path / name).parent.mkdir()
        with sqlite3.connect(tmp_path / name) as connection:
            connection.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY)")
        connection.close()
    (tmp_path / "pump").mkdir()
    (tmp_path / "pump" / "checkpoints.json").write_text("{}")
    return tmp_path


def test_an_intact_state_and_an_absent_one_have_no_findings(
    state: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert damaged(state) == []
    assert damaged(tmp_path_factory.mktemp("nothing")) == []


@pytest.mark.parametrize(
    ("name", "process"),
    [
        ("emulator/snapshots/generation-2/iam.json", "emulator"),
        ("pump/checkpoints.json", "pump"),
        ("search/store.sqlite", "search"),
        ("push/push.sqlite", "push"),
    ],
)
@pytest.mark.parametrize("content", [b"", b"\x00" * 512])
def test_a_damaged_file_is_named_and_not_changed(state: Path, name: str, process: str, content: bytes) -> None:
    (state / name).write_bytes(content)
    (sentence,) = damaged(state)
    assert sentence.startswith(f"{process}: {state / name} is damaged: ")
    assert "`make up` puts it right" in sentence
    assert (state / name).read_bytes() == content
