"""A step is skipped exactly when none of its inputs changed."""

from __future__ import annotations

from pathlib import Path

from kit.stamps import Stamp, fingerprint


def test_a_fingerprint_sees_content_names_and_options(tmp_path: Path) -> None:
    source = tmp_path / "src"
    source.mkdir()
    (source / "a.py").write_text("1")
    before = fingerprint([source], "option")

    assert fingerprint([source], "option") == before
    assert fingerprint([source], "another") != before
    (source / "a.py").write_text("2")
    changed = fingerprint([source], "option")
    assert changed != before
    (source / "a.py").rename(source / "b.py")
    assert fingerprint([source], "option") != changed


def test_a_fingerprint_does_not_see_build_products(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("1")
    before = fingerprint([tmp_path])
    for folder in ("__pycache__", "node_modules", "dist"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "made.js").write_text("made")

    assert fingerprint([tmp_path]) == before


def test_a_missing_path_is_nothing_rather_than_an_error(tmp_path: Path) -> None:
    assert fingerprint([tmp_path / "absent"]) == fingerprint([])


def test_a_stamp_is_current_only_for_its_value(tmp_path: Path) -> None:
    stamp = Stamp(tmp_path / "deep" / "stamp", "one")
    assert not stamp.is_current()
    stamp.write()
    assert stamp.is_current()
    assert not Stamp(stamp.file, "two").is_current()
    stamp.clear()
    assert not stamp.is_current()
