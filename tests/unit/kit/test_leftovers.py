"""Untracked folders that remain after git moves their files."""

from __future__ import annotations

from pathlib import Path

from kit.leftovers import remove_former_folders


def _compiled(root: Path) -> Path:
    file = root / "local" / "edge" / "__pycache__" / "app.cpython-311.pyc"
    file.parent.mkdir(parents=True)
    file.touch()
    return file


def test_compiled_files_of_a_former_folder_are_removed_and_reported(tmp_path: Path) -> None:
    _compiled(tmp_path)
    (tmp_path / "local" / "empty").mkdir()
    (said,) = remove_former_folders(tmp_path)
    assert said.startswith("local/ is now emulation/, kit/")
    assert not (tmp_path / "local").exists()
    assert remove_former_folders(tmp_path) == []


def test_a_folder_with_files_of_the_user_stays(tmp_path: Path) -> None:
    compiled = _compiled(tmp_path)
    notes = tmp_path / "local" / "notes.txt"
    notes.touch()
    assert remove_former_folders(tmp_path) == []
    assert notes.exists() and compiled.exists()
