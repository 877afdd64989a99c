"""Modules that all contexts share."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common import claims, cursors, ids
from services.common.errors import Forbidden, InvalidCursor


def test_ids_are_ordered_within_one_millisecond() -> None:
    made = [ids.new_id() for _ in range(5_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert all(ids.is_id(one) for one in made)


def test_ids_ascend_after_the_clock_was_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last id of this process is of a moment that is still to come."""
    monkeypatch.setattr(ids, "_last", int(ids.Ulid.from_str("7" + "Z" * 24 + "0")))
    made = [ids.new_id() for _ in range(10)]
    assert made == [f"7{'Z' * 24}{one}" for one in "123456789A"]


def test_an_unnamed_id_is_its_sha_256() -> None:
    """Stored ones must still match after a change of this code."""
    assert ids.unnamed("ann") == hashlib.sha256(b"ann").hexdigest()


@given(st.text(max_size=80))
def test_a_garbage_cursor_is_refused(text: str) -> None:
    if not text:
        assert cursors.decode(text, "home") is None
        return
    with pytest.raises(InvalidCursor):
        cursors.decode(text, "home")


def test_a_cursor_of_another_list_is_refused() -> None:
    text = cursors.Cursor("home", "older", "01ABC").encode()
    assert cursors.decode(text, "home") == cursors.Cursor("home", "older", "01ABC")
    with pytest.raises(InvalidCursor) as refused:
        cursors.decode(text, "public")
    assert refused.value.to_problem()["errors"][0]["field"] == "cursor"


@pytest.mark.parametrize("value", [[], ["home"], ["home", "older", 3], {"a": 1}, "home", ["home", "sideways", "k"]])
def test_a_cursor_of_the_wrong_shape_is_refused(value: object) -> None:
    with pytest.raises(InvalidCursor):
        cursors.decode(base64.urlsafe_b64encode(json.dumps(value).encode()).decode(), "home")


def test_pages_walk_both_ways_without_loss_or_double() -> None:
    keys = [f"{number:03}" for number in range(25)]

    def read(cursor: cursors.Cursor | None, limit: int) -> list[str]:
        if cursor is None:
            return keys[::-1][: limit + 1]
        if cursor.direction == "older":
            return [key for key in keys[::-1] if key < cursor.key][: limit + 1]
        return [key for key in keys if key > cursor.key][: limit + 1]

    def page(text: str | None) -> cursors.Page[str]:
        cursor = cursors.decode(text, "list")
        return cursors.page_of(read(cursor, 10), scope="list", cursor=cursor, limit=10, key=str)

    first = page(None)
    second = page(first.older)
    third = page(second.older)
    assert [*first.items, *second.items, *third.items] == keys[::-1]
    assert third.older is None
    assert list(page(third.newer).items) == list(second.items)
    nothing = page(first.newer)
    assert nothing.items == []
    keys.append("100")
    assert page(nothing.newer).items == ["100"]


def test_groups_are_read_as_the_gateway_writes_them() -> None:
    event = {"requestContext": {"authorizer": {"jwt": {"claims": {"sub": "u", "cognito:groups": "[a developers]"}}}}}
    assert claims.viewer_of_http(event).groups == {"a", "developers"}
    with pytest.raises(Forbidden):
        claims.viewer_of_http({"requestContext": {}})
