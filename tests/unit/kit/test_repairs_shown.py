"""`make up` shows each repair once, also one that was made after an earlier `make up` had failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulation import mended
from kit.settings import Settings
from kit.up import show_repairs


def test_a_repair_is_shown_by_the_next_make_up_and_then_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ASYNCSNS_HOME", str(tmp_path))
    monkeypatch.delenv("ASYNCSNS_STATE", raising=False)
    settings = Settings()

    def shown() -> list[str]:
        show_repairs(settings)
        return [line.split("Z ")[1] for line in capsys.readouterr().out.splitlines()]

    assert shown() == []
    mended.note(settings.state / "pump", "checkpoints were damaged")
    assert shown() == ["checkpoints were damaged"]
    # After that `make up` failed, a server went on and repaired its state.
    mended.note(settings.state / "search", "the store was damaged")
    assert shown() == ["the store was damaged"]
    assert shown() == []
