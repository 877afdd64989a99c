"""`make doctor` checks the state while nothing runs: it names damaged files, and changes nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from emulation.edge import certificate
from emulation.emulator.manifest import MANIFEST
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
    certificate.ensure(tmp_path / "edge")
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
        ("edge/localhost.pem", "edge"),
        ("edge/localhost.key", "edge"),
    ],
)
@pytest.mark.parametrize("content", [b"", b"\x00" * 512])
def test_a_damaged_file_is_named_and_not_changed(state: Path, name: str, process: str, content: bytes) -> None:
    (state / name).write_bytes(content)
    (sentence,) = damaged(state)
    assert sentence.startswith(f"{process}: {state / name} is damaged: ")
    assert "`make up` puts damage right" in sentence
    assert (state / name).read_bytes() == content


def test_every_damaged_file_is_named(state: Path) -> None:
    newest = "emulator/snapshots/generation-2"
    names = [
        f"{newest}/iam.json",
        f"{newest}/sqs.json",
        *(str(file.relative_to(state)) for file in (state / "emulator" / "blobs").glob("*/*.zip")),
        *(str(max((state / "emulator" / "snapshots").glob("journal-*.log")).relative_to(state)),),
        "pump/checkpoints.json",
        "search/store.sqlite",
        "push/push.sqlite",
        "edge/localhost.pem",
        "edge/localhost.key",
    ]
    for name in names:
        (state / name).unlink()
        (state / name).write_bytes(b"\x00 garbage")
    found = damaged(state)
    assert [line.split(" is damaged")[0].split(": ")[1] for line in found] == [str(state / name) for name in names]


def test_after_a_damaged_manifest_the_files_that_are_not_json_are_named_too(state: Path) -> None:
    newest = state / "emulator" / "snapshots" / "generation-2"
    names = (MANIFEST, "iam.json")
    for name in names:
        (newest / name).unlink()
        (newest / name).write_bytes(b"\x00")
    assert [str(newest / name) in line for name, line in zip(names, damaged(state), strict=True)] == [True, True]


@pytest.mark.parametrize("name", ["localhost.key", "localhost.pem"])
def test_a_missing_file_of_the_edges_certificate_is_named(state: Path, name: str) -> None:
    (state / "edge" / name).unlink()
    (sentence,) = damaged(state)
    assert sentence.startswith(f"edge: {state / 'edge' / name} is damaged: it is missing")


def test_the_key_of_another_certificate_is_named(state: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    _, key = certificate.ensure(tmp_path_factory.mktemp("other"))
    (state / "edge" / "localhost.key").write_bytes(key.read_bytes())
    (sentence,) = damaged(state)
    assert "localhost.key is damaged: it is not the key of localhost.pem" in sentence


@pytest.mark.parametrize("name", ["search/store.sqlite", "push/push.sqlite"])
def test_a_missing_database_is_named(state: Path, name: str) -> None:
    (state / name).unlink()
    (state / f"{name}-wal").write_bytes(b"x")
    (sentence,) = damaged(state)
    assert f"{state / name} is damaged: it is missing" in sentence
