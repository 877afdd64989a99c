"""Checkpoints are read back exactly as written, or the damaged file is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from emulation import mended
from emulation.damage import DamagedStateError
from emulation.pump import checkpoints, takeover
from emulation.pump.checkpoints import HORIZON, CheckpointStore, Progress, damage, is_after


@pytest.fixture
def file(tmp_path: Path) -> Path:
    store = CheckpointStore.open(tmp_path / "pump" / "checkpoints.json")
    store.set("posts/shard-1", "000000000000000000012", 1.5)
    store.set("chat/shard-1", "", 2.5)
    store.flush()
    return store.file


def test_checkpoints_survive_a_restart(file: Path) -> None:
    store = CheckpointStore.open(file)
    assert store.get("posts/shard-1") == "000000000000000000012"
    assert store.get("chat/shard-1") == ""
    assert store.get("never") is None


def test_the_order_of_the_entries_in_the_file_does_not_matter(file: Path) -> None:
    document = json.loads(file.read_text())
    document["entries"] = dict(reversed(document["entries"].items()))
    file.write_text(json.dumps(document))
    assert CheckpointStore.open(file).get("posts/shard-1") == "000000000000000000012"


def test_a_file_of_the_first_version_is_read_and_written_with_a_checksum(file: Path) -> None:
    file.write_text(json.dumps({"posts/shard-1": {"sequence": "7", "at": 1.0}}))
    store = CheckpointStore.open(file)
    assert store.get("posts/shard-1") == "7"
    store.set("posts/shard-1", "8", 2.0)
    store.flush()
    assert json.loads(file.read_text())["version"] == 2
    assert CheckpointStore.open(file).get("posts/shard-1") == "8"


def _before(file: Path) -> Path:
    """Saves once more, so that ``file``'s former content becomes the older copy; returns that copy's path."""
    whole = file.read_bytes()
    store = CheckpointStore.open(file)
    store.set("posts/shard-1", "000000000000000000013", 3.5)
    store.flush()
    before = file.with_name("checkpoints-before.json")
    assert before.read_bytes() == whole
    return before


@pytest.mark.parametrize("damage", [b"", b"[]", b"\x00" * 64, b"garbage", None, "half", "flipped"])
def test_a_damaged_file_is_set_aside_and_the_previous_one_used(file: Path, damage: bytes | str | None) -> None:
    _before(file)
    whole = file.read_bytes()
    broken = {"half": whole[:40], "flipped": whole[:60] + bytes([whole[60] ^ 0x01]) + whole[61:]}.get(
        str(damage), damage
    )
    if isinstance(broken, bytes):
        file.write_bytes(broken)
    else:
        file.unlink()
    store = CheckpointStore.open(file)
    assert store.get("posts/shard-1") == "000000000000000000012"  # delivered again, never skipped
    (line,) = mended.reports(file.parent.parent)
    assert f"{file} was damaged: " in line
    kept = [path for path in (file.parent / "damaged").iterdir() if path.name != mended.REPORT]
    assert [path.read_bytes() for path in kept] == ([broken] if broken is not None else [])
    store.set("posts/shard-1", "000000000000000000014", 4.5)
    store.flush()
    assert CheckpointStore.open(file).get("posts/shard-1") == "000000000000000000014"


def test_a_kill_between_the_two_files_skips_no_record(file: Path) -> None:
    file.rename(file.with_name("checkpoints-before.json"))
    assert CheckpointStore.open(file).get("posts/shard-1") == "000000000000000000012"


def test_two_damaged_checkpoint_files_are_named(file: Path) -> None:
    _before(file).write_bytes(b"{")
    file.write_bytes(b"{")
    with pytest.raises(DamagedStateError, match=r"checkpoints\.json is damaged: .* remove it"):
        CheckpointStore.open(file)


def test_checkpoints_of_a_newer_version_are_refused(file: Path) -> None:
    _before(file)
    file.write_text(json.dumps({"version": 3, "entries": []}))
    with pytest.raises(DamagedStateError, match="expected version 2, found 3"):
        CheckpointStore.open(file)


def test_a_checkpoint_file_truncated_to_any_length_is_named(file: Path) -> None:
    whole = file.read_bytes()
    for length in range(len(whole)):
        file.write_bytes(whole[:length])
        with pytest.raises(DamagedStateError, match=r"checkpoints\.json is damaged: .* remove it"):
            CheckpointStore.open(file)
        assert file.read_bytes() == whole[:length]


def test_a_checkpoint_file_with_any_flipped_bit_is_named(file: Path) -> None:
    whole = file.read_bytes()
    for offset in range(len(whole)):
        file.write_bytes(whole[:offset] + bytes([whole[offset] ^ 0x01]) + whole[offset + 1 :])
        with pytest.raises(DamagedStateError, match=r"checkpoints\.json is damaged: "):
            CheckpointStore.open(file)


def test_a_damaged_takeover_file_is_named_too(tmp_path: Path) -> None:
    file = tmp_path / "taken-over.json"
    assert takeover.read(file) == {}
    file.write_text('{"mapping": "2026')
    with pytest.raises(DamagedStateError, match=r"taken-over\.json is damaged: "):
        takeover.read(file)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[]", "expected an object of checkpoints"),
        ('{"version": 2, "crc32": 1, "entries": {}}', "its checksum is wrong"),
        ('{"a": 1}', "expected sequence and time of 'a'"),
        ('{"a": {"sequence": 7, "at": 1.0}}', "expected sequence and time of 'a'"),
        ('{"a": {"sequence": "7"}}', "expected sequence and time of 'a'"),
        (None, "it is missing"),
        ("a folder", "expected a file, found something else"),
    ],
)
def test_damage_is_reported_with_its_consequences(file: Path, content: str | None, said: str) -> None:
    before = _before(file)
    file.unlink()
    if content == "a folder":
        file.mkdir()
    elif content is not None:
        file.write_text(content)
    (named,) = damage(file)
    assert str(file) in str(named)
    assert said in str(named)
    assert "It says up to where streams were delivered" in str(named)
    CheckpointStore.open(file)
    (line,) = mended.reports(file.parent.parent)
    assert f"{file} was damaged: {said}" in line
    assert f"{before.name} counts" in line
    assert "Nothing is lost: records since then are delivered again" in line


def test_the_previous_file_is_named_too_where_it_is_needed_and_damaged(file: Path) -> None:
    before = _before(file)
    before.write_text("garbage")
    assert list(damage(file)) == []
    file.write_text("garbage")
    assert [one.file for one in damage(file)] == [file, before]


def test_an_intact_file_and_an_absent_one_pass_the_check(file: Path) -> None:
    assert list(damage(file)) == []
    file.unlink()
    assert list(damage(file)) == []


def test_missing_parent_folders_are_created(tmp_path: Path) -> None:
    store = CheckpointStore.open(tmp_path / "new" / "state" / "checkpoints.json")
    store.flush()
    assert not store.file.exists(), "nothing to write"
    store.set("a", "1", 1.0)
    store.flush()
    assert CheckpointStore.open(store.file).get("a") == "1"


@pytest.mark.parametrize("asked", [None, True, False])
def test_a_file_for_power_cuts_is_written_through_to_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: bool | None
) -> None:
    done: list[str] = []
    for name in ("sync_file", "sync_folder"):
        real = getattr(checkpoints.power_cut, name)
        monkeypatch.setattr(
            checkpoints.power_cut, name, lambda path, real=real: (real(path), done.append(path.name))[0]
        )
    options = {} if asked is None else {"fsync": asked}
    store = CheckpointStore.open(tmp_path / "checkpoints.json", **options)
    store.set("a", "1", 1.0)
    store.flush()
    # The file is synced first, then the folder that has its new name.
    assert done == (["checkpoints.new", tmp_path.name] if asked else [])
    assert CheckpointStore.open(store.file).get("a") == "1"


def test_unchanged_checkpoints_are_not_written_again(file: Path) -> None:
    store = CheckpointStore.open(file)
    store.set("posts/shard-1", "13", 3.0)
    store.flush()
    written = file.stat().st_ino
    store.flush()
    assert file.stat().st_ino == written


def test_checkpoints_of_removed_shards_are_deleted_after_a_while(file: Path) -> None:
    store = CheckpointStore.open(file)  # posts was updated at 1.5, chat at 2.5
    for used, before in ([["posts/shard-1", "chat/shard-1"], 9.0], [["chat/shard-1"], 1.5], [[], 1.4]):
        store.forget_unused(used, before)  # type: ignore[arg-type]
        assert store.get("posts/shard-1") == "000000000000000000012"
    store.forget_unused([], 2.5)
    store.flush()
    for one in (store, CheckpointStore.open(file)):
        assert (one.get("posts/shard-1"), one.get("chat/shard-1")) == (None, "")


def test_the_checkpoint_precedes_the_oldest_unfinished_record() -> None:
    progress = Progress()
    for one in "abcd":
        progress.taken(one)
    assert [progress.finished(done) for done in (["c"], ["b"], ["a"], ["d"])] == [None, None, "c", "d"]
    progress.taken("a")
    assert len(progress) == 1
    assert progress.finished([]) is None, "records finished earlier do not finish it again"


@pytest.mark.parametrize(("sequence", "checkpoint", "after"),
                         [("10", "9", True), ("9", "10", False), ("9", "9", False), ("1", HORIZON, True),
                          ("0010", "9", True)])  # fmt: skip
def test_sequence_numbers_are_compared_as_numbers(sequence: str, checkpoint: str, after: bool) -> None:
    assert is_after(sequence, checkpoint) is after


def test_a_temporarily_full_disk_does_not_stop_the_pump(
    file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    store = CheckpointStore.open(file)
    store.set("shard", "1", 1.0)
    store.flush()

    def refuse(self: Path, content: bytes) -> int:
        raise OSError(27, "File too large")

    with monkeypatch.context() as full:
        full.setattr(Path, "write_bytes", refuse)
        store.set("shard", "2", 2.0)
        for _ in range(2):
            store.try_flush()
            assert "File too large" in store.problem
            assert len([one for one in caplog.messages if "cannot be written" in one]) == 1, "once, not at each try"
        assert CheckpointStore.open(file).get("shard") == "1"
    store.try_flush()
    assert store.problem == ""
    assert CheckpointStore.open(file).get("shard") == "2"
    assert not (file.parent / "damaged").exists()
