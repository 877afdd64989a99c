"""The system's signing key pairs."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from infra.constructs import edge_security
from infra.keys import local_push_keys
from services.common import signed_urls
from tests.support.keys import private_pem, public_pem, rsa_key


def test_the_distribution_and_the_signer_know_a_key_by_the_same_name() -> None:
    key = rsa_key()
    assert edge_security.fingerprint(public_pem(key).decode()) == signed_urls.fingerprint(private_pem(key))


def test_programs_that_start_together_share_one_push_key_pair(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "web-push.json"

    with ThreadPoolExecutor(16) as pool:
        pairs = set(pool.map(lambda _: local_push_keys(file), range(64)))

    assert len(pairs) == 1
    assert json.loads(file.read_text("utf-8"))["public"] == pairs.pop().public
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["web-push.json"]


@pytest.mark.parametrize("damage", [b"", b"\xff\xfe garbage", b"-----BEGIN PRIVATE KEY-----\nMIIB", b"{}", b"[]"])
def test_damaged_keys_of_web_push_are_refused_because_browsers_hold_the_other_half(
    tmp_path: Path, damage: bytes
) -> None:
    file = tmp_path / "web-push.json"
    pair = local_push_keys(file)
    assert local_push_keys(file) == pair
    file.write_bytes(damage)
    with pytest.raises(ValueError, match=r"web-push\.json is damaged: .* or remove it"):
        local_push_keys(file)
    assert file.read_bytes() == damage
