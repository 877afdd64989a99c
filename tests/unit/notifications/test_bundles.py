"""Bundled notifications: the facts that they keep, and the result when one fact is withdrawn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.common.ids import new_id
from services.notifications import model
from services.notifications.model import Fact, Marks, Notice, Notification, NotificationType, id_after, made_of

EARLY, LATE = "2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z"
KIND = next(iter(NotificationType))


def notice(once: str, at: str, **more: Any) -> Notice:
    return Notice("ann", KIND, more.pop("actor", f"by-{once}"), at, once, **{"group": "g", **more})


def test_a_new_notification_has_all_fields_of_its_notice() -> None:
    told = notice("one", EARLY, preview="hi", detail="👍", seq=4)
    made = made_of(told, "id-1", None)
    assert made == Notification(
        "id-1", "ann", KIND, EARLY, ("by-one",), 1, told.subject, "hi", "👍", False,
        (Fact("one", "by-one", EARLY, "hi", "👍", 4),), "id-1", "g", 4,
    )  # fmt: skip


@pytest.mark.parametrize("first_is_late", [True, False])
def test_the_later_of_two_facts_gives_time_text_and_name_in_any_order(first_is_late: bool) -> None:
    one = notice("one", LATE if first_is_late else EARLY, preview="1", detail="a", seq=7)
    two = notice("two", EARLY if first_is_late else LATE, preview="2", detail="b", seq=9)
    made = made_of(two, "id-2", made_of(one, "id-1", None))
    later, earlier = (one, two) if first_is_late else (two, one)
    assert (made.id, made.bundle, made.count, made.group, made.read) == ("id-2", "id-1", 2, "g", False)
    assert (made.at, made.preview, made.detail) == (LATE, later.preview, later.detail)
    assert made.actors == (later.actor, earlier.actor)
    assert [fact.once for fact in made.facts] == [later.once, earlier.once]
    assert made.last_seq == 9
    third = made_of(notice("three", "2026-01-03T00:00:00.000Z"), "id-3", made)
    assert (third.bundle, third.count) == ("id-1", 3)


def test_a_notification_without_facts_keeps_its_actors_and_last_message() -> None:
    old = Notification("id-1", "ann", KIND, EARLY, ("x", "y"), 2, notice("a", EARLY).subject, None, last_seq=5)
    made = made_of(notice("one", LATE), "id-2", old)
    assert (made.actors, made.last_seq, made.count, made.bundle) == (("by-one", "x", "y"), 5, 3, "id-1")


def test_removing_a_fact_leaves_the_others() -> None:
    one = made_of(notice("one", EARLY, preview="1"), "id-1", None)
    two = made_of(notice("two", LATE, preview="2"), "id-2", one)
    left = two.without("two")
    assert left is not None
    assert (left.count, left.at, left.preview, left.actors) == (1, EARLY, "1", ("by-one",))
    assert one.without("one") is None
    # Only the latest facts are stored; the others remain in the count.
    many = replace(one, count=5).without("one")
    assert many is not None
    assert (many.count, many.facts, many.preview) == (4, one.facts, "1")


def test_marks_decide_which_notifications_are_read_and_counted() -> None:
    ids = sorted(new_id() for _ in range(3))
    low, middle, high = (replace(made_of(notice("a", EARLY), one, None), id=one) for one in ids)
    marks = Marks(2, read_up_to=middle.id, revision=3, seen_up_to=low.id)
    assert [marks.has_read(one) for one in (low, middle, high)] == [True, True, False]
    assert marks.has_read(replace(high, read=True))
    assert [marks.counts(one) for one in (low, middle, high)] == [False, False, True]
    assert not marks.counts(replace(high, read=True))
    assert Marks(seen_up_to=middle.id).counted_after == middle.id
    assert marks.after(1) == Marks(1, middle.id, 4, low.id)
    assert marks.after(-1) == Marks(0, middle.id, 4, low.id)


def test_a_new_id_exceeds_the_last_read_one_despite_the_clock() -> None:
    future = "7ZZZZZZZZZ0000000000000000"
    assert id_after(future) == "7ZZZZZZZZZ0000000000000001"
    assert id_after("0" * 26) > "0" * 26
    assert id_after("") > ""


def test_a_new_id_that_is_the_one_just_read_is_moved_on(monkeypatch: pytest.MonkeyPatch) -> None:
    same = new_id()
    monkeypatch.setattr(model, "new_id", lambda: same)
    assert id_after(same) > same


def test_other_notifications_have_no_last_message() -> None:
    assert made_of(notice("one", EARLY), "id-1", None).last_seq == 0


def test_removing_the_last_message_shows_the_one_before() -> None:
    both = made_of(notice("two", LATE, seq=9), "id-2", made_of(notice("one", EARLY, seq=7), "id-1", None))
    left = both.without("two")
    assert left is not None
    assert left.last_seq == 7


def test_names_are_those_of_the_facts_that_are_kept() -> None:
    kept = made_of(notice("0", "2026-01-01T00:00:00.000Z", actor="bob"), "id-0", None)
    for number in range(1, model.FACTS_KEPT + 1):
        kept = made_of(notice(str(number), f"2026-01-01T00:01:{number:02}.000Z", actor="cid"), f"id-{number}", kept)
    assert (kept.count, len(kept.facts), kept.actors) == (model.FACTS_KEPT + 1, model.FACTS_KEPT, ("cid",))
