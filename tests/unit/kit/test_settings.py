"""The offset of the last `make up` is remembered; a variable wins over it."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulation.settings import Settings


def test_what_make_up_chose_is_remembered_per_checkout(tmp_path: Path) -> None:
    settings = Settings(root=tmp_path, port_offset=300)
    assert settings.remembered() == {}
    settings.remember(port_offset=300, target="embedded")
    settings.remember(target="compose")
    assert settings.remembered() == {"port_offset": "300", "target": "compose"}


def test_a_broken_memory_is_none(tmp_path: Path) -> None:
    settings = Settings(root=tmp_path)
    settings.home.mkdir()
    settings.remembered_file.write_text("{")
    assert settings.remembered() == {}


@pytest.mark.parametrize("offset", ["-1", "x", "50001", "1.5"])
def test_an_offset_that_is_no_whole_number_is_refused(monkeypatch: pytest.MonkeyPatch, offset: str) -> None:
    monkeypatch.setenv("ASYNCSNS_PORT_OFFSET", offset)
    with pytest.raises(ValueError, match="expected a whole number from 0 to 50000"):
        Settings.load()
