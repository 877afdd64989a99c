"""What the kit's image omits, and that its versions are those of this checkout."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest

from kit.compose import slim
from kit.seed import files
from kit.seed.people import PEOPLE
from kit.settings import checkout_root


def test_only_folders_that_nothing_imports_are_left_out(tmp_path: Path) -> None:
    library = tmp_path / "aws_cdk"
    for name in ("aws_s3", "aws_iot", "_jsii"):
        (library / name).mkdir(parents=True)
    (library / "__init__.py").touch()
    loaded = {name: ModuleType(name) for name in ("aws_cdk", "aws_cdk.aws_s3", "aws_cdk.aws_s3.inner", "other.aws_iot")}
    assert [path.name for path in slim.unused_modules(library, loaded)] == ["aws_iot"]


def test_a_missing_folder_is_refused_with_the_expected_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert slim.main([str(tmp_path / "absent")]) == 2
    assert "expected the folder of an environment" in capsys.readouterr().err


def test_the_image_has_the_versions_that_are_tested() -> None:
    def pinned(name: str) -> set[str]:
        text = (checkout_root() / "requirements" / f"{name}.txt").read_text("utf-8")
        return set(re.findall(r"^[a-z0-9._-]+==\S+", text, re.MULTILINE))

    assert len(pinned("kit")) > 40
    assert pinned("kit") - pinned("project") == set()
    assert not {one.split("==")[0] for one in pinned("kit")} & {"pytest", "playwright", "mypy", "locust", "hypothesis"}


def test_build_tools_are_not_in_the_last_stage() -> None:
    recipe = (checkout_root() / "kit" / "compose" / "kit.Dockerfile").read_text("utf-8")
    last = recipe.rpartition("\nFROM ")[2]
    assert "pip install" not in last
    assert "npm" not in last


def test_only_numpy_and_ffmpeg_packages_are_removed_completely(tmp_path: Path) -> None:
    gone = {"av", "av-17.0.1.dist-info", "av.libs", "numpy", "numpy-2.4.0.dist-info", "numpy.libs"}
    for name in (*gone, "avro", "numpydoc", "numpy_financial-1.0.dist-info"):
        (tmp_path / name).mkdir()
    assert {path.name for path in slim.used_up(tmp_path)} == gone


def test_the_seed_takes_files_that_are_painted_already(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a short text for each picture and sound; ``tests/contract/kit/test_seed_files.py`` paints them."""
    monkeypatch.setenv("ASYNCSNS_HOME", str(tmp_path))
    monkeypatch.setattr(files, "_paint", lambda file: repr(file).encode())
    monkeypatch.setattr(files, "_portrait", lambda person: repr(person).encode())
    files.folder().mkdir()
    (files.folder() / "of an older seed").touch()
    assert files.leave(files.folder()) == len(files.of_posts()) + len(PEOPLE) == len(list(files.folder().iterdir()))
    monkeypatch.setattr(files, "_paint", lambda file: b"again")
    monkeypatch.setattr(files, "_portrait", lambda person: b"again")
    assert [files.content(file) for file in files.of_posts()] == [repr(file).encode() for file in files.of_posts()]
    assert [files.avatar(person) for person in PEOPLE] == [repr(person).encode() for person in PEOPLE]
