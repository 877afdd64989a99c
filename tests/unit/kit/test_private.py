"""Files of the kit are readable by their user only, also files that an earlier checkout made readable to all."""

from __future__ import annotations

import ast
import stat
from pathlib import Path

import pytest

from kit.settings import Settings, checkout_root
from kit.tighten import tighten

#: Programs that write no files: health checks, an endpoint query, the part of a Lambda that we do not start.
_WRITE_NOTHING = {
    "emulation/healthy.py",
    "kit/deploy/imports.py",
    "kit/dev/importer.py",
    "emulation/emulator/capabilities.py",
    "emulation/emulator/lambdas/runtime.py",
    "kit/child.py",
    "kit/compose/slim.py",  # Images are readable by all; this program only removes files.
    "kit/reindex.py",
}
#: This program runs ``kit/up.py``.
_HAND_OVER = {"kit/bootstrap.py"}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("ASYNCSNS_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("ASYNCSNS_STATE", raising=False)
    return Settings()


def write(path: Path, rights: int = 0o644) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    path.chmod(rights)
    return path


def test_files_that_others_could_read_are_made_private(settings: Settings) -> None:
    key = write(settings.state / "emulator" / "blobs" / "key.json")
    module = write(settings.state / "emulator" / "packages" / "a.so", 0o755)
    others = [write(settings.run / "status.json"), write(settings.home / "keys" / "media.pem"),
              write(settings.logs / "edge.log", 0o666), write(settings.outputs_file)]  # fmt: skip
    environment = write(settings.venv / "bin" / "python", 0o755)
    assert tighten(settings) == []
    assert (mode(key), mode(module)) == (0o600, 0o700)
    assert {mode(path) for path in others} == {0o600}
    folders = [settings.state, key.parent, key.parent.parent, settings.run, settings.logs]
    assert {mode(path) for path in folders} == {0o700}
    assert mode(environment) == 0o755, "an environment holds nothing of the user's"
    assert tighten(settings) == []


def test_links_are_not_followed_and_missing_files_are_ignored(settings: Settings, tmp_path: Path) -> None:
    assert tighten(settings) == []
    outside = write(tmp_path / "outside" / "file")
    settings.state.mkdir(parents=True)
    (settings.state / "link").symlink_to(outside)
    (settings.state / "folder").symlink_to(outside.parent)
    (settings.state / "broken").symlink_to(tmp_path / "nothing")
    rights = mode(outside.parent)
    assert tighten(settings) == []
    assert (mode(outside), mode(outside.parent)) == (0o644, rights)


def test_a_moved_state_is_made_private_too(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASYNCSNS_STATE", str(tmp_path / "elsewhere"))
    item = write(tmp_path / "elsewhere" / "push" / "push.sqlite")
    tighten(settings)
    assert mode(item) == 0o600


def programs() -> list[Path]:
    root = checkout_root()
    files = [path for folder in ("emulation", "kit", "loadtests") for path in (root / folder).rglob("*.py")]
    found = [path for path in files if '__name__ == "__main__"' in path.read_text("utf-8")]
    return [path for path in found if str(path.relative_to(root)) not in _WRITE_NOTHING | _HAND_OVER]


def test_every_program_of_the_kit_begins_with_it() -> None:
    found = programs()
    assert len(found) > 15, "no programs found: the test looks in the wrong place"
    for path in [*found, checkout_root() / "kit/up.py"]:
        calls = [
            node.func.id
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        ]
        assert "keep_private" in calls, path
