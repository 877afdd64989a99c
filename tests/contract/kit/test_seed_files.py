"""The seed's files, all painted: seconds of processor time, which the image's build spends so that no seed has to."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit.seed import files
from kit.seed.people import PEOPLE


def test_the_seed_takes_files_that_are_painted_already(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASYNCSNS_HOME", str(tmp_path))
    wanted = next(file for file in files.of_posts() if file.kind == "audio")
    painted = files.content(wanted)
    assert files.leave(files.folder()) == len(files.of_posts()) + len(PEOPLE)
    monkeypatch.setattr(files, "_paint", lambda file: b"again")
    monkeypatch.setattr(files, "_portrait", lambda person: b"again")
    assert files.content(wanted) == painted
    assert {files.content(file) for file in files.of_posts()} & {b"again"} == set()
    assert {files.avatar(person) for person in PEOPLE} & {b"again"} == set()
