"""The guarantees of ``services/search`` on the selected engine: projection, visibility, pages, suggestions."""

from __future__ import annotations

from typing import Any

import pytest

from services.common.errors import BadRequest, InvalidCursor
from services.search import queries
from services.search.model import Audience
from tests.contract.search_network import ME, NOW, Network
from tests.support.search_records import deleted, post_item, profile_item, record, sequence_number


def at(second: int) -> str:
    return f"2026-01-01T00:00:{second:02d}.000Z"


def test_nothing_is_found_before_anything_is_indexed(network: Network) -> None:
    assert network.find("京都") == []
    assert queries.trends(network.index, ME) == []
    assert queries.suggest(network.index, ME, "ky").people == []


def test_operators_select_by_author_tag_language_kind_and_time(network: Network) -> None:
    network.post(profile_item("u1", "alice", "Alice"), profile_item("u2", "Bob_2", "Bob"))
    network.post(
        post_item("a", "京都で写真 #旅行", authorId="u1", tags=["旅行"], kinds=["photo"], createdAt=at(1)),
        post_item("b", "京都 @alice", authorId="u2", mentions=["u1"], createdAt=at(2), lang="en"),
        post_item("c", "京都の返事", authorId="u2", reply_to=("a", "u1"), createdAt=at(3)),
        post_item("d", "大阪 https://example.com", authorId="u1", links=["https://example.com"], createdAt=at(4)),
    )
    assert network.find("京都") == ["c", "b", "a"]
    assert network.find("京都 from:bob_2") == ["c", "b"]
    assert network.find("from:@ALICE") == ["d", "a"]
    assert network.find("to:alice") == ["c", "b"]
    assert network.find("from:nobody") == []
    assert queries.search_posts(network.index, ME, "京都 from:nobody to:alice").unknown_handles == ["nobody"]
    assert network.find("has:photo") == ["a"]
    assert network.find("has:media OR has:link") == ["d", "a"]
    assert network.find("is:reply") == ["c"]
    assert network.find("is:post 京都") == ["b", "a"]
    assert network.find("lang:en") == ["b"]
    assert network.find("#旅行") == ["a"]
    assert network.find("京都 -写真 -is:reply") == ["b"]
    assert network.find("写真 OR 大阪") == ["d", "a"]
    assert network.find('"京都で写真"') == ["a"]
    assert network.find("since:2026-01-01T00:00:02Z until:2026-01-01T00:00:04Z") == ["c", "b"]
    assert network.find("until:2025-12-31") == []
    assert len(network.find("since:2026-01-01 until:2026-01-01")) == 4


def test_kana_variants_find_each_other(network: Network) -> None:
    network.post(
        post_item("a", "ラーメン大好き", createdAt=at(3)),
        post_item("b", "らーめん大好き", createdAt=at(2)),
        post_item("c", "ﾗｰﾒﾝ大好き", createdAt=at(1)),
    )
    assert network.find("ラーメン") == ["a", "b", "c"]
    assert network.find("らーめん") == ["a", "b", "c"]


def test_search_hides_posts_that_the_viewer_may_not_see(network: Network) -> None:
    network.post(
        post_item("public", "秘密", authorId="u1"),
        post_item("unlisted", "秘密", authorId="u1", visibility="unlisted"),
        post_item("followers", "秘密", authorId="u1", visibility="followers"),
        post_item("mentioned", "秘密", authorId="u1", visibility="mentioned", mentions=["u2"]),
        deleted(post_item("gone", "秘密", authorId="u1"), 2),
    )

    def found(viewer: str, **options: Any) -> set[str]:
        audience = Audience(viewer, **options)
        queries_tried = ("秘密", "秘密 OR is:post", "-無関係", "is:post", "since:2020-01-01", "秘密 -is:reply")
        answers = [set(network.find(q, audience, sort=sort)) for q in queries_tried for sort in ("time", "relevance")]
        assert all(answer == answers[0] for answer in answers)
        return answers[0]

    assert found("stranger") == {"public"}
    assert found("follower", following=frozenset({"u1"})) == {"public", "followers"}
    assert found("u2") == {"public", "mentioned"}
    assert found("u1") == {"public", "unlisted", "followers", "mentioned"}
    assert found("blocked", hidden=frozenset({"u1"})) == set()


