"""Which queries match which posts. Source: opensearch.org, Japanese (kuromoji) analysis and Full-text queries."""

from __future__ import annotations

import pytest

from tests.contract.search_fixtures import Posts

JAPANESE = [
    ("京都", "京都でお茶を飲んだ", True),
    ("京都", "東京都に引っ越した", False),
    ("東京都", "東京都に引っ越した", True),
    ("食べる", "ラーメンを食べた", True),
    ("食べた", "寿司を食べる", True),
    ("食べる", "昼ごはんを食べました", True),
    ("美味しい", "これは美味しかった", True),
    ("走る", "毎朝走っています", True),
    ("ﾗｰﾒﾝ", "ラーメンの写真", True),
    ("ラーメン", "ﾗｰﾒﾝの写真", True),
    ("サーバー", "サーバが落ちた", True),
    ("コンピュータ", "コンピューターを買った", True),
    ("写真", "写真を撮る", True),
    ("を", "写真を撮る", False),
    ("ＡＷＳ", "aws の認定試験", True),
    ("aws", "ＡＷＳの認定試験", True),
    ("２０２６", "2026年の目標", True),
    ("犬", "猫が好き", False),
]
ENGLISH = [
    ("running", "I run every morning", True),
    ("run", "She was running late", True),
    ("photos", "a photo of a cat", True),
    ("PHOTO", "Photos from Kyoto", True),
    ("cat", "concatenate strings", False),
    ("ｃａｔ", "my cat sleeps", True),
    ("kyoto", "旅行 Kyoto 2026", True),
]
#: Scripts that kuromoji's dictionary does not cover: words separated by spaces, unchanged.
OTHER_SCRIPTS = [
    ("مرحبا", "مرحبا بالعالم", True),
    ("عالم", "مرحبا بالعالم", False),
    ("שלום", "שלום עולם", True),
    ("दुनिया", "नमस्ते दुनिया", True),
    ("세계", "안녕하세요 세계", True),
    ("გამარჯობა", "გამარჯობა მსოფლიო", True),
    ("вода", "Вода, огонь", True),
    ("العربية", "東京で العربية، والعبرية。", True),
    ("hello", "مرحبا hello 東京", True),
]


@pytest.mark.parametrize(("words", "text", "found"), JAPANESE + ENGLISH + OTHER_SCRIPTS)
def test_a_word_finds_its_forms_and_no_others(posts: Posts, words: str, text: str, found: bool) -> None:
    posts.add(text)
    assert posts.matching(words) == ({"p0"} if found else set())


def test_all_words_must_match_with_and_one_suffices_with_or(posts: Posts) -> None:
    posts.add("京都でラーメン", "京都で寿司", "大阪でラーメン")
    assert posts.matching("京都 ラーメン") == {"p0"}
    assert posts.matching("京都 ラーメン", operator="or") == {"p0", "p1", "p2"}
    assert posts.matching("京都 ラーメン 寿司", operator="or", minimum_should_match=2) == {"p0", "p1"}
    assert posts.matching("京都 ラーメン 寿司", operator="or", minimum_should_match="60%") == {"p0", "p1", "p2"}


def test_a_phrase_keeps_order_and_distance(posts: Posts) -> None:
    posts.add("good morning world", "morning is good", "good bad morning", "おはよう世界 good morning")
    assert set(posts.ids({"match_phrase": {"text": "good morning"}})) == {"p0", "p3"}
    assert set(posts.ids({"match_phrase": {"text": {"query": "good morning", "slop": 1}}})) == {"p0", "p2", "p3"}


def test_a_japanese_phrase_sees_through_particles(posts: Posts) -> None:
    posts.add("写真を撮る", "写真は好き、動画を撮る")
    assert posts.ids({"match_phrase": {"text": "写真を撮った"}}) == ["p0"]


def test_the_last_word_of_a_prefix_query_may_be_unfinished(posts: Posts) -> None:
    posts.add("hello wonderful people", "hello people", "wonderful hello")
    assert set(posts.ids({"match_phrase_prefix": {"text": "hello won"}})) == {"p0"}
    assert set(posts.ids({"match_bool_prefix": {"text": {"query": "hello won", "operator": "and"}}})) == {"p0", "p2"}


def test_fuzziness_finds_a_misspelled_word(posts: Posts) -> None:
    posts.add("beautiful garden", "beauty contest")
    fuzzy = {"match": {"text": {"query": "gardem", "fuzziness": "AUTO", "prefix_length": 1}}}
    assert posts.ids(fuzzy) == ["p0"]
    assert posts.ids({"match": {"text": "gardem"}}) == []


def test_highlights_mark_fuzzy_matches(posts: Posts) -> None:
    posts.add("a beautiful gardens tour", "コンピューターの garage")
    body = {"pre_tags": ["["], "post_tags": ["]"], "number_of_fragments": 0, "fields": {"text": {}}}
    for slip, marked in (("gardem", "a beautiful [gardens] tour"), ("コンピュタ", "[コンピューター]の garage")):
        query = {"match": {"text": {"query": slip, "fuzziness": "AUTO", "prefix_length": 1}}}
        answer = posts.search(query, highlight=body)["hits"]["hits"]
        assert [hit["highlight"]["text"][0] for hit in answer] == [marked]


