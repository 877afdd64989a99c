"""Kinds of files × damages: the emulator starts with all intact data, or names the file.

Files are damaged in place: generations share them by hard links, so the generation before has the same damage.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from emulation import mended
from emulation.damage import DamagedStateError
from emulation.emulator.integrity import JOURNAL_NAME, MARKER
from emulation.emulator.journal_file import HEADER, decode, journals
from emulation.emulator.manifest import MANIFEST, generations
from emulation.emulator.mending import Mending
from tests.support.killed_state import CODE, DIGEST, SERVICES, KilledState

Damage = Callable[[Path], None]


def _cut_to(share: float) -> Damage:
    def cut(file: Path) -> None:
        whole = file.read_bytes()
        file.write_bytes(whole[: int(share * (len(whole) - 1))])

    return cut


def _overwrite(content: bytes) -> Damage:
    def overwrite(file: Path) -> None:
        whole, at = file.read_bytes(), file.stat().st_size // 2
        file.write_bytes(whole[:at] + content + whole[at + len(content) :])

    return overwrite


def _flip(file: Path) -> None:
    whole = bytearray(file.read_bytes())
    whole[len(whole) // 3] ^= 0x01
    file.write_bytes(whole)


def _replace_by_garbage(file: Path) -> None:
    file.write_bytes(b"\x00garbage\n" * 20)


DAMAGES: dict[str, Damage] = {
    "emptied": _cut_to(0),
    "cut to half": _cut_to(0.5),
    "cut by a byte": _cut_to(1),
    "a block zeroed": _overwrite(b"\x00" * 16),
    "a byte flipped": _flip,
    "removed": Path.unlink,
    "replaced by garbage": _replace_by_garbage,
}
#: File kind → its path: newest generation, its journal, and the files outside generations.
FILES: dict[str, Callable[[KilledState], Path]] = {
    **{
        name: lambda state, name=name: state.store.current / name  # type: ignore[misc]
        for name in (MANIFEST, f"{JOURNAL_NAME}.json", *(f"{service}.json" for service in SERVICES))
    },
    "format": lambda state: state.root / MARKER,
    "code": lambda state: state.blobs / "lambda-blobs" / f"{DIGEST}.zip",
}


@pytest.fixture
def state(tmp_path: Path) -> KilledState:
    """A state with a second copy, and the bucket from which the function was deployed."""
    made = KilledState(tmp_path)
    # A snapshot of one service: all other files are shared with the previous generation.
    made.write_one("iam", {"turn": 3})
    made.store.copy()
    bucket = tmp_path / "s3" / "000000000000" / "assets"
    bucket.mkdir(parents=True)
    (bucket / "code.zip").write_bytes(CODE)
    return made


def _mend(state: KilledState) -> list[str]:
    return Mending(state.root.parent).mend()


def _kept(state: KilledState) -> list[Path]:
    folder = state.root.parent / mended.FOLDER
    return [path for path in folder.iterdir() if path.name != mended.REPORT]


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("kind", FILES)
def test_the_second_copy_restores_everything(state: KilledState, kind: str, damage: str) -> None:
    before, file = state.contents(), FILES[kind](state)
    DAMAGES[damage](file)
    broken = file.read_bytes() if file.exists() else None
    said = _mend(state)
    state.require()
    assert state.contents() == before
    assert state.entries() == 4
    if (kind, damage) == ("format", "removed"):
        assert said == []  # same as before this version's first write; the generation's manifest is valid still
        return
    (sentence,) = said
    assert sentence.startswith(f"{file} was damaged: ")
    assert sentence.endswith("Nothing is lost.")
    assert [path.read_bytes() for path in _kept(state)] == ([] if broken is None else [broken])
    assert sentence in (state.root.parent / mended.FOLDER / mended.REPORT).read_text()
    assert _mend(state) == []


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("kind", FILES)
def test_without_a_copy_the_last_complete_generation_is_used_or_the_file_named(
    state: KilledState, kind: str, damage: str
) -> None:
    shutil.rmtree(state.root / "copies")
    shutil.rmtree(state.root.parent / "s3")
    before, file = state.contents(), FILES[kind](state)
    DAMAGES[damage](file)
    try:
        said = _mend(state)
    except DamagedStateError as error:
        # The file is shared with the previous generation, or is code: no intact copy exists.
        assert str(error).startswith(f"{file} is damaged: ")
        assert kind not in (MANIFEST, "iam.json", "format")
        return
    state.require()
    if kind == "format":
        assert state.contents() == before
        return
    assert kind in (MANIFEST, "iam.json") or damage == "removed"
    assert state.store.current.name == "generation-2"
    assert {state.turn(service) for service in SERVICES} == {2}
    assert state.entries() == 4
    assert "generation-2 counts again" in said[0]
    assert ("that are not in the journal are lost" if kind == MANIFEST else "are lost of: iam") in said[0]


@pytest.mark.parametrize("target", [None, "generation-7", "."])
def test_the_link_leads_to_the_newest_generation_again(state: KilledState, target: str | None) -> None:
    before = state.contents()
    link = state.root / "current"
    link.unlink()
    if target:
        link.symlink_to(target)
    (sentence,) = _mend(state)
    assert state.contents() == before
    assert "leads to generation-3 again" in sentence
    assert sentence.endswith("Nothing is lost.")


def test_a_generation_without_any_file_is_made_again_from_the_copy(state: KilledState) -> None:
    before = state.contents()
    for file in state.store.current.iterdir():
        file.unlink()
    assert len(_mend(state)) == len(before)
    assert state.contents() == before


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_journal_keeps_its_whole_records_or_is_named(state: KilledState, damage: str) -> None:
    file = journals(state.root)[-1][1]
    whole = decode(file.read_bytes()).entries
    DAMAGES[damage](file)
    broken = file.read_bytes() if file.exists() else None
    try:
        (sentence,) = _mend(state)
    except DamagedStateError as error:
        assert str(error).startswith(f"{file} is damaged: ")
        assert damage in ("emptied", "removed", "replaced by garbage", "cut to half")
        assert (file.read_bytes() if file.exists() else None) == broken
        return
    kept = decode(file.read_bytes()).entries
    assert [entry for entry in whole if entry in kept] == kept
    assert len(kept) == len(whole) - (2 if damage == "a block zeroed" else 1)  # the block spans both
    assert sentence.startswith(f"{file} was damaged: at offset ")
    assert "bytes held is lost" in sentence
    assert [path.read_bytes() for path in _kept(state)] == [broken]
    state.require()
    assert state.entries() == len(kept)


def test_a_line_of_garbage_in_a_journal_loses_nothing(state: KilledState) -> None:
    file = journals(state.root)[-1][1]
    whole = file.read_bytes()
    lines = whole.splitlines(keepends=True)
    for at in range(len(lines) + 1):
        file.write_bytes(b"".join([*lines[:at], b"garbage\n", *lines[at:]]))
        _mend(state)
        assert file.read_bytes() == whole


def test_a_record_torn_by_a_kill_is_not_damage(state: KilledState) -> None:
    file = journals(state.root)[-1][1]
    file.write_bytes(file.read_bytes() + b'99 0a1b2c3d ["set","ar')
    assert _mend(state) == []
    assert state.entries() == 4


def test_files_of_a_newer_version_are_refused_and_not_changed(state: KilledState) -> None:
    journal = journals(state.root)[-1][1]
    newer = {
        state.root / MARKER: b"asyncsns-state 2\n",
        journal: b"asyncsns-journal of changes 5\n" + journal.read_bytes()[len(HEADER) :],
    }
    for file, content in newer.items():
        whole = file.read_bytes()
        file.write_bytes(content)
        with pytest.raises(DamagedStateError, match=f"^{file} is damaged: "):
            _mend(state)
        assert file.read_bytes() == content
        file.write_bytes(whole)


def test_a_damaged_copy_is_not_used(state: KilledState) -> None:
    for file in (state.store.current / "sqs.json", state.root / "copies" / "sqs.json"):
        file.write_bytes(file.read_bytes()[:-1] + b"]")
    with pytest.raises(DamagedStateError, match="as no other generation is whole"):
        _mend(state)
    assert len(generations(state.root)) == 2


def test_the_copy_does_not_take_over_damage(state: KilledState) -> None:
    file = state.store.current / "sqs.json"
    whole = file.read_bytes()
    file.write_bytes(b"{")
    type(state.store)(state.root).copy()
    assert (state.root / "copies" / "sqs.json").read_bytes() == whole
