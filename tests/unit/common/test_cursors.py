"""Cursors: each is valid only for the list that issued it, and encodes the paging direction."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import pytest

from services.common.cursors import Cursor, Page, decode, page_of
from services.common.errors import InvalidCursor


def text_of(content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def test_a_cursor_is_short_text_for_urls() -> None:
    text = Cursor("posts", "older", "ÿ?>日本").encode()
    assert re.fullmatch(r"[A-Za-z0-9_-]+", text)
    padded = base64.urlsafe_b64decode(text + "==").decode()
    assert padded == '["posts","older","ÿ?>日本"]'


@pytest.mark.parametrize("key", ["k", "kk", "kkk"])
def test_a_cursor_has_no_padding(key: str) -> None:
    assert "=" not in Cursor("posts", "older", key).encode()


@pytest.mark.parametrize("key", ["k", "kk", "kkk", "kkkk", "ÿ?>日本"])
@pytest.mark.parametrize("direction", ["older", "newer"])
def test_an_encoded_cursor_decodes_to_itself(key: str, direction: Any) -> None:
    made = Cursor("posts", direction, key)
    assert decode(made.encode(), "posts") == made
    assert decode(made.encode(), "posts", lambda found: found == key) == made


@pytest.mark.parametrize("text", [None, ""])
def test_an_absent_cursor_means_the_newest_page(text: str | None) -> None:
    assert decode(text, "posts") is None


def test_a_cursor_has_at_most_512_characters() -> None:
    longest = Cursor("p", "older", "k" * (384 - len('["p","older",""]'))).encode()
    assert len(longest) == 512
    assert decode(longest, "p") is not None
    with pytest.raises(InvalidCursor):
        decode(Cursor("p", "older", "k" * (385 - len('["p","older",""]'))).encode(), "p")


@pytest.mark.parametrize(
    "text",
    [
        "x", "%%%", "é", "AAAA", text_of(["home", "older", "k"]), text_of(["posts", "up", "k"]),
        text_of(["posts", "older", ""]), text_of(["posts", "older", 7]), text_of(["posts", "older"]),
        text_of({"a": 1}), text_of(7), "W1tbW1tbW1tb" * 40, text_of(["posts", "older", "k"]) + "+",
        text_of(["posts", "older", "k"]) + "!!!!",
    ],
)  # fmt: skip
def test_garbage_and_other_lists_are_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidCursor) as caught:
        decode(text, "posts")
    (fault,) = caught.value.to_problem()["errors"]
    assert fault["field"] == "cursor"
    assert "'older' or 'newer'" in fault["expected"]
    assert fault["got"] == text[:64]


def test_a_key_of_another_form_is_refused() -> None:
    with pytest.raises(InvalidCursor):
        decode(Cursor("posts", "older", "k").encode(), "posts", str.isdigit)


def ways(page: Page[int]) -> tuple[Cursor | None, Cursor | None]:
    return decode(page.older, "numbers"), decode(page.newer, "numbers")


def page(rows: list[int], cursor: Cursor | None = None, limit: int = 2) -> Page[int]:
    return page_of(rows, scope="numbers", cursor=cursor, limit=limit, key=str)


OLDER, NEWER = Cursor("numbers", "older", "5"), Cursor("numbers", "newer", "5")


def test_the_cursors_of_the_newest_page_name_its_ends() -> None:
    more = page([9, 8, 7])
    assert more.items == [9, 8]
    assert ways(more) == (Cursor("numbers", "older", "8"), Cursor("numbers", "newer", "9"))
    assert ways(page([9, 8])) == (None, Cursor("numbers", "newer", "9"))


def test_a_page_of_newer_rows_is_reversed_and_has_an_older_cursor() -> None:
    newer = page([6, 7], NEWER)
    assert newer.items == [7, 6]
    assert ways(newer) == (Cursor("numbers", "older", "6"), Cursor("numbers", "newer", "7"))


def test_an_empty_page_keeps_its_position() -> None:
    assert ways(page([])) == (None, None)
    assert ways(page([], OLDER)) == (None, Cursor("numbers", "newer", "5"))
    assert ways(page([], NEWER)) == (Cursor("numbers", "older", "5"), Cursor("numbers", "newer", "5"))
    assert page([], NEWER).items == []
