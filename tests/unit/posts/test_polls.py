"""Rules of polls, as pure functions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.common.errors import BadRequest
from services.posts.polls import PollContent, Tally, checked_choices, checked_poll, tally_of
from services.posts.resources import poll_resource

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def poll(*options: str, multiple: bool = False, duration: timedelta = HOUR):  # type: ignore[no-untyped-def]
    return checked_poll(PollContent(options or ("yes", "no"), multiple, duration), START)


@pytest.mark.parametrize(
    "draft",
    [
        PollContent(["only"], False, HOUR),
        PollContent(["1", "2", "3", "4", "5"], False, HOUR),
        PollContent(["yes", " "], False, HOUR),
        PollContent(["yes", " Yes "], False, HOUR),
        PollContent(["yes", "👨‍👩‍👧" * 51], False, HOUR),
        PollContent(["yes", "a\x00b"], False, HOUR),
        PollContent(["yes", "no"], False, timedelta(seconds=299)),
        PollContent(["yes", "no"], False, timedelta(days=7, seconds=1)),
    ],
)
def test_invalid_polls_are_refused(draft: PollContent) -> None:
    with pytest.raises(BadRequest) as refused:
        checked_poll(draft, START)
    assert refused.value.errors[0].field.startswith("poll.")


def test_options_count_visible_characters_and_time_from_publication() -> None:
    made = poll("👨‍👩‍👧" * 50, " b ", duration=timedelta(minutes=5))
    assert made.options == ("👨‍👩‍👧" * 50, "b")
    assert made.ends_at == "2026-01-01T00:05:00.000Z"
    assert not made.has_ended(START + timedelta(minutes=5) - timedelta(milliseconds=1))
    assert made.has_ended(START + timedelta(minutes=5))


@pytest.mark.parametrize(
    ("multiple", "choices"), [(False, []), (False, [0, 1]), (False, [2]), (False, [-1]), (True, [0, 0]), (True, [])]
)
def test_invalid_choices_are_refused(multiple: bool, choices: list[int]) -> None:
    with pytest.raises(BadRequest):
        checked_choices(poll(multiple=multiple), choices)


def test_several_choices_where_the_poll_allows_them() -> None:
    assert checked_choices(poll("a", "b", "c", multiple=True), [2, 0]) == (0, 2)


def test_results_are_hidden_until_the_viewer_voted_or_the_poll_ended() -> None:
    made, tally = poll(), tally_of({"vote0": 3, "voters": 3, "likes": 9}, 2)
    assert tally == Tally((3, 0), 3)

    def votes(moment: datetime, **more: object) -> list[int | None]:
        return [one["votes"] for one in poll_resource(made, moment, tally, **more)["options"]]  # type: ignore[arg-type]

    assert votes(START) == [None, None]
    assert votes(START, choices=(0,)) == votes(START, author=True) == votes(START + HOUR) == [3, 0]
    assert votes(START, choices=(1,)) == [3, 1], "the projection may be behind the caller's own vote"
    assert poll_resource(made, START, tally)["voters"] == 3
    assert tally.with_vote([1], 2) == Tally((3, 1), 4)
