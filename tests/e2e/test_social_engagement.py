"""Reposts, quotes, reactions, bookmarks, pins and reply permissions, through the public API."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.people import Person, Town, eventually

NOTHING = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
WHATS = ("repost", "reaction", "bookmark", "pin")
LISTS = ("thread", "likes", "reposts", "reactions", "quotes")


def put(person: Person, post: dict[str, Any], what: str, body: Any = None) -> None:
    person.api.put(f"/v1/posts/{post['id']}/{what}", body)


def lines(person: Person) -> list[tuple[str, str | None]]:
    """The home timeline: post ids, each with its reposter."""
    items = person.api.get("/v1/timelines/home", limit=50)["items"]
    return [(one["id"], one["repost"] and one["repost"]["by"]["id"]) for one in items]


def test_a_repost_reaches_followers_once_and_disappears_when_undone(town: Town) -> None:
    author, fan, other, reader = (town.person() for _ in range(4))
    for one in (author, fan, other):
        reader.follow(one)
    mark = other.post("a mark")
    eventually(reader.home, lambda ids: mark["id"] in ids, "the follows to take effect")
    post, later = author.post("worth it"), author.post("later")
    eventually(reader.home, lambda ids: {post["id"], later["id"]} <= set(ids), "both posts")
    put(fan, post, "repost")
    put(fan, post, "repost")
    seen = eventually(lambda: lines(reader), lambda found: found[0] == (post["id"], fan.id), "the repost on top")
    assert [one for one, _ in seen].count(post["id"]) == 1
    put(other, post, "repost")
    eventually(lambda: lines(reader), lambda found: found[0] == (post["id"], other.id), "the second repost on top")
    eventually(
        lambda: author.api.get(f"/v1/posts/{post['id']}")["counts"]["reposts"], lambda n: n == 2, "both to be counted"
    )
    other.api.delete(f"/v1/posts/{post['id']}/repost")
    eventually(lambda: lines(reader), lambda found: found[0] == (post["id"], fan.id), "the first repost again")
    assert [one["id"] for one in reader.api.get(f"/v1/posts/{post['id']}/reposts")["items"]] == [fan.id]
    author.api.delete(f"/v1/posts/{post['id']}")
    assert post["id"] not in reader.home()
    eventually(lambda: lines(fan), lambda found: found == [], "the reposter's own entry to be removed")


def test_a_quote_is_counted_and_embeds_the_post_until_its_deletion(town: Town) -> None:
    author, friend, stranger = (town.person() for _ in range(3))
    post = author.post("the original", contentWarning="a warning")
    quote = friend.post("so true", quoteOf=post["id"])
    shown = stranger.api.get(f"/v1/posts/{quote['id']}")["quote"]
    assert (shown["state"], shown["post"]["author"]["id"]) == ("shown", author.id)
    assert shown["post"]["contentWarning"] == "a warning"
    eventually(
        lambda: author.api.get(f"/v1/posts/{post['id']}")["counts"]["quotes"], lambda n: n == 1, "the quote's count"
    )
    assert [one["id"] for one in author.api.get(f"/v1/posts/{post['id']}/quotes")["items"]] == [quote["id"]]
    second = stranger.api.get(f"/v2/posts/{quote['id']}")
    assert second["included"]["posts"][0]["content"] == {"text": "the original", "warning": "a warning", "facets": []}
    author.api.delete(f"/v1/posts/{post['id']}")
    gone = stranger.api.get(f"/v1/posts/{quote['id']}")["quote"]
    assert gone == {"postId": post["id"], "state": "unavailable", "post": None}


def test_reactions_by_many_end_with_the_number_of_edges(town: Town) -> None:
    author, people = town.person(), [town.person() for _ in range(3)]
    post = author.post("react to me")
    path = f"/v1/posts/{post['id']}/reaction"
    calls = [(one, emoji) for one in people for emoji in ("👍", "🎉", None, "❤", "👍")]
    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(
                lambda call: call[0].api.put(path, {"emoji": call[1]}) if call[1] else call[0].api.delete(path), calls
            )
        )
    people[0].api.put(path, {"emoji": "🎉"})
    people[1].api.put(path, {"emoji": "❤"})
    people[2].api.delete(path)
    seen = eventually(
        lambda: people[1].api.get(f"/v1/posts/{post['id']}"),
        lambda one: sorted((each["emoji"], each["count"]) for each in one["reactions"]) == [("❤️", 1), ("🎉", 1)],
        "the counts to equal the edges",
    )
    assert seen["viewer"]["reaction"] == "❤️"
    listed = author.api.get(f"/v1/posts/{post['id']}/reactions")["items"]
    assert {(one["person"]["id"], one["emoji"]) for one in listed} == {(people[0].id, "🎉"), (people[1].id, "❤️")}


def test_the_reply_policy_is_shown_and_enforced(town: Town) -> None:
    author, friend, other = (town.person() for _ in range(3))
    author.follow(friend)
    for policy, friend_may in (("following", True), ("mentioned", False), ("nobody", False)):
        post = author.post("choose who answers", replyPolicy=policy)
        for person, may in ((author, True), (friend, friend_may), (other, False)):
            assert person.api.get(f"/v1/posts/{post['id']}")["viewer"]["canReply"] is may, (policy, may)
            if may:
                person.post("an answer", replyTo=post["id"])
            else:
                body = {"clientPostId": uuid.uuid4().hex, "text": "me too", "replyTo": post["id"]}
                assert person.refused("POST", "/v1/posts", body).status == 403


def test_a_thread_bookmarks_and_pins(town: Town) -> None:
    author, other = town.person(), town.person()
    root = author.post("root")
    answer = other.post("answer", replyTo=root["id"])
    deeper = author.post("deeper", replyTo=answer["id"])
    goes_on = author.post("goes on", replyTo=root["id"])
    thread = other.api.get(f"/v1/posts/{root['id']}/thread")
    below = [(one["depth"], one["post"]["id"]) for one in thread["replies"]]
    assert below == [(1, goes_on["id"]), (1, answer["id"]), (2, deeper["id"])]
    above = other.api.get(f"/v1/posts/{deeper['id']}/thread")["ancestors"]
    assert [one["post"]["id"] for one in above] == [root["id"], answer["id"]]
    put(other, root, "bookmark")
    assert [one["id"] for one in other.api.get("/v1/bookmarks")["items"]] == [root["id"]]
    assert author.api.get("/v1/bookmarks")["items"] == []
    put(author, root, "pin")
    assert [one["id"] for one in other.api.get(f"/v1/users/{author.id}/pins")["items"]] == [root["id"]]
    assert other.refused("PUT", f"/v1/posts/{root['id']}/pin").status == 403


def test_hidden_posts_can_be_neither_shared_nor_inspected(town: Town) -> None:
    author, stranger, visitor = town.person(), town.person(), town.stranger()
    hidden, shown = author.post("hidden", visibility="followers"), author.post("shown")
    for post_id in (hidden["id"], NOTHING):
        for what in WHATS:
            body = {"emoji": "👍"} if what == "reaction" else None
            assert stranger.refused("PUT", f"/v1/posts/{post_id}/{what}", body).status == 404, what
            stranger.api.delete(f"/v1/posts/{post_id}/{what}")
        for what in LISTS:
            assert stranger.refused("GET", f"/v1/posts/{post_id}/{what}").status == 404, what
        quote = {"clientPostId": uuid.uuid4().hex, "text": "look", "quoteOf": post_id}
        assert stranger.refused("POST", "/v1/posts", quote).status == 404
    assert author.refused("PUT", f"/v1/posts/{hidden['id']}/repost").status == 422
    with visitor:
        for what in ("repost", "bookmark"):
            answer = visitor.http.put(f"/v1/posts/{shown['id']}/{what}")
            assert (answer.status_code, answer.json()["type"]) == (404, "profile-missing")
    without_token = town.person().api.http
    without_token.headers.pop("authorization")
    for what in WHATS:
        assert without_token.put(f"/v1/posts/{shown['id']}/{what}").status_code == 401
    for what in LISTS:
        assert without_token.get(f"/v1/posts/{shown['id']}/{what}").status_code == 401


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"quoteOf": "1"}, 400, "quoteOf"),
        ({"replyPolicy": "friends"}, 400, "replyPolicy"),
        ({"contentWarning": "x" * 201}, 400, "contentWarning"),
        ({"contentWarning": 5}, 400, "contentWarning"),
    ],
)
def test_invalid_input_is_refused_with_the_expected_values(
    town: Town, body: dict[str, Any], status: int, field: str
) -> None:
    person = town.person()
    problem = person.refused("POST", "/v1/posts", {"clientPostId": "a", "text": "x", **body})
    assert problem.status == status
    assert any(error["field"].startswith(field) for error in problem.document["errors"]), problem


def test_bad_reactions_ids_and_cursors_are_refused(town: Town) -> None:
    person = town.person()
    post = person.post()
    for emoji in ("ok", "👍👍", "", "x" * 65, 5, None):
        assert person.refused("PUT", f"/v1/posts/{post['id']}/reaction", {"emoji": emoji}).status == 400, emoji
    assert person.refused("PUT", f"/v1/posts/{post['id']}/reaction").status == 400
    for what in LISTS:
        assert person.refused("GET", f"/v1/posts/1/{what}").status == 400
        for cursor in ("garbage", "WyJob21lIiwib2xkZXIiLCJ4Il0"):
            assert person.refused("GET", f"/v1/posts/{post['id']}/{what}", cursor=cursor).type == "invalid-cursor"
    assert person.refused("GET", "/v1/bookmarks", cursor="x").status == 400
    assert person.refused("GET", "/v1/users/x/pins").status == 400
