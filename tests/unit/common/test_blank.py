from __future__ import annotations

import json
from pathlib import Path

import pytest

from services.common.text import clean, is_blank

VECTORS = json.loads((Path(__file__).parents[3] / "frontend-static/tests/vectors/blank.json").read_text("utf-8"))


@pytest.mark.parametrize(("text", "blank"), VECTORS)
def test_server_and_ui_agree_on_blank_text(text: str, blank: bool) -> None:
    assert is_blank(text) is blank
    assert (clean("text", text, limit=10) == "") is blank
