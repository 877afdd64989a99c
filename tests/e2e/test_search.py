"""Search through the public API: from post to result, who finds what, and refusals."""

from __future__ import annotations

import secrets
from typing import Any

import pytest

from services.common.ids import new_id
from tests.support.people import Person, Town, eventually


def found(person: Person, q: str, **more: Any) -> list[str]:
    page = person.api.get("/v1/search", q=q, sort="time", limit=50, **more)
    return [item["post"]["id"] for item in page["items"]]


def until_found(person: Person, q: str, *ids: str) -> None:
    eventually(lambda: found(person, q), lambda got: set(ids) <= set(got), f"{q} finds {ids}")


@pytest.fixture
def word() -> str:
    """A word that occurs in no other post."""
    return f"kotoba{secrets.token_hex(5)}"


def test_a_post_is_found_by_other_forms_of_its_words_and_marked(town: Town, word: str) -> None:
    author, reader = town.person(), town.person()
    post = author.post(f"{word} 京都でラーメンを食べた #{word}")
    until_found(reader, f"{word} 食べる", post["id"])
    (item,) = reader.api.get("/v1/search", q=f"{word} 食べる")["items"]
    assert item["post"] == reader.api.get(f"/v1/posts/{post['id']}")
    assert "食べ" in [piece["text"] for piece in item["highlight"] if piece["match"]]
    assert "".join(piece["text"] for piece in item["highlight"]) == post["text"]
    assert found(reader, f"{word} 東京都") == []
    assert found(reader, f"#{word} from:{author.handle} lang:ja is:post") == [post["id"]]
    assert found(reader, f"#{word} -ラーメン") == []


def test_search_hides_posts_that_the_viewer_may_not_see(town: Town, word: str) -> None:
    author, follower, mentioned, stranger = (town.person() for _ in range(4))
    follower.follow(author)
    made = {
        kind: author.post(f"{word} @{mentioned.handle}" if kind == "mentioned" else word, visibility=kind)["id"]
        for kind in ("public", "unlisted", "followers", "mentioned")
    }
    last = author.post(word)["id"]
    until_found(author, word, *made.values(), last)
    tries = (word, f"{word} OR is:post from:{author.handle}", f"from:{author.handle}", f"from:{author.handle} -x")
    for q in tries:
        assert set(found(stranger, q)) == {made["public"], last}
        assert set(found(follower, q)) == {made["public"], made["followers"], last}
        assert set(found(mentioned, q)) == {made["public"], made["mentioned"], last}
    assert stranger.api.get("/v1/search", q=word)["total"] == 2


def test_a_deleted_post_disappears_from_search(town: Town, word: str) -> None:
    author, reader = town.person(), town.person()
    kept, gone = author.post(word)["id"], author.post(word)["id"]
    until_found(reader, word, kept, gone)
    author.api.delete(f"/v1/posts/{gone}")
    assert gone not in found(reader, word)
    eventually(lambda: reader.api.get("/v1/search", q=word)["total"], lambda total: total == 1, "the index forgets it")


def test_no_search_feature_reveals_hidden_posts(town: Town, word: str) -> None:
    """Every search feature returns only data from posts that the reader may see."""
    author, follower, mentioned, stranger = (town.person() for _ in range(4))
    follower.follow(author)
    text = f"{word}secret #{word}tag https://example.com/{word}"
    hidden = [
        author.post(f"{text} @{mentioned.handle}" if kind == "mentioned" else text, visibility=kind)["id"]
        for kind in ("followers", "mentioned", "unlisted")
    ]
    gone = author.post(text)["id"]
    # A public tag with the same prefix: the tag is listed, but its hidden posts do not count.
    known = author.post(f"#{word}tag")["id"]
    until_found(author, f"{word}secret", *hidden, gone)
    until_found(author, f"#{word}tag", known)
    author.api.delete(f"/v1/posts/{gone}")
    eventually(
        lambda: author.api.get("/v1/search", q=f"{word}secret")["total"], lambda n: n == 3, "the index forgets it"
    )
    operators = (
        f"{word}secret",
        f'"{word}secret"',
        f"from:{author.handle} has:link",
        f"to:{mentioned.handle}",
        f"-{word}nothing from:{author.handle} has:link",
        f"{word}secret OR {word}tag has:link",
        f"from:{author.handle} lang:en has:link OR from:{author.handle} has:link",
        f"#{word}tag has:link since:2020-01-01",
    )
    for q in operators:
        page = stranger.api.get("/v1/search", q=q)
        assert (page["items"], page["total"], page["didYouMean"]) == ([], 0, None), q
        assert not any(page["facets"].values()), q
    assert found(follower, f"{word}secret") == hidden[:1]
    assert found(mentioned, f"{word}secret") == hidden[1:2]

    def tags(person: Person) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = person.api.get("/v1/search", q=f"{word}t", type="tags")["items"]
        assert listed == person.api.get("/v1/search/suggest", q=f"{word}t")["tags"]
        return listed

    assert tags(stranger) == [{"tag": f"{word}tag", "posts": 1}]
    assert tags(follower) == [{"tag": f"{word}tag", "posts": 2}]
    assert tags(author) == [{"tag": f"{word}tag", "posts": 4}]
    for typed in (f"{word}s", f"{word}secre"):
        assert stranger.api.get("/v1/search/suggest", q=typed)["queries"] == []
        assert author.api.get("/v1/search/suggest", q=typed)["queries"] == [f"{word}secret"]
    assert stranger.api.get("/v1/search", q=f"{word}secrat")["didYouMean"] is None
    trend = {one["tag"]: one["posts"] for one in stranger.api.get("/v1/trends", hours=1)["items"]}
    assert trend.get(f"{word}tag", 1) == 1


