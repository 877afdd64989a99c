"""Reposts, quotes, threads, bookmarks and pins as people read them; against a real DynamoDB API."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from services.common.ids import new_id
from services.posts.thread_paths import DEPTH
from services.timelines.model import Entry
from services.timelines.repository import TimelineRepository
from tests.support.aws import Aws
from tests.support.social import Network, ids


@pytest.fixture
def network(fresh: Aws) -> Network:
    return Network(fresh)


def act(network: Network, user: str, method: str, post: dict[str, Any], what: str, body: Any = None) -> None:
    answer = network.request(user, method, f"/v1/posts/{post['id']}/{what}", body)
    assert answer.status == 204, answer


def walk(network: Network, user: str, path: str, name: str = "older") -> list[Any]:
    """All items, page by page of two."""
    found, cursor = [], ""
    while True:
        page = network.get(user, f"{path}?limit=2{cursor}")
        found += page["replies" if name == "next" else "items"]
        if page[name] is None:
            return found
        cursor = f"&cursor={page[name]}"


def test_the_lists_of_a_posts_people_page_and_hide_with_the_post(network: Network) -> None:
    author, *people = (network.person(name) for name in "abcd")
    post = network.post(author)
    for one in people:
        act(network, one, "PUT", post, "like")
        act(network, one, "PUT", post, "repost")
        act(network, one, "PUT", post, "reaction", {"emoji": "🎉"})
    newest_first = list(reversed(people))
    for what in ("likes", "reposts"):
        assert ids(walk(network, author, f"/v1/posts/{post['id']}/{what}")) == newest_first
    reactors = walk(network, author, f"/v1/posts/{post['id']}/reactions")
    assert [(one["person"]["id"], one["emoji"]) for one in reactors] == [(one, "🎉") for one in newest_first]
    hidden = network.post(author, visibility="followers")
    for what in ("likes", "reposts", "reactions", "quotes", "thread"):
        assert network.request(people[0], "GET", f"/v1/posts/{hidden['id']}/{what}").status == 404
        assert network.request(author, "GET", f"/v1/posts/{hidden['id']}/{what}?cursor=x").status == 400


def test_a_quote_shows_the_quoted_post_only_to_permitted_viewers(network: Network) -> None:
    author, follower, stranger = (network.person(name) for name in "abc")
    network.follow(follower, author)
    hidden = network.post(author, "inner", visibility="followers", contentWarning="plot")
    quote = network.post(author, "outer", quoteOf=hidden["id"])
    path = f"/v1/posts/{quote['id']}"
    shown = network.get(follower, path)["quote"]
    assert (shown["state"], shown["post"]["text"], shown["post"]["contentWarning"]) == ("shown", "inner", "plot")
    assert network.get(stranger, path)["quote"] == {"postId": hidden["id"], "state": "unavailable", "post": None}
    second = network.get(follower, f"/v2/posts/{quote['id']}")
    assert second["quoteOf"] == hidden["id"]
    assert second["included"]["posts"][0]["content"]["warning"] == "plot"
    assert network.get(stranger, f"/v2/posts/{quote['id']}")["included"]["posts"] == []
    assert ids(network.get(follower, f"/v1/posts/{hidden['id']}/quotes")["items"]) == [quote["id"]]
    network.request(author, "DELETE", f"/v1/posts/{hidden['id']}")
    assert network.get(follower, path)["quote"]["state"] == "unavailable"


def test_quotes_are_listed_newest_first_without_deleted_ones(network: Network) -> None:
    author, other = network.person("a"), network.person("b")
    post = network.post(author)
    quotes = [network.post(other, str(number), quoteOf=post["id"]) for number in range(5)]
    path = f"/v1/posts/{post['id']}/quotes"
    assert ids(walk(network, author, path)) == [one["id"] for one in reversed(quotes)]
    network.request(other, "DELETE", f"/v1/posts/{quotes[2]['id']}")
    assert quotes[2]["id"] not in ids(walk(network, author, path))


def test_a_profile_mixes_posts_and_reposts_by_time(network: Network) -> None:
    author, fan = network.person("a"), network.person("b")
    posts = [network.post(author, str(number)) for number in range(3)]
    mine = [network.post(fan, "one")]
    act(network, fan, "PUT", posts[0], "repost")
    mine.append(network.post(fan, "two"))
    act(network, fan, "PUT", posts[2], "repost")
    act(network, fan, "PUT", mine[0], "repost")
    shown = walk(network, author, f"/v1/users/{fan}/posts")
    assert ids(shown) == [one["id"] for one in (mine[0], posts[2], mine[1], posts[0], mine[0])]
    assert [one["repost"] and one["repost"]["by"]["id"] for one in shown] == [fan, fan, None, fan, None]
    assert ids(network.get(author, f"/v1/users/{fan}/posts")["items"]) == ids(shown)[:-1]
    act(network, fan, "DELETE", posts[2], "repost")
    network.request(author, "DELETE", f"/v1/posts/{posts[0]['id']}")
    assert ids(walk(network, author, f"/v1/users/{fan}/posts")) == [one["id"] for one in (mine[0], mine[1], mine[0])]


def test_bookmarks_are_private_and_page_both_ways(network: Network) -> None:
    author, reader = network.person("a"), network.person("b")
    posts = [network.post(author, str(number)) for number in range(5)]
    for post in posts:
        act(network, reader, "PUT", post, "bookmark")
        act(network, reader, "PUT", post, "bookmark")
    newest_first = [one["id"] for one in reversed(posts)]
    assert ids(walk(network, reader, "/v1/bookmarks")) == newest_first
    first = network.get(reader, "/v1/bookmarks?limit=2")
    second = network.get(reader, f"/v1/bookmarks?limit=2&cursor={first['older']}")
    back = network.get(reader, f"/v1/bookmarks?limit=2&cursor={second['newer']}")
    assert ids(back["items"]) == newest_first[:2]
    assert network.get(author, "/v1/bookmarks")["items"] == []
    assert network.get(author, f"/v1/posts/{posts[0]['id']}")["viewer"]["bookmarked"] is False
    act(network, reader, "DELETE", posts[1], "bookmark")
    assert len(walk(network, reader, "/v1/bookmarks")) == 4


@pytest.mark.parametrize("between", [0, 6])
def test_a_page_shows_the_viewers_own_actions_on_posts_far_apart(network: Network, between: int) -> None:
    """The bookmarked posts are far apart; actions on the posts between them must not appear on them."""
    author, viewer, other = (network.person(name) for name in "abc")
    first = network.post(author, "first")
    for number in range(between):
        for edge in ("like", "repost"):
            act(network, viewer, "PUT", network.post(author, str(number)), edge)
    last = network.post(author, "last")
    for one in (first, last):
        act(network, viewer, "PUT", one, "bookmark")
    act(network, viewer, "PUT", first, "like")
    act(network, viewer, "PUT", last, "repost")
    act(network, viewer, "PUT", last, "reaction", {"emoji": "🎉"})
    act(network, other, "PUT", first, "repost")
    states = {one["text"]: one["viewer"] for one in network.get(viewer, "/v1/bookmarks")["items"]}
    none = {"liked": False, "reposted": False, "reaction": None, "bookmarked": True, "canReply": True}
    assert states == {"first": {**none, "liked": True}, "last": {**none, "reposted": True, "reaction": "🎉"}}


def test_a_thread_has_the_parents_and_replies_that_the_viewer_may_see(network: Network) -> None:
    anna, ben, cleo = (network.person(name) for name in ("anna", "ben", "cleo"))
    root = network.post(anna, "root")
    answer = network.post(ben, "answer", replyTo=root["id"])
    hidden = network.post(ben, "hidden", replyTo=answer["id"], visibility="followers")
    below_hidden = network.post(ben, "below", replyTo=hidden["id"])
    own = network.post(anna, "goes on", replyTo=root["id"])
    thread = network.get(cleo, f"/v1/posts/{root['id']}/thread")
    assert thread["ancestors"] == []
    assert [(one["depth"], one["post"]["text"]) for one in thread["replies"]] == [
        (1, "goes on"),
        (1, "answer"),
        (3, "below"),
    ]
    deep = network.get(cleo, f"/v1/posts/{below_hidden['id']}/thread")
    assert [one["post"] and one["post"]["text"] for one in deep["ancestors"]] == ["root", "answer", None]
    assert network.request(cleo, "GET", f"/v1/posts/{hidden['id']}/thread").status == 404
    network.request(anna, "DELETE", f"/v1/posts/{own['id']}")
    pages = walk(network, ben, f"/v1/posts/{root['id']}/thread", "next")
    assert [one["post"]["text"] for one in pages] == ["answer", "hidden", "below"]


def test_a_very_deep_thread_can_be_read(network: Network) -> None:
    anna, ben = network.person("anna"), network.person("ben")
    chain = [network.post(anna, "0")]
    for number in range(DEPTH + 4):
        chain.append(network.post((ben, anna)[number % 2], str(number + 1), replyTo=chain[-1]["id"]))
    thread = network.get(anna, f"/v1/posts/{chain[0]['id']}/thread?limit=50")
    assert [one["post"]["id"] for one in thread["replies"]] == [one["id"] for one in chain[1:]]
    last = network.get(anna, f"/v1/posts/{chain[-1]['id']}/thread")
    assert [one["postId"] for one in last["ancestors"]] == [one["id"] for one in chain[:-1]]
    middle = network.get(anna, f"/v1/posts/{chain[DEPTH]['id']}/thread")
    assert [one["post"]["id"] for one in middle["replies"]] == [one["id"] for one in chain[DEPTH + 1 :]]


def test_pins_are_few_and_end_with_their_post(network: Network) -> None:
    author, reader = network.person("a"), network.person("b")
    posts = [network.post(author, str(number)) for number in range(6)]

    def pin(post: dict[str, Any]) -> int:
        return network.request(author, "PUT", f"/v1/posts/{post['id']}/pin").status

    with ThreadPoolExecutor(6) as pool:
        answers = sorted(pool.map(pin, posts))
    pinned = ids(network.get(reader, f"/v1/users/{author}/pins")["items"])
    assert len(pinned) == answers.count(204) <= 5
    assert pinned == sorted(pinned, reverse=True)
    assert set(answers) <= {204, 409, 422}
    network.request(author, "DELETE", f"/v1/posts/{pinned[0]}")
    assert ids(network.get(reader, f"/v1/users/{author}/pins")["items"]) == pinned[1:]
    assert network.request(author, "PUT", f"/v1/posts/{pinned[0]}/pin").status == 404


def test_edges_set_at_random_by_many_end_with_counts_equal_to_them(network: Network) -> None:
    network.skip()
    people = [network.person(f"p{number}") for number in range(5)]
    posts = [network.post(people[0]) for _ in range(2)]
    emoji = ["👍", "🎉", "😀"]

    def clicks(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(4):
            path = f"/v1/posts/{chance.choice(posts)['id']}/{(what := chance.choice(['like', 'repost', 'reaction']))}"
            body = {"emoji": chance.choice(emoji)} if what == "reaction" else None
            method = "PUT" if chance.random() < 0.65 else "DELETE"
            answer = network.request(chance.choice(people), method, path, body if method == "PUT" else None)
            assert answer.status == 204, answer

    with ThreadPoolExecutor(50) as pool:
        list(pool.map(clicks, range(50)))
    network.project(times=2)
    network.project(times=1)
    for post in posts:
        seen = [network.get(one, f"/v1/posts/{post['id']}") for one in people]
        mine = [one["viewer"] for one in seen]
        assert seen[0]["counts"]["likes"] == sum(one["liked"] for one in mine)
        assert seen[0]["counts"]["reposts"] == sum(one["reposted"] for one in mine)
        given = [one["reaction"] for one in mine if one["reaction"]]
        assert {one["emoji"]: one["count"] for one in seen[0]["reactions"]} == {one: given.count(one) for one in given}


def test_a_retried_reaction_acts_once(network: Network) -> None:
    network.skip()
    author, other = network.person("a"), network.person("b")
    post = network.post(author)
    path, body, key = f"/v1/posts/{post['id']}/reaction", {"emoji": "👍"}, new_id()
    for _ in range(2):
        assert network.request(other, "PUT", path, body, key=key).status == 204
    assert network.request(other, "PUT", path, {"emoji": "🎉"}, key=key).status == 422
    network.project(times=2)
    assert network.get(author, f"/v1/posts/{post['id']}")["reactions"] == [{"emoji": "👍", "count": 1}]


def test_a_muted_or_blocked_reposter_hides_the_repost_but_not_the_post(network: Network) -> None:
    author, muted, blocked, reader = (network.person(name) for name in "abcd")
    post = network.post(author)
    by_muted = Entry(post["id"], author, "public", repost_id=new_id(), reposted_by=muted)
    by_blocked = Entry(post["id"], author, "public", repost_id=new_id(), reposted_by=blocked)
    timelines = TimelineRepository("timelines")
    for entry in (Entry(post["id"], author, "public"), by_muted, by_blocked):
        timelines.add_to_homes([reader], entry)

    def shown() -> list[tuple[str, str | None]]:
        items = network.get(reader, "/v1/timelines/home")["items"]
        return [(one["id"], one["repost"] and one["repost"]["by"]["id"]) for one in items]

    assert shown() == [(post["id"], blocked)]
    assert network.request(reader, "PUT", f"/v1/blocks/{blocked}").status == 204
    assert shown() == [(post["id"], muted)]
    assert network.request(reader, "PUT", f"/v1/mutes/users/{muted}", {}).status == 204
    assert shown() == [(post["id"], None)]
    assert network.request(blocked, "PUT", f"/v1/blocks/{author}").status == 204
    assert network.request(blocked, "PUT", f"/v1/posts/{post['id']}/repost").status == 404
