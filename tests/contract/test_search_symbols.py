"""Emoji, signs and accents: which queries match, in posts and people. Sources: UTS #51, UAX #29."""

from __future__ import annotations

from services.search import queries
from tests.contract.search_network import ME, NOW, Network
from tests.support.search_records import post_item, profile_item

#: query, post, whether it matches
SYMBOLS = [
    ("🎉", "おめでとう🎉", True),
    ("🎉", "party 🎉🎉 time", True),
    ("🎉", "party time", False),
    ("🎊", "おめでとう🎉", False),
    ("-🎉", "おめでとう🎉", False),
    ("-🎉", "おめでとう", True),
    ("おめでとう -🎉", "おめでとう🎊", True),
    ('"🎉"', "yes 🎉", True),
    ('"party 🎉"', "the party 🎉", True),
    ('"party 🎉"', "the party", False),
    ("party🎉", "party! 🎉", True),
    ("🎉 OR 🎊", "🎊", True),
    ("❤", "love ❤️", True),
    ("❤️", "love ❤", True),
    ("♥", "love ♥", True),
    ("♥", "love ❤", False),
    ("👍", "good 👍🏽", True),
    ("👍🏽", "good 👍🏽", True),
    ("👍🏽", "good 👍", False),
    ("👍🏽", "good 👍🏿", False),
    ("👨‍👩‍👧", "family 👨‍👩‍👧", True),
    ("👨", "family 👨‍👩‍👧", False),
    ("👩‍💻", "at work 👩🏽‍💻", True),
    ("🏳️‍🌈", "pride 🏳️‍🌈", True),
    ("🌈", "pride 🏳️‍🌈", False),
    ("🇯🇵", "日本 🇯🇵", True),
    ("🇯🇵", "🇫🇷🇯🇵", True),
    ("🇵🇫", "🇯🇵🇫🇷", False),
    ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", "England 🏴󠁧󠁢󠁥󠁮󠁧󠁿", True),
    ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", "Scotland 🏴󠁧󠁢󠁳󠁣󠁴󠁿", False),
    ("1️⃣", "step 1️⃣", True),
    ("1️⃣", "step 1", False),
    ("#️⃣", "press #️⃣", True),
    ("‼️", "really ‼", True),
    ("☆", "星☆", True),
    ("★", "星☆", False),
    ("〒", "〒100-0001", True),
    ("♪", "ラララ♪", True),
    ("→", "東京→大阪", True),
    ("℃", "25℃", True),
    ("¥", "￥500", True),
    ("$", "$5 please", True),
    ("$", "5 please", False),
    ("@", "meet @ noon", True),
    ("#", "the # sign", True),
    ("＃", "the # sign", True),
    ("&", "R&D", True),
    ("C++", "I write C++ daily", True),
    ("c++", "C++でゲームを書く", True),
    ("C++", "vitamin C", False),
    ("C#", "C#とF#", True),
    ("C#", "C++", False),
    ("C", "I write C++", True),
    (".NET", "built on .NET", True),
    (".net", "ASP.NET Core", True),
    (".NET", "a net", False),
    ("-C++ programming", "programming in C++", False),
    ("$AAPL", "buy $AAPL", True),
    ("R&D", "R&D budget", True),
    ("node.js", "node.js 22", True),
    ("!", "wow!", False),
]
ACCENTS = [
    ("cafe", "un café", True),
    ("café", "a cafe", True),
    ("CAFÉ", "ｃａｆé", True),
    ("naive", "how naïve", True),
    ("istanbul", "İstanbul'a hoş geldiniz", True),
    ("ISTANBUL", "istanbul", True),
    ("İstanbul", "in istanbul", True),
    ("isik", "ışık", True),
    ("strasse", "die Straße", True),
    ("straße", "die Strasse", True),
    ("viet nam", "Việt Nam", True),
    ("da nang", "Đà Nẵng", True),
    ("ευχαριστω", "ευχαριστώ πολύ", True),
    ("αθηνα", "ΑΘΉΝΑ", True),
    ("елка", "новогодняя ёлка", True),
    ("ёлка", "новогодняя елка", True),
    ("иод", "йод", False),
    ("smorrebrod", "smørrebrød", True),
    ("lodz", "Łódź", True),
    ("angstrom", "Ångström", True),
    ("oeuvre", "hors d'œuvre", True),
    ("resume", "my résumé", True),
    ("cafe\u0301", "un café", True),
    ("ﬁance", "my fiancé", True),
    ("ｋｙｏｔｏ", "Kyōto", True),
    ("kyoto", "Kyōto", True),
    ("かき", "柿の実", False),
    ("カラス", "ガラスの靴", False),
    ("はは", "ぱぱ", False),
    ("ガラス", "ｶﾞﾗｽの靴", True),
    ('"cafe noir"', "un café noir", True),
    ('"cafe noir"', "noir café", False),
    ("-cafe noir", "café noir", False),
    ("cofe", "un café", False),
    ("محمد", "قال مُحَمَّد لنا", True),
    ("مُحَمَّد", "قال محمد لنا", True),
    ("احمد", "جاء أحمد", True),
    ("اسلام", "عن إسلام", True),
    ("الان", "تعال الآن", True),
    ("جميله", "مدينة جميلة", True),
    ("على", "ذهب علي", True),
    ("کتاب", "هذا كتاب", True),
    ("فارسي", "زبان فارسی", True),
    ("جميل", "جمــــيل", True),
    ("مدرسة", "مدينة", False),
    ("שלום", "שָׁלוֹם לכם", True),
    ("שָׁלוֹם", "שלום לכם", True),
    ("שלום", "ירושלים", False),
    ("कलम", "मेरी क़लम", True),
    ("ज़रा", "जरा सुनो", True),
    ("कलम", "मेरी किताब", False),
]