def test_saved_searches_are_private(town: Town, word: str) -> None:
    one, other = town.person(), town.person()
    first, second = new_id(), new_id()
    made = one.api.put(f"/v1/searches/{first}", {"name": "Sea", "query": f"海 {word}"})
    one.api.put(f"/v1/searches/{second}", {"name": "Mine", "query": f"from:{one.handle} -rt"})
    assert made == {"id": first, "name": "Sea", "query": f"海 {word}", "savedAt": made["savedAt"]}
    other.api.put(f"/v1/searches/{first}", {"name": "Not yours", "query": "x"})
    other.api.delete(f"/v1/searches/{second}")
    one.api.put(f"/v1/searches/{first}", {"name": "The sea", "query": "海"})
    listed = one.api.get("/v1/searches")["items"]
    assert [(item["id"], item["name"]) for item in listed] == [(second, "Mine"), (first, "The sea")]
    one.api.delete(f"/v1/searches/{first}")
    assert [item["id"] for item in one.api.get("/v1/searches")["items"]] == [second]
    assert [item["name"] for item in other.api.get("/v1/searches")["items"]] == ["Not yours"]
    problem = one.refused("PUT", f"/v1/searches/{first}", {"name": "x", "query": "from:"})
    assert (problem.status, problem.document["errors"][0]["field"]) == (400, "query")


def test_pages_miss_nothing_and_repeat_nothing(town: Town, word: str) -> None:
    author = town.person()
    made = [author.post(f"{word} {number}")["id"] for number in range(7)]
    until_found(author, word, *made)
    for sort in ("time", "relevance"):
        walked: list[str] = []
        page: dict[str, Any] = {"older": None}
        while page["older"] or not walked:
            page = author.api.get("/v1/search", q=word, sort=sort, limit=3, cursor=page["older"])
            walked += [item["post"]["id"] for item in page["items"]]
        assert sorted(walked) == sorted(made)


def test_people_are_found_by_name_and_handle_and_tags_are_suggested(town: Town, word: str) -> None:
    person, reader = town.person(f"{word} 京子", bio=f"写真 {word}"), town.person()
    post = person.post(f"#{word} {word}x")

    def people(q: str) -> list[str]:
        return [one["id"] for one in reader.api.get("/v1/search", q=q, type="people")["items"]]

    eventually(lambda: people(word), lambda ids: ids == [person.id], "the person is found by name")
    assert people(f"@{person.handle[:-1]}") == people(person.handle) == [person.id]
    until_found(reader, f"#{word}", post["id"])
    offered = reader.api.get("/v1/search/suggest", q=word[:-1])
    assert [one["tag"] for one in offered["tags"]] == [word]
    tags = reader.api.get("/v1/search", q=word, type="tags")["items"]
    assert tags == [{"tag": word, "posts": 1}]
    assert isinstance(reader.api.get("/v1/trends", hours=1)["items"], list)


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"q": "from:"}, "q"),
        ({"q": '"open'}, "q"),
        ({"q": "x OR"}, "q"),
        ({"q": "   "}, "q"),
        ({"q": "x" * 513}, "q"),
        ({}, "q"),
        ({"q": "x", "type": "cats"}, "type"),
        ({"q": "x", "sort": "colour"}, "sort"),
        ({"q": "x", "limit": "0"}, "limit"),
        ({"q": "x", "cursor": "garbage"}, "cursor"),
    ],
)
def test_an_invalid_value_is_reported_with_its_field(town: Town, params: dict[str, str], field: str) -> None:
    problem = town.person().refused("GET", "/v1/search", **params)
    assert problem.status == 400
    assert field in {one["field"].rpartition(".")[2] for one in problem.document["errors"]}
