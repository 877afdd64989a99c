"""Secrets and keys of a checkout: made once, private, and replaced with a message when a file is damaged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kit.deploy import signing
from kit.shared_secret import made_once

_DAMAGES = (b"", b"\xff\xfe garbage", b"-----BEGIN PRIVATE KEY-----\nMIIB")


@pytest.mark.parametrize("damage", _DAMAGES)
@pytest.mark.parametrize("read", [made_once, signing.local_key])
def test_a_damaged_secret_is_set_aside_and_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], read: Callable[[Path], str], damage: bytes
) -> None:
    file = tmp_path / "keys" / "one"
    before = read(file)
    assert read(file) == before
    assert not capsys.readouterr().err
    file.write_bytes(damage)
    after = read(file)
    assert after not in ("", before)
    assert read(file) == after
    assert file.stat().st_mode & 0o777 == 0o600
    said = capsys.readouterr().err
    assert said.count("is damaged") == 1
    (aside,) = (one for one in (file.parent / "damaged").iterdir() if one.name.endswith("-one"))
    assert str(aside) in said
    assert aside.read_bytes() == damage
