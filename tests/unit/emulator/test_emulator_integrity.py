"""The emulator starts from exactly what it wrote, or names the damaged file: each kind of file and of damage."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from emulation.emulator import journal_file
from emulation.emulator.integrity import JOURNAL_NAME, MARKER, require_whole
from emulation.emulator.manifest import MANIFEST, describe, generations, read_manifest
from tests.support.killed_state import CODE, DIGEST, SERVICES, KilledState


@pytest.fixture
def state(tmp_path: Path) -> KilledState:
    return KilledState(tmp_path)


def test_written_state_is_complete(state: KilledState) -> None:
    state.require()
    assert state.entries() == 4


def test_a_first_start_finds_nothing(tmp_path: Path) -> None:
    require_whole(tmp_path, tmp_path)


def test_a_first_start_killed_before_its_first_generation_can_restart(tmp_path: Path) -> None:
    (tmp_path / "journal-1.log").write_bytes(b"")
    (tmp_path / "generation.new").mkdir()
    (tmp_path / "current").symlink_to("generation-1")
    require_whole(tmp_path, tmp_path)


@pytest.mark.parametrize("name", [MANIFEST, f"{JOURNAL_NAME}.json", *(f"{service}.json" for service in SERVICES)])
def test_a_truncated_file_is_named_with_the_generation_to_restore(state: KilledState, name: str) -> None:
    file = state.store.current / name
    whole = file.read_bytes()
    for length in sorted({0, 1, len(whole) // 2, len(whole) - 1}):
        file.unlink()  # it may be a hard link to the previous generation's file
        file.write_bytes(whole[:length])
        complaint = state.complaint()
        assert complaint.startswith(f"{file} is damaged: ")
        assert f"`ln -sfn generation-1 {state.root / 'current'}`" in complaint
    file.unlink()
    if name != MANIFEST:
        assert state.complaint().startswith(f"{file} is damaged: it is missing")


def test_one_flipped_bit_in_any_file_is_detected(state: KilledState) -> None:
    for file in state.files():
        whole = file.read_bytes()
        for offset in range(0, len(whole), 7):
            changed = bytearray(whole)
            changed[offset] ^= 0x01
            file.unlink()
            file.write_bytes(changed)
            assert str(file) in state.complaint()
        file.write_bytes(whole)
    state.require()


def test_following_the_recovery_instructions_keeps_every_item(state: KilledState) -> None:
    (state.store.current / "sqs.json").write_bytes(b"{")
    assert "what is in the journal is kept" in state.complaint()
    (state.root / "current").unlink()
    (state.root / "current").symlink_to("generation-1")
    state.require()
    assert state.entries() == 8
    state.write({"turn": 3})
    state.require()


def test_journals_of_the_previous_generation_stay_until_its_removal(state: KilledState) -> None:
    assert state.store.oldest_journal() == 2
    state.write({"turn": 3})
    assert state.store.oldest_journal() == 3


@pytest.mark.parametrize("target", [None, "generation-7"])
def test_a_link_that_is_missing_or_leads_nowhere_is_named(state: KilledState, target: str | None) -> None:
    link = state.root / "current"
    link.unlink()
    if target:
        link.symlink_to(target)
    complaint = state.complaint()
    assert complaint.startswith(f"{link} is damaged: ")
    assert "go back to generation-2, which is whole" in complaint


def test_with_no_generation_left_the_link_is_named(state: KilledState) -> None:
    for generation in generations(state.root):
        shutil.rmtree(generation)
    assert "points to generation-2, which is not there" in state.complaint()


@pytest.mark.parametrize("content", [None, CODE[:-1], b"another"])
def test_code_of_a_function_is_part_of_the_state(state: KilledState, content: bytes | None) -> None:
    file = state.blobs / "lambda-blobs" / f"{DIGEST}.zip"
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    assert state.complaint().startswith(f"{file} is damaged: ")


def _without_manifests(state: KilledState) -> None:
    """Makes the state one of a version that wrote no manifests."""
    (state.root / MARKER).unlink()
    for generation in generations(state.root):
        (generation / MANIFEST).unlink()


def test_generations_of_a_version_without_manifests_are_read_and_get_one(state: KilledState) -> None:
    _without_manifests(state)
    state.require()
    state.write({"turn": 3})
    manifest = read_manifest(state.store.current)
    assert manifest is not None
    assert set(manifest) == {file.name for file in state.files()} - {MANIFEST}
    (state.store.current / "iam.json").write_bytes(b"{}")
    assert "iam.json" in state.complaint()


def test_a_cut_file_of_a_version_without_manifests_is_named_too(state: KilledState) -> None:
    _without_manifests(state)
    file = state.store.current / "dynamodb.json"
    file.write_bytes(file.read_bytes()[:-5])
    assert f"{file} is damaged: it is not JSON" in state.complaint()


def test_a_manifest_copied_by_an_older_version_is_ignored(state: KilledState) -> None:
    (state.root / MARKER).unlink()
    manifest = (state.root / "generation-1" / MANIFEST).read_bytes()
    (state.store.current / MANIFEST).write_bytes(manifest)
    state.require()


def test_a_manifest_of_a_newer_version_is_refused(state: KilledState) -> None:
    body = {"version": 2, "generation": 2, "files": {}}
    checksum = describe(json.dumps(body, sort_keys=True).encode())["crc32"]
    (state.store.current / MANIFEST).write_text(json.dumps(body | {"crc32": checksum}))
    assert "expected version 1, found 2" in state.complaint()


# --- after this version has written, a missing file is damage ------------------------------------------------------


@pytest.mark.parametrize("removed", [[MANIFEST], [MANIFEST, "dynamodb.json"], None])
def test_a_generation_without_its_manifest_is_not_taken_for_an_older_checkouts(
    state: KilledState, removed: list[str] | None
) -> None:
    for file in state.files():
        if removed is None or file.name in removed:
            file.unlink()
    complaint = state.complaint()
    assert complaint.startswith(f"{state.store.current / MANIFEST} is damaged: it is missing")
    assert "go back to generation-1, which is whole" in complaint


def test_a_manifest_of_another_generation_and_a_file_that_it_does_not_list_are_named(state: KilledState) -> None:
    extra = state.store.current / "sns.json"
    extra.write_text("{}")
    assert state.complaint().startswith(f"{extra} is damaged: {MANIFEST} does not list it")
    extra.unlink()
    manifest = (state.root / "generation-1" / MANIFEST).read_bytes()
    (state.store.current / MANIFEST).unlink()
    (state.store.current / MANIFEST).write_bytes(manifest)
    assert "it is another generation's" in state.complaint()


@pytest.mark.parametrize("marked", [True, False])
@pytest.mark.parametrize("target", [".", "..", "outside", "/tmp", "generation-0", "generation-1/../generation-2"])
def test_a_link_to_anything_but_a_generation_of_this_store_is_named(
    state: KilledState, target: str, marked: bool
) -> None:
    (state.root / "outside").mkdir()
    (state.root / "generation-0").mkdir()
    if not marked:
        (state.root / MARKER).unlink()
    link = state.root / "current"
    link.unlink()
    link.symlink_to(target)
    complaint = state.complaint()
    assert complaint.startswith(f"{link} is damaged: expected a link to a generation beside it, found one to {target}")
    assert "go back to generation-2, which is whole" in complaint


@pytest.mark.parametrize("marked", [True, False])
def test_a_link_to_an_empty_generation_is_named(state: KilledState, marked: bool) -> None:
    if not marked:
        (state.root / MARKER).unlink()
    (state.root / "generation-3").mkdir()
    (state.root / "current").unlink()
    (state.root / "current").symlink_to("generation-3")
    complaint = state.complaint()
    assert str(state.root / "generation-3") in complaint.partition(" is damaged")[0]
    assert "go back to generation-2, which is whole" in complaint


@pytest.mark.parametrize("target", [None, "generation-1"])
def test_journals_without_any_generation_are_named(state: KilledState, target: str | None) -> None:
    for generation in generations(state.root):
        shutil.rmtree(generation)
    (state.root / "current").unlink()
    if target:
        (state.root / "current").symlink_to(target)
    assert state.complaint().startswith(f"{state.root / 'current'} is damaged: ")


def test_a_marker_that_this_version_did_not_write_is_refused(state: KilledState) -> None:
    (state.root / MARKER).write_text("asyncsns-state 2\n")
    assert state.complaint().startswith(f"{state.root / MARKER} is damaged: expected 'asyncsns-state 1'")


def test_the_marker_is_written_after_the_first_generation_with_a_manifest(
    state: KilledState, monkeypatch: pytest.MonkeyPatch
) -> None:
    _without_manifests(state)
    monkeypatch.setattr(state.store, "_point_to", _killed)
    with pytest.raises(KeyboardInterrupt):
        state.write({"turn": 3})
    state.require()
    monkeypatch.undo()
    state.write({"turn": 3})
    assert (state.root / MARKER).is_file()
    state.require()


def _killed(generation: Path) -> None:
    raise KeyboardInterrupt


# --- the journal -----------------------------------------------------------------------------------------------------


def _last_journal(state: KilledState) -> Path:
    return journal_file.journals(state.root)[-1][1]


def test_a_torn_tail_of_any_length_is_cut_and_the_records_before_it_stay(state: KilledState) -> None:
    file = _last_journal(state)
    whole = file.read_bytes()
    ends = [offset + 1 for offset, byte in enumerate(whole) if byte == ord("\n")]
    for length in range(len(whole)):
        file.write_bytes(whole[:length])
        state.require()
        kept = [end for end in ends if end <= length]
        assert state.entries() == max(0, len(kept) - 1)
        assert file.stat().st_size == (kept[-1] if kept else 0)


def test_one_changed_byte_anywhere_in_a_journal_is_named_with_its_offset(state: KilledState) -> None:
    file = _last_journal(state)
    whole = file.read_bytes()
    starts = [0, *(offset + 1 for offset, byte in enumerate(whole) if byte == ord("\n"))]
    for offset in range(len(whole)):
        for changed in (whole[offset] ^ 0x01, ord("\n"), ord("9")):
            if changed != whole[offset]:
                file.write_bytes(whole[:offset] + bytes([changed]) + whole[offset + 1 :])
                begin = max(start for start in starts if start <= offset)
                complaint = state.complaint()
                assert complaint.startswith(f"{file} is damaged: at offset {begin}, "), (offset, changed)
                assert f"`truncate -s {begin} {file}`" in complaint


def test_a_line_of_garbage_in_the_middle_is_named(state: KilledState) -> None:
    file = _last_journal(state)
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([*lines[:3], b"garbage\n", *lines[3:]]))
    complaint = state.complaint()
    assert f"at offset {len(b''.join(lines[:3]))}, expected length, checksum and JSON" in complaint
    assert "The 2 changes before it are whole" in complaint


def test_a_journal_that_is_missing_or_ends_early_while_another_follows_is_named(state: KilledState) -> None:
    (state.root / "current").unlink()
    (state.root / "current").symlink_to("generation-1")
    file = state.root / "journal-2.log"
    whole = file.read_bytes()
    file.write_bytes(whole[:-3])
    assert "it ends within a record, and journal-3.log follows" in state.complaint()
    file.unlink()
    assert state.complaint().startswith(f"{file} is damaged: it is missing")


def test_a_folder_in_the_place_of_a_journal_is_named(state: KilledState) -> None:
    file = _last_journal(state)
    file.unlink()
    file.mkdir()
    assert state.complaint().startswith(f"{file} is damaged: expected a file, found a folder")


def test_a_journal_of_the_first_version_is_read_and_its_torn_tail_cut(state: KilledState) -> None:
    file = _last_journal(state)
    file.write_bytes(b'["set","arn","a"]\n["set","arn","b"]\n["set","ar')
    state.require()
    assert state.entries() == 2
    file.write_bytes(b'["set","arn","a"]\n["set","ar\n["set","arn","b"]\n')
    assert "at offset 18, " in state.complaint()


def test_a_full_disk_leaves_a_whole_journal_and_keeps_the_records(
    state: KilledState, monkeypatch: pytest.MonkeyPatch
) -> None:
    from emulation.emulator import journal as module

    write = module.os.write

    def write_half_then_fail(descriptor: int, content: Any) -> int:
        if len(content) < 20:
            raise OSError(28, "No space left on device")
        return write(descriptor, bytes(content[: len(content) // 2]))

    monkeypatch.setattr(module.os, "write", write_half_then_fail)
    state.journal.add(["set", "arn", "late"])
    with pytest.raises(OSError, match="No space"):
        state.journal.flush()
    monkeypatch.undo()
    state.require()
    state.journal.add(["set", "arn", "later"])
    state.journal.flush()
    assert [entry[2] for entry in journal_file.decode(_last_journal(state).read_bytes()).entries][-2:] == [
        "late",
        "later",
    ]