def test_replays_and_reordering_are_harmless(network: Network) -> None:
    first = record(post_item("a", "一番", version=1))
    second = record(post_item("a", "二番", version=2), post_item("a", "一番", version=1))
    gone = record(deleted(post_item("a", "二番"), 3), post_item("a", "二番", version=2))
    assert network.stream(second) == []
    assert network.stream(first, second) == []
    assert network.find("二番") == ["a"]
    assert network.find("一番") == []
    assert network.stream(gone, second, first, gone) == []
    assert network.find("二番") == []
    removed = record(None, post_item("b", "三番", version=7))
    assert network.stream(removed, record(post_item("b", "三番", version=7))) == []
    assert network.find("三番") == []


def test_only_a_poison_record_fails(network: Network) -> None:
    good, late = record(post_item("a", "元気")), record(post_item("c", "元気", createdAt=at(9)))
    shapeless = record({"pk": "POST#x", "sk": "POST", "id": "x"})
    refused = record(post_item("b", "元気", createdAt="yesterday"))
    other = record({"pk": "POST#a", "sk": "LIKE#u1"})
    failed = network.stream(good, shapeless, refused, other, late)
    assert failed == [sequence_number(shapeless), sequence_number(refused)]
    assert network.find("元気") == ["c", "a"]


def test_pages_in_both_directions_miss_nothing_and_repeat_nothing(network: Network) -> None:
    network.post(*(post_item(f"p{n:02d}", "紅葉", createdAt=at(n // 3)) for n in range(25)))
    for sort in ("time", "relevance"):
        seen: list[str] = []
        cursor = None
        while True:
            page = queries.search_posts(network.index, ME, "紅葉", sort=sort, cursor=cursor, limit=4, now=NOW)
            seen += [hit.id for hit in page.items]
            cursor = page.older
            if cursor is None:
                break
        assert seen == [f"p{n:02d}" for n in reversed(range(25))]
    second = queries.search_posts(network.index, ME, "紅葉", sort="time", limit=4)
    third = queries.search_posts(network.index, ME, "紅葉", sort="time", limit=4, cursor=second.older)
    back = queries.search_posts(network.index, ME, "紅葉", sort="time", limit=4, cursor=third.newer)
    assert [hit.id for hit in back.items] == [hit.id for hit in second.items]


def test_a_cursor_is_of_one_list(network: Network) -> None:
    network.post(*(post_item(f"p{n}", "紅葉", createdAt=at(n)) for n in range(3)))
    page = queries.search_posts(network.index, ME, "紅葉", sort="time", limit=1)
    for q, cursor in (("紅葉", "garbage"), ("別", page.older)):
        with pytest.raises(InvalidCursor):
            queries.search_posts(network.index, ME, q, sort="time", cursor=cursor)


def test_a_page_has_total_facets_and_highlights(network: Network) -> None:
    network.post(
        post_item("a", "京都でラーメンを食べた", tags=["旅行"], kinds=["photo"], lang="ja"),
        post_item("b", "京都 noodles", tags=["旅行", "Food"], lang="en"),
    )
    page = queries.search_posts(network.index, ME, "京都")
    assert page.total == 2
    assert {f.value: f.count for f in page.facets["lang"]} == {"ja": 1, "en": 1}
    assert {f.value: f.count for f in page.facets["tags"]} == {"旅行": 2, "food": 1}
    assert {f.value: f.count for f in page.facets["has"]} == {"photo": 1, "media": 1}
    (hit,) = queries.search_posts(network.index, ME, "食べる").items
    assert [(s.text, s.match) for s in hit.highlight] == [
        ("京都でラーメンを", False),
        ("食べ", True),
        ("た", False),
    ]


def test_did_you_mean_suggests_indexed_words(network: Network) -> None:
    network.post(
        post_item("a", "beautiful gardens in Kyoto"),
        post_item("b", "Gardens again", createdAt=at(2)),
        post_item("c", "the only Marathon", visibility="followers"),
        post_item("d", "コンピューターを買った"),
    )

    def meant(q: str, **options: Any) -> str | None:
        return queries.search_posts(network.index, ME, q, **options).did_you_mean

    assert meant("gardrns") == "gardens"
    assert meant("beutiful from:nobody gardrns") is None
    assert meant("beutiful gardrns -snow") == "beautiful gardens -snow"
    assert meant("コンピュタ") == "コンピューター"
    assert meant("gardens") is None
    assert meant("maratjon") is None
    assert meant("xyzzyx") is None


def test_fresh_posts_come_first_among_equals(network: Network) -> None:
    network.post(
        post_item("old", "花火 きれい", createdAt="2025-06-01T00:00:00Z"),
        post_item("new", "花火 きれい", createdAt="2026-01-01T23:00:00Z"),
    )
    assert network.find("花火", sort="relevance") == ["new", "old"]


def test_people_are_found_by_handle_name_reading_and_with_a_misspelling(network: Network) -> None:
    network.post(
        profile_item("u1", "tanaka_taro", "田中太郎", bio="京都で写真を撮っています"),
        profile_item("u2", "suzuki", "鈴木花子"),
        profile_item("u3", "tanabe", "Tanabe"),
    )

    def found(q: str) -> list[str]:
        return [hit.id for hit in queries.search_people(network.index, q).items]

    assert found("suzuki") == ["u2"]
    assert found("@tana") == ["u3", "u1"]
    assert found("田中") == ["u1"]
    assert found("たなか") == ["u1"]
    assert found("すず") == ["u2"]
    assert found("suzuku") == ["u2"]
    assert found("写真") == ["u1"]
    assert found("zzz") == []


def test_suggestions_count_only_visible_posts(network: Network) -> None:
    network.post(
        profile_item("u1", "kyoko", "京子"),
        post_item("a", "x", tags=["京都"]),
        post_item("b", "x", tags=["京都", "Kyoto"]),
        post_item("c", "x", tags=["京都"], visibility="followers"),
    )
    offered = queries.suggest(network.index, ME, "きょう")
    assert offered.people == ["u1"]
    assert [(tag.tag, tag.posts) for tag in offered.tags] == [("京都", 2)]
    assert [tag.tag for tag in queries.suggest(network.index, ME, "#kyo").tags] == ["kyoto"]
    assert queries.suggest(network.index, ME, "#kyo").people == []
    assert [tag.tag for tag in queries.search_tags(network.index, ME, "kyotp").items] == ["kyoto"]


def test_suggested_queries_finish_the_last_word(network: Network) -> None:
    network.post(
        post_item("a", "Kyoto marathon in spring"),
        post_item("b", "the Marathon of Kyoto"),
        post_item("c", "kyoto market"),
        post_item("d", "kyoto マラソン大会"),
        post_item("e", "kyoto maharaja", visibility="followers"),
    )

    def finished(q: str) -> list[str]:
        return list(queries.suggest(network.index, ME, q).queries)

    assert finished("kyoto mar") == ["kyoto marathon", "kyoto market"]
    assert finished("kyoto mah") == []
    assert finished("マラ") == ["マラソン"]
    assert finished("#kyo") == finished("from:k") == []


def test_trends_count_people_not_posts(network: Network) -> None:
    network.post(
        *(
            post_item(f"spam{n}", "x", authorId="spammer", tags=["spam"], createdAt="2026-01-01T20:00:00Z")
            for n in range(5)
        ),
        *(
            post_item(f"real{n}", "x", authorId=f"u{n}", tags=["花火"], createdAt="2026-01-01T21:00:00Z")
            for n in range(3)
        ),
        post_item("before", "x", authorId="u9", tags=["花火"], createdAt="2025-12-31T21:00:00Z"),
        post_item(
            "secret", "x", authorId="u8", tags=["花火"], visibility="followers", createdAt="2026-01-01T21:00:00Z"
        ),
    )
    found = queries.trends(network.index, ME, hours=24, now=NOW)
    assert [(one.tag, one.posts, one.people, one.growth) for one in found] == [("花火", 3, 3, 3.0), ("spam", 5, 1, 5.0)]
    with pytest.raises(BadRequest):
        queries.trends(network.index, ME, hours=0)
