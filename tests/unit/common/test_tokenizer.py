"""The tokenizer of the server against the vectors that it shares with the web UI, and both against each other."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.tokenizer import Token, folded_tag, tokens_of

ROOT = Path(__file__).parents[3]
VECTORS = json.loads((ROOT / "frontend-static/tests/vectors/tokens.json").read_text("utf-8"))
CASES = [
    pytest.param(case["text"], case["tokens"], id=f"{group['about']}: {case['text'][:40]}")
    for group in VECTORS
    for case in group["cases"]
]
#: What tokens are made of, and what ends them.
PARTS = (
    "https://", "http://", "HTTPS://", "example.com", "日本.jp", "[::1]", ":8080", ":99999", "/", "?", "#", "@", "＃",
    "＠", "user", "hana", "東京", "を", "ひ", "カ", "・", "〜", "～", "「", "」", "(", ")", "[", "]", "*", "_", "~",
    "'s", "’", ".", ",", " ", "\n", "\u200c", "\u200d", "\u200b", "é", "ß", "Σ", "ı", "İ", "क्", "🎉", "a", "1", "-",
    "`", "|",
)  # fmt: skip


@pytest.mark.parametrize(("text", "tokens"), CASES)
def test_a_text_has_these_tokens(text: str, tokens: list[list[str]]) -> None:
    assert [[one.kind, one.value] for one in tokens_of(text)] == tokens


def test_tokens_are_in_order_and_never_overlap() -> None:
    for text in _texts(2_000):
        end = 0
        for token in tokens_of(text):
            assert end <= token.start < token.end <= len(text)
            end = token.end


def test_offsets_count_code_points() -> None:
    text = "👨‍👩‍👧 #家族"
    (token,) = tokens_of(text)
    assert text[token.start : token.end] == "#家族"


@given(st.text(max_size=12))
def test_folding_twice_changes_nothing(tag: str) -> None:
    assert folded_tag(folded_tag(tag)) == folded_tag(tag)


@pytest.mark.parametrize("part", ["https://a.example/(", "#〜", "@hana", "https://", "([", "https://a.b/" + "'s" * 9])
def test_a_long_hostile_text_takes_no_time(part: str) -> None:
    """Linear: what doubles the text does not make it four times slower. 16,000 characters are the most of a post."""
    assert isinstance(tokens_of(part * (16_000 // len(part))), list)


def test_server_and_ui_find_the_same_in_random_texts(tmp_path: Path) -> None:
    """The UI's tokenizer runs in vitest, on what the server found."""
    if not shutil.which("node") or not (ROOT / "frontend-static/node_modules").exists():
        pytest.skip("node or the UI's packages are not installed (`make install` brings them)")
    corpus = tmp_path / "corpus.json"
    found = [{"text": text, "tokens": [_in_utf16(text, one) for one in tokens_of(text)]} for text in _texts(5_000)]
    corpus.write_text(json.dumps(found), "utf-8")
    command = ["npx", "vitest", "run", "tests/tokenizer.test.ts", "--reporter=dot"]
    environment = {**os.environ, "TOKENIZER_CORPUS": str(corpus)}
    done = subprocess.run(command, cwd=ROOT / "frontend-static", env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


def _texts(count: int) -> list[str]:
    chance = random.Random(20_260_003)
    return ["".join(chance.choices(PARTS, k=chance.randint(1, 14))) for _ in range(count)]


def _in_utf16(text: str, token: Token) -> list[object]:
    start, end = (len(text[:offset].encode("utf-16-le")) // 2 for offset in (token.start, token.end))
    return [start, end, token.kind, token.value]
