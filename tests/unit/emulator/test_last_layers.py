"""Which layers the next start preloads: a hint file that may be missing or damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulation.emulator.lambdas.last_layers import LastLayers
from emulation.emulator.lambdas.packages import PackageStore


def test_the_next_start_finds_the_names(tmp_path: Path) -> None:
    LastLayers(tmp_path / "templates.json").write(["b", "a"])
    assert LastLayers(tmp_path / "templates.json").read() == ["a", "b"]


@pytest.mark.parametrize("content", [None, b"", b'["a', b"{}", b"\xff", b"[1, null]"])
def test_a_missing_or_damaged_file_gives_no_layers(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "templates.json"
    if content is not None:
        file.write_bytes(content)
    assert LastLayers(file).read() == []


def test_only_folders_of_packages_are_found_by_name(tmp_path: Path) -> None:
    store = PackageStore(tmp_path / "packages", tmp_path / "trees")
    (tmp_path / "packages" / "one").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    assert store.tree("one") == tmp_path / "packages" / "one"
    assert [store.tree(name) for name in ("two", "../other", "one/..", "", ".")] == [None] * 5
