from __future__ import annotations

import pytest

from services.common.errors import BadRequest
from services.search.query_language import Clause, parse


def clauses(text: str) -> list[Clause]:
    return [clause for part in parse(text).parts for clause in part]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("京都 旅行", [Clause("word", "京都"), Clause("word", "旅行")]),
        ("京都　旅行", [Clause("word", "京都"), Clause("word", "旅行")]),
        ('"good morning" world', [Clause("phrase", "good morning"), Clause("word", "world")]),
        ("“good morning”", [Clause("phrase", "good morning")]),
        ("#हिन्दी #りんご・飴 #a_b", [Clause("tag", "हिन्दी"), Clause("tag", "りんご・飴"), Clause("tag", "a_b")]),
        ("#旅行 ＃Food", [Clause("tag", "旅行"), Clause("tag", "Food")]),
        ("-spam -#ad -\"buy now\"", [Clause("word", "spam", True), Clause("tag", "ad", True),
        Clause("phrase", "buy now", True)]),
        ("from:@Alice to：bob", [Clause("from", "alice"), Clause("to", "bob")]),
        ("FROM:alice", [Clause("from", "alice")]),
        ("has:photo is:reply lang:JA", [Clause("has", "photo"), Clause("is", "reply"), Clause("lang", "ja")]),
        ("since:2026-01-31", [Clause("since", "2026-01-31T00:00:00.000Z")]),
        ("until:2026-01-31", [Clause("until", "2026-02-01T00:00:00.000Z")]),
        ("since:2026-01-31T09:00:00+09:00", [Clause("since", "2026-01-31T00:00:00.000Z")]),
        ("re:invent https://example.com", [Clause("word", "re:invent"), Clause("word", "https://example.com")]),
        ("a - b", [Clause("word", "a"), Clause("word", "-"), Clause("word", "b")]),
        ("twenty-one", [Clause("word", "twenty-one")]),
        ("OR-gate", [Clause("word", "OR-gate")]),
        ("or", [Clause("word", "or")]),
    ],
)  # fmt: skip
def test_a_query_is_split_into_its_clauses(text: str, expected: list[Clause]) -> None:
    assert clauses(text) == expected


def test_or_joins_neighbours_only() -> None:
    query = parse("猫 OR 犬 OR 鳥 写真")
    assert [[clause.value for clause in part] for part in query.parts] == [["猫", "犬", "鳥"], ["写真"]]
    assert query.words == ["写真"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "at least one"),
        ("   　", "at least one"),
        ("OR 猫", "both sides of OR"),
        ("猫 OR", "both sides of OR"),
        ("猫 OR OR 犬", "both sides of OR"),
        ('"unfinished', "closing quotation mark"),
        ('""', "words between"),
        ("#a-b", "a tag"),
        ("from:", "a handle after from:"),
        ("from:a/b", "a handle after from:"),
        ("has:cats", "photo, video, audio, media, link"),
        ("is:happy", "reply, post"),
        ("lang:japanese!", "a language code"),
        ("lang:xx", "a language code"),
        ("has:", "one of photo"),
        ("since:2026-02-01 until:2026-01-01", "a since: before until:"),
        ("since:yesterday", "a day"),
        ("until:2026-02-30", "a day"),
        ("since:2026-01-01T00:00:00", "a day"),
        ("until:9999-12-31", "a day"),
        ("x" * 513, "at most 512 characters"),
        ("a " * 25, "at most 24"),
    ],
)
def test_an_invalid_query_names_the_expected_syntax(text: str, expected: str) -> None:
    with pytest.raises(BadRequest) as caught:
        parse(text)
    (fault,) = caught.value.errors
    assert fault.field == "q"
    assert expected in fault.expected


@pytest.mark.parametrize(
    ("text", "reason", "got"),
    [
        ("cat from:", "value-missing", "from:"),
        ("from:a/b cat", "handle", "from:a/b"),
        ("cat since:yesterday", "date", "since:yesterday"),
        ("until:2026-13-01", "date", "until:2026-13-01"),
        ('cat "dog', "quote", '"dog'),
        ('cat ""', "phrase", '""'),
        ("has:cats", "has", "has:cats"),
        ("is:cat", "is", "is:cat"),
        ("lang:xx", "lang", "lang:xx"),
        ("since:2026-02-02 until:2026-02-01", "range", "since:2026-02-02 until:2026-02-01"),
        ("OR", "or", "OR"),
        ("#a-b", "tag", "#a-b"),
    ],
)
def test_a_fault_names_the_part_that_is_wrong(text: str, reason: str, got: str) -> None:
    with pytest.raises(BadRequest) as caught:
        parse(text)
    assert [(one.reason, one.got) for one in caught.value.errors] == [(reason, got)]


@pytest.mark.parametrize(
    "text", ["since:2026-02-01 until:2026-02-01", "since:2026-02-02 OR until:2026-02-01", "lang:JA"]
)
def test_unusual_but_valid_queries_are_parsed(text: str) -> None:
    assert parse(text).parts
