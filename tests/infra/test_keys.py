"""The system's signing key pairs."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from infra.keys import local_push_keys


def test_programs_that_start_together_share_one_push_key_pair(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "web-push.json"

    with ThreadPoolExecutor(16) as pool:
        pairs = set(pool.map(lambda _: local_push_keys(file), range(64)))

    assert len(pairs) == 1
    assert json.loads(file.read_text("utf-8"))["public"] == pairs.pop().public
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["web-push.json"]