def test_a_query_over_several_fields_weighs_each_field(posts: Posts) -> None:
    posts.put({"text": "kyoto walk", "tags": ["travel"]}, {"text": "osaka", "tags": ["Kyoto"]})
    both = {"multi_match": {"query": "kyoto", "fields": ["text", "tags^2"]}}
    assert posts.ids(both) == ["p1", "p0"]
    phrase = {"multi_match": {"query": "kyoto walk", "fields": ["text"], "type": "phrase"}}
    assert posts.ids(phrase) == ["p0"]


def test_keyword_fields_are_folded_but_not_tokenized(posts: Posts) -> None:
    posts.put({"text": "a", "tags": ["ＫＹＯＴＯ", "ﾗｰﾒﾝ"]}, {"text": "b", "tags": ["kyototower"]})
    assert posts.ids({"term": {"tags": "Kyoto"}}) == ["p0"]
    assert posts.ids({"terms": {"tags": ["ラーメン", "none"]}}) == ["p0"]
    assert set(posts.ids({"prefix": {"tags": "KYO"}})) == {"p0", "p1"}


def test_boolean_queries_combine_required_and_optional_clauses(posts: Posts) -> None:
    posts.put(
        {"text": "red apple", "lang": "en"},
        {"text": "green apple", "lang": "en"},
        {"text": "red car", "lang": "en"},
        {"text": "red apple", "lang": "ja"},
    )
    query = {
        "bool": {
            "must": [{"match": {"text": "apple"}}],
            "filter": [{"term": {"lang": "en"}}],
            "must_not": [{"match": {"text": "green"}}],
        }
    }
    assert posts.ids(query) == ["p0"]
    assert set(posts.ids({"bool": {"must_not": [{"match": {"text": "red"}}]}})) == {"p1"}
    either = {"bool": {"should": [{"match": {"text": "car"}}, {"match": {"text": "green"}}]}}
    assert set(posts.ids(either)) == {"p1", "p2"}
    optional = {"bool": {"must": [{"match": {"text": "apple"}}], "should": [{"term": {"lang": "ja"}}]}}
    assert posts.ids(optional)[0] == "p3"
    assert set(posts.ids(optional)) == {"p0", "p1", "p3"}
    two = {"bool": {"should": [{"match": {"text": w}} for w in ("red", "apple", "car")], "minimum_should_match": 2}}
    assert set(posts.ids(two)) == {"p0", "p2", "p3"}
    assert set(posts.ids({"bool": {}})) == {"p0", "p1", "p2", "p3"}


def test_filters_by_time_presence_and_id(posts: Posts) -> None:
    posts.put({"text": "a", "has": ["photo"]}, {"text": "b"}, {"text": "c", "has": []})
    window = {"range": {"createdAt": {"gte": "2026-01-01T00:00:01Z", "lt": "2026-01-01T00:00:02.000Z"}}}
    assert posts.ids(window) == ["p1"]
    assert set(posts.ids({"range": {"createdAt": {"gt": 1767225600000}}})) == {"p1", "p2"}
    assert posts.ids({"exists": {"field": "has"}}) == ["p0"]
    assert set(posts.ids({"ids": {"values": ["p1", "p2", "nobody"]}})) == {"p1", "p2"}
    assert posts.ids({"match_none": {}}) == []
    assert posts.ids({"term": {"noSuchField": 1}}) == []


def test_filters_score_nothing_and_boosts_multiply(posts: Posts) -> None:
    posts.put({"text": "x", "lang": "en"})

    def score(query: dict[str, object]) -> float:
        value: float = posts.search(query)["hits"]["hits"][0]["_score"]
        return value

    assert score({"match_all": {}}) == 1.0
    assert score({"bool": {"filter": [{"term": {"lang": "en"}}]}}) == 0.0
    assert score({"constant_score": {"filter": {"term": {"lang": "en"}}, "boost": 2.5}}) == 2.5
    assert score({"range": {"createdAt": {"gte": 0, "boost": 3}}}) == 3.0
    plain = score({"match": {"text": "x"}})
    assert score({"match": {"text": {"query": "x", "boost": 2}}}) == pytest.approx(plain * 2, rel=1e-5)


def test_highlights_mark_every_found_word_in_the_whole_text(posts: Posts) -> None:
    posts.add("昨日、京都でラーメンを食べた。<b>running</b> shoes")
    body = {"pre_tags": ["["], "post_tags": ["]"], "number_of_fragments": 0, "fields": {"text": {}}}

    def marked(query: dict[str, object], **more: object) -> str:
        answer = posts.search(query, highlight={**body, **more})
        text: str = answer["hits"]["hits"][0]["highlight"]["text"][0]
        return text

    assert marked({"match": {"text": "食べる run"}}) == "昨日、京都でラーメンを[食べ]た。<b>[running]</b> shoes"
    assert "[京都]で[ラーメン]" in marked({"match_phrase": {"text": "京都でラーメン"}})
    assert "&lt;b&gt;[running]" in marked({"match": {"text": "run"}}, encoder="html")
    either = [{"match": {"text": "京都"}}, {"bool": {"must_not": [{"match": {"text": "ラーメン"}}]}}]
    assert "[京都]でラーメン" in marked({"bool": {"should": either}})
    unmarked = posts.search({"match_all": {}}, highlight=body)["hits"]["hits"][0]
    assert "highlight" not in unmarked
