from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.common.errors import BadRequest
from services.search import requests, words
from services.search.model import FOLLOWING_LIMIT, Audience, Segment, segments_of
from services.search.query_language import parse

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ME = Audience("me")


def body(q: str, audience: Audience = ME, people: dict[str, str] | None = None, **options: Any) -> dict[str, Any]:
    options.setdefault("sort", "time")
    built: dict[str, Any] = requests.posts(parse(q), audience, people or {}, size=10, now=NOW, **options)
    return built


@settings(deadline=None, max_examples=50)
@given(st.text(min_size=1, max_size=60), st.sampled_from(["time", "relevance"]))
def test_every_query_has_the_visibility_filter(q: str, sort: Any) -> None:
    try:
        built = body(q, sort=sort)
    except BadRequest:
        return
    assert requests.visible(ME) in built["query"]["bool"]["filter"]


def test_the_filter_of_followed_people_is_bounded() -> None:
    audience = Audience("me", following=frozenset(f"u{number:05d}" for number in range(FOLLOWING_LIMIT + 5)))
    ways = requests.visible(audience)["bool"]["should"]
    assert len(ways[-1]["bool"]["filter"][1]["terms"]["authorId"]) == FOLLOWING_LIMIT


def test_hidden_people_are_always_excluded() -> None:
    assert requests.visible(Audience("me", hidden=frozenset({"b", "a"})))["bool"]["must_not"] == [
        {"terms": {"authorId": ["a", "b"]}}
    ]


def test_operators_are_filters_and_words_score() -> None:
    query = body("京都 from:alice has:photo", people={"alice": "u1"})["query"]["bool"]
    assert query["filter"][1:] == [{"term": {"authorId": "u1"}}, {"term": {"has": "photo"}}]
    assert query["must"] == [{"match": {"text": {"query": "京都", "operator": "and", "zero_terms_query": "all"}}}]


def test_an_unknown_author_matches_nothing() -> None:
    assert requests.NOTHING in body("from:nobody")["query"]["bool"]["filter"]


def test_only_sorting_by_relevance_boosts_fresh_posts() -> None:
    assert "should" not in body("x")["query"]["bool"]
    assert len(body("x", sort="relevance")["query"]["bool"]["should"]) == 4


def test_only_words_in_one_kana_have_a_counterpart() -> None:
    assert words.other_kana("らーめん") == "ラーメン"
    assert words.other_kana("ラーメン") == "らーめん"
    assert words.other_kana("ヴァイオリン") == "ゔぁいおりん"
    for one in ("京都", "食べる", "ramen", "ー", "ラーめん"):
        assert words.other_kana(one) is None


def test_marks_become_segments_and_neighbours_join() -> None:
    start, end = "\ue000", "\ue001"
    assert segments_of(f"a{start}b{end}{start}c{end}\nd") == [
        Segment("a", False),
        Segment("bc", True),
        Segment("\nd", False),
    ]
    assert segments_of("plain") == [Segment("plain", False)]
    assert segments_of(f"{start}two\nlines{end}") == [Segment("two\nlines", True)]