def test_each_query_finds_its_symbols(network: Network) -> None:
    """One index for all cases, because each index is costly."""
    cases = SYMBOLS + ACCENTS
    texts = list(dict.fromkeys(text for _, text, _ in cases))
    network.post(*(post_item(f"p{number}", text, authorId="u1") for number, text in enumerate(texts)))
    wrong = [
        (q, text, sort)
        for q, text, found in cases
        for sort in ("time", "relevance")
        if (f"p{texts.index(text)}" in network.find(q, sort=sort, limit=len(texts))) != found
    ]
    assert wrong == []


def test_an_emoji_search_is_limited_to_one_author(network: Network) -> None:
    network.post(profile_item("u1", "alice", "Alice"), profile_item("u2", "bob", "Bob"))
    network.post(post_item("a", "🎉", authorId="u1"), post_item("b", "🎉", authorId="u2"))
    assert network.find('"🎉" from:alice') == ["a"]
    assert network.find("-🎉 from:alice") == []


def test_exact_spellings_rank_first(network: Network) -> None:
    old, new = "2025-01-01T00:00:00.000Z", "2026-01-01T23:00:00.000Z"
    network.post(
        post_item("plain", "a cafe", createdAt=old),
        post_item("accent", "a café", createdAt=new),
        post_item("pale", "ok 👍", createdAt=old),
        post_item("toned", "ok 👍🏽", createdAt=new),
    )
    assert network.find("cafe", sort="relevance") == ["plain", "accent"]
    assert network.find("café", sort="relevance") == ["accent", "plain"]
    assert network.find("👍", sort="relevance") == ["pale", "toned"]


def test_highlights_mark_emoji_accents_and_symbols(network: Network) -> None:
    network.post(post_item("p", "Œuvre 🎉 du café C++ 🎉"))

    def marked(q: str) -> list[str]:
        (hit,) = queries.search_posts(network.index, ME, q, now=NOW).items
        assert "".join(one.text for one in hit.highlight) == "Œuvre 🎉 du café C++ 🎉"
        return [one.text for one in hit.highlight if one.match]

    assert marked("🎉") == ["🎉", "🎉"]
    assert marked("oeuvre cafe") == ["Œuvre", "café"]
    assert marked("C++ café") == ["café", "C++"]


def test_people_are_found_by_emoji_and_without_accents(network: Network) -> None:
    network.post(
        profile_item("u1", "zoe", "Zoë 🌸"),
        profile_item("u2", "umit", "Ümit", bio="İstanbul ☕ C#"),
        profile_item("u3", "zoe_2", "Zoe"),
    )

    def people(q: str) -> list[str]:
        return [hit.id for hit in queries.search_people(network.index, q).items]

    assert people("🌸") == ["u1"]
    assert people("zoe 🌸") == ["u1"]
    assert people("☕") == ["u2"]
    assert people("C#") == ["u2"]
    assert people("istanbul") == ["u2"]
    assert people("umi") == ["u2"]
    assert set(people("zoë")) == {"u1", "u3"}
    assert people("@") == []
