"""Concurrent requests, and every stream record delivered twice: counters equal the number of edges."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.common import counters
from services.common.counters import Delta
from services.posts.repository import PostRepository
from services.profiles.repository import ProfileRepository
from tests.support.aws import Aws
from tests.support.lambdas import Context
from tests.support.social import Network


@pytest.fixture
def network(fresh: Aws) -> Network:
    made = Network(fresh)
    made.skip()
    return made


def test_likes_and_follows_at_random_end_with_counters_equal_to_edges(network: Network) -> None:
    people = [network.person(f"p{number}") for number in range(6)]
    posts = [PostRepository("posts").get(network.post(one)["id"]) for one in people[:3]]
    post_table, profile_table = PostRepository("posts"), ProfileRepository("profiles")

    def act(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(6):
            one, other, post = chance.choice(people), chance.choice(people), chance.choice(posts)
            assert post is not None
            if chance.random() < 0.5:
                post_table.like(post, one) if chance.random() < 0.6 else post_table.unlike(post.id, one)
            elif one != other:
                profile_table.follow(one, other) if chance.random() < 0.6 else profile_table.unfollow(one, other)

    with ThreadPoolExecutor(50) as pool:
        list(pool.map(act, range(50)))
    network.project(times=2)
    for post in posts:
        assert post is not None
        edges = sum(network.get(one, f"/v1/posts/{post.id}")["viewer"]["liked"] for one in people)
        assert network.get(people[0], f"/v1/posts/{post.id}")["counts"]["likes"] == edges
    for one in people:
        counts = network.get(one, "/v1/me")["counts"]
        assert counts["followers"] == len(network.get(one, f"/v1/users/{one}/followers?limit=50")["items"])
        assert counts["following"] == len(network.get(one, f"/v1/users/{one}/following?limit=50")["items"])


def test_counting_by_many_consumers_at_once_counts_each_record_once(fresh: Aws) -> None:
    table, key = PostRepository("posts").name, ("POST#counted", "COUNTS")
    deltas = [Delta(f"record-{number}", key, "likes", 1) for number in range(60)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda number: counters.apply(table, deltas[number * 5 : number * 5 + 35]), range(6)))
    counters.apply(table, deltas)
    counters.apply(table, [Delta("record-0", key, "likes", 1), Delta("record-60", key, "likes", -1)])
    found = fresh.client("dynamodb").get_item(TableName=table, Key={"pk": {"S": key[0]}, "sk": {"S": key[1]}})
    assert found["Item"]["likes"] == {"N": "59"}


def test_only_an_unreadable_record_fails(network: Network) -> None:
    from services.posts.handler import projector

    author = network.person()
    post = network.post(author)
    good = network.aws.changes("posts")[-2:]
    bad = {"eventID": "bad", "dynamodb": {"SequenceNumber": "42", "NewImage": {"type": {"S": "post"}}}}
    answer = projector({"Records": [bad, *good]}, Context())
    assert answer == {"batchItemFailures": [{"itemIdentifier": "42"}]}
    assert network.get(author, "/v1/me")["counts"]["posts"] == 1
    assert network.get(author, f"/v1/posts/{post['id']}")["counts"]["likes"] == 0


def test_events_keep_their_ids_when_delivered_again(network: Network) -> None:
    author, reader = network.person("a"), network.person("b")
    network.follow(reader, author)
    post = network.post(author, "hi #tag")
    network.request(reader, "PUT", f"/v1/posts/{post['id']}/like")
    network.request(reader, "DELETE", f"/v1/posts/{post['id']}/like")
    network.request(author, "DELETE", f"/v1/posts/{post['id']}")
    network.project(times=2)
    mine = network.aws.published(lambda one: author in (one["actor"], one["data"].get("authorId")), count=8)
    kinds = [one["type"] for one in mine]
    assert sorted(kinds) == sorted(["post.published", "post.liked", "post.unliked", "post.deleted"] * 2)
    assert len({one["id"] for one in mine}) == 4
