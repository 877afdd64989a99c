"""The tokenizers of the server and the UI give the same results."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from services.common.tokenizer import Token, tokens_of
from tests.unit.common.test_tokenizer import ROOT, _texts


def test_server_and_ui_find_the_same_in_random_texts(tmp_path: Path) -> None:
    """The UI's tokenizer runs in vitest, on texts with the server's results."""
    if not shutil.which("node") or not (ROOT / "frontend-static/node_modules").exists():
        pytest.skip("node or the UI's packages are not installed (`make install` brings them)")
    corpus = tmp_path / "corpus.json"
    found = [{"text": text, "tokens": [_in_utf16(text, one) for one in tokens_of(text)]} for text in _texts(5_000)]
    corpus.write_text(json.dumps(found), "utf-8")
    command = ["npx", "vitest", "run", "tests/tokenizer.test.ts", "--reporter=dot"]
    environment = {**os.environ, "TOKENIZER_CORPUS": str(corpus)}
    done = subprocess.run(command, cwd=ROOT / "frontend-static", env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


def _in_utf16(text: str, token: Token) -> list[object]:
    start, end = (len(text[:offset].encode("utf-16-le")) // 2 for offset in (token.start, token.end))
    return [start, end, token.kind, token.value]
