"""Counts of replies, quotes and profiles reveal nothing about posts that the reader may not see."""

from __future__ import annotations

import pytest

from services.posts.public import PostModeration
from tests.support.aws import Aws
from tests.support.social import Network


@pytest.fixture
def network(fresh: Aws) -> Network:
    made = Network(fresh)
    made.skip()
    return made


def told(network: Network, viewer: str, author: str) -> int:
    counted: int = network.get(viewer, f"/v1/users/{author}")["counts"]["posts"]
    return counted


def test_a_profile_counts_only_what_its_viewer_may_see(network: Network) -> None:
    author, follower, stranger, blocked = (network.person(name) for name in ("a", "f", "s", "b"))
    network.follow(follower, author)
    network.request(author, "PUT", f"/v1/blocks/{blocked}")
    shown = network.post(author)
    for visibility in ("unlisted", "followers", "mentioned", "mentioned"):
        network.post(author, f"@{network.handle_of(blocked, 'b')}", visibility=visibility)
    network.project(times=2)
    assert [told(network, one, author) for one in (stranger, follower, author, blocked)] == [2, 3, 5, 0]
    assert PostModeration("posts").moderate(shown["id"], "spam", 1)
    network.project(times=2)
    assert [told(network, one, author) for one in (stranger, follower, author)] == [1, 2, 5]
    assert PostModeration("posts").moderate(shown["id"], None, 2)
    network.request(author, "DELETE", f"/v1/posts/{shown['id']}")
    network.project(times=2)
    assert [told(network, one, author) for one in (stranger, follower, author)] == [1, 2, 4]


def test_a_hidden_reply_or_quote_is_not_counted_where_it_points(network: Network) -> None:
    author, other = network.person("a"), network.person("o")
    post = network.post(author)
    reply = network.post(other, "re", replyTo=post["id"])
    quote = network.post(other, "look", quoteOf=post["id"])
    network.project()
    assert network.get(author, f"/v1/posts/{post['id']}")["counts"]["replies"] == 1
    for number, one in enumerate((reply, quote)):
        PostModeration("posts").moderate(one["id"], "spam", number + 1)
    network.project()
    counts = network.get(author, f"/v1/posts/{post['id']}")["counts"]
    assert (counts["replies"], counts["quotes"]) == (0, 0)
