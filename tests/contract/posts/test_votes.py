"""Votes in polls in a real DynamoDB API, through the functions as the gateway calls them."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from services.posts.repository import PostRepository
from services.posts.vote_repository import VoteRepository
from tests.support.authoring import POLL, Clock, edit, items_of
from tests.support.aws import Aws
from tests.support.social import Network


def test_fifty_voters_at_once_end_with_counts_equal_to_edges(network: Network, anna: str) -> None:
    post = network.post(anna, "what?", poll=POLL)
    path = f"/v1/posts/{post['id']}"
    assert [one["votes"] for one in post["poll"]["options"]] == [0, 0, 0]
    people = [network.person("v") for _ in range(10)]
    stored = PostRepository("posts").get(post["id"])
    assert stored is not None
    votes = VoteRepository("posts")
    voters = [*people, *(str(uuid.uuid4()) for _ in range(40))]

    def vote(number: int) -> None:
        choices = [number % 3] if number % 2 else sorted({number % 3, (number + 1) % 3})
        for _ in range(2):
            votes.vote(stored, voters[number], choices)

    with ThreadPoolExecutor(50) as pool:
        list(pool.map(vote, range(50)))
    network.project(times=2)
    edges = [one for one in items_of(post["id"]) if one["sk"].startswith("VOTE#")]
    counted = network.get(anna, path)["poll"]
    assert counted["voters"] == len(edges) == 50
    assert [one["votes"] for one in counted["options"]] == [
        sum(place in edge["choices"] for edge in edges) for place in range(3)
    ]
    shown = network.get(people[1], path)["poll"]
    assert shown["choices"] == [1]
    assert shown["options"] == counted["options"]


def test_a_vote_is_one_per_person_and_stays(network: Network, anna: str) -> None:
    ben = network.person("ben")
    post = network.post(anna, "one?", poll={**POLL, "multiple": False})
    path = f"/v1/posts/{post['id']}/vote"
    hidden = network.get(ben, f"/v1/posts/{post['id']}")["poll"]
    assert [one["votes"] for one in hidden["options"]] == [None, None, None]
    for _ in range(2):
        answer = network.request(ben, "PUT", path, {"choices": [1]})
        assert (answer.status, answer.body["choices"]) == (200, [1])
    assert [one["votes"] for one in answer.body["options"]] == [0, 1, 0]
    network.project()
    assert network.request(ben, "PUT", path, {"choices": [1]}).body["voters"] == 1
    assert network.request(ben, "PUT", path, {"choices": [0]}).status == 409
    for choices in ([], [3], [-1], [0, 1], ["x"], None):
        assert network.request(ben, "PUT", path, {"choices": choices}).status == 400, choices
    private = network.post(anna, "for followers?", visibility="followers", poll=POLL)
    assert network.request(ben, "PUT", f"/v1/posts/{private['id']}/vote", {"choices": [0]}).status == 404
    assert network.request(ben, "PUT", f"/v1/posts/{network.post(anna)['id']}/vote", {"choices": [0]}).status == 422
    assert network.request(str(uuid.uuid4()), "PUT", path, {"choices": [0]}).status == 404
    assert network.request(anna, "PUT", path, {"choices": [0]}).status == 403
    edit(network, anna, post, text="another question?")
    assert network.get(ben, f"/v1/posts/{post['id']}")["poll"]["choices"] == [1]


def test_a_poll_ends_at_its_time(network: Network, fresh: Aws, anna: str, clock: Clock) -> None:
    ben = network.person("ben")
    post = network.post(anna, "soon over?", poll={**POLL, "durationSeconds": 300})
    assert network.request(ben, "PUT", f"/v1/posts/{post['id']}/vote", {"choices": [0]}).status == 200
    assert clock.sweep(post["id"]) == []
    clock.ahead = timedelta(seconds=320)
    messages = clock.sweep(post["id"])
    assert len(messages) == 1
    clock.deliver(messages, times=3)
    events = fresh.published(lambda one: one["type"] == "poll.ended" and one["data"]["postId"] == post["id"], 1)
    assert {one["id"]: sorted(one["data"]["recipientIds"]) for one in events} == {events[0]["id"]: sorted([anna, ben])}
    assert clock.sweep(post["id"]) == []
