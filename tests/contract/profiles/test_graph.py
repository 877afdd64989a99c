"""Follows, requests, blocks and mutes, called as the gateway calls them, on a real DynamoDB API."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.common.events import UserBlocked
from services.common.ids import new_id
from services.common.streams import Change
from services.openapi.document import routes
from services.profiles.events import events_of
from services.profiles.graph_repository import GraphRepository
from services.profiles.mute_repository import MuteRepository
from services.profiles.mutes import Mutes
from services.timelines.model import Entry
from services.timelines.repository import TimelineRepository
from tests.support.aws import Aws
from tests.support.lambdas import new_user
from tests.support.social import Network, ids

POST = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
FILLED = {"user_id": new_user(), "post_id": POST, "word_id": POST}
ROUTES = [one for one in routes() if one.split("/")[2] in ("follow-requests", "blocks", "mutes")]


@pytest.fixture
def network(fresh: Aws) -> Network:
    made = Network(fresh)
    made.skip()
    return made


def relationship(network: Network, viewer: str, person: str) -> set[str]:
    """The names of the relations that hold."""
    found = network.get(viewer, f"/v1/users/{person}")["relationship"]
    return {name for name, holds in found.items() if holds}


def lock(network: Network, user: str) -> None:
    body = {"handle": network.handle_of(user), "displayName": "Locked", "locked": True}
    assert network.request(user, "PUT", "/v1/me", body).body["locked"] is True


def status(network: Network, user: str | None, method: str, path: str, body: object = None) -> int:
    return network.request(user, method, path, body).status


@pytest.mark.parametrize("route", sorted(ROUTES))
def test_no_route_answers_without_an_identity(network: Network, route: str) -> None:
    method, path = route.split(" ")
    body = {"word": "x"} if "words" in path else {}
    assert status(network, None, method, path.format(**FILLED), body if method == "PUT" else None) == 403


@pytest.mark.parametrize("path", ["/v1/blocks/", "/v1/mutes/users/", "/v1/follows/"])
def test_the_caller_unknown_people_and_garbage_are_refused(network: Network, path: str) -> None:
    me = network.person()
    body = {} if "mutes" in path else None
    assert status(network, me, "PUT", path + me, body) == 422
    assert status(network, me, "PUT", path + new_user(), body) == 404
    assert status(network, me, "PUT", path + "nonsense", body) == 400
    assert status(network, new_user(), "PUT", path + me, body) == 404


def test_a_locked_account_receives_and_accepts_follow_requests(network: Network) -> None:
    owner, fan, other = (network.person(name) for name in "abc")
    lock(network, owner)
    for _ in range(2):
        answer = network.request(fan, "PUT", f"/v1/follows/{owner}")
        assert (answer.status, answer.body) == (202, {"requested": True})
    assert relationship(network, fan, owner) == {"requested"}
    assert relationship(network, owner, fan) == {"requestedBy"}
    assert ids(network.get(owner, "/v1/follow-requests")["items"]) == [fan]
    assert ids(network.get(fan, "/v1/follow-requests/sent")["items"]) == [owner]
    assert network.get(owner, "/v1/users/" + owner)["counts"]["followers"] == 0
    # Only the recipient can answer a request, and only an existing request can be accepted.
    assert status(network, other, "PUT", f"/v1/follow-requests/{fan}") == 404
    assert status(network, fan, "PUT", f"/v1/follow-requests/{owner}") == 404
    for _ in range(2):
        assert status(network, owner, "PUT", f"/v1/follow-requests/{fan}") == 204
    assert relationship(network, fan, owner) == {"following"}
    assert network.get(owner, "/v1/follow-requests")["items"] == []
    network.project(times=2)
    assert network.get(owner, "/v1/me")["counts"]["followers"] == 1
    told = network.aws.published(lambda one: owner in one["data"].values(), count=8)
    kinds = sorted({one["type"] for one in told})
    assert kinds == ["user.follow_accepted", "user.follow_request_ended", "user.follow_requested", "user.followed"]
    assert len({one["id"] for one in told}) == 4


def test_requests_are_declined_withdrawn_and_survive_unlocking(network: Network) -> None:
    owner, fan = network.person("a"), network.person("b")
    lock(network, owner)
    network.request(fan, "PUT", f"/v1/follows/{owner}")
    assert status(network, owner, "DELETE", f"/v1/follow-requests/{fan}") == 204
    assert relationship(network, fan, owner) == set()
    network.request(fan, "PUT", f"/v1/follows/{owner}")
    assert status(network, fan, "DELETE", f"/v1/follows/{owner}") == 204
    assert network.get(owner, "/v1/follow-requests")["items"] == []
    network.request(fan, "PUT", f"/v1/follows/{owner}")
    network.request(owner, "PUT", "/v1/me", {"handle": network.handle_of(owner), "displayName": "x", "locked": False})
    assert ids(network.get(owner, "/v1/follow-requests")["items"]) == [fan]
    assert status(network, fan, "PUT", f"/v1/follows/{owner}") == 204
    assert relationship(network, fan, owner) == {"following"}
    assert network.get(owner, "/v1/follow-requests")["items"] == []


def test_a_block_holds_everywhere_at_once_for_both(network: Network) -> None:
    anna, ben, cleo = (network.person(name) for name in "abc")
    network.follow(anna, ben)
    network.follow(ben, anna)
    for one in (anna, ben):
        network.follow(one, cleo)
        network.follow(cleo, one)
    posts = {one: network.post(one, "hello")["id"] for one in (anna, ben)}
    root = network.post(cleo, "root")["id"]
    replies = {one: network.post(one, "a reply", replyTo=root)["id"] for one in (anna, ben)}
    timelines = TimelineRepository("timelines")
    timelines.add_to_homes([anna], Entry(posts[ben], ben, "public"))
    timelines.add_to_homes([ben], Entry(posts[anna], anna, "public"))
    assert posts[ben] in ids(network.get(anna, "/v1/timelines/home")["items"])
    for _ in range(2):
        assert status(network, anna, "PUT", f"/v1/blocks/{ben}") == 204

    assert relationship(network, anna, ben) == {"blocking"}
    assert relationship(network, ben, anna) == {"blockedBy"}
    shown = network.get(ben, f"/v1/users/{anna}")
    assert (shown["bio"], shown["counts"]) == ("", {"followers": 0, "following": 0, "posts": 0})
    for one, other in ((anna, ben), (ben, anna)):
        assert posts[other] not in ids(network.get(one, "/v1/timelines/home")["items"])
        assert network.get(one, f"/v1/users/{other}/posts")["items"] == []
        assert ids(network.get(one, f"/v1/posts/{root}/replies")["items"]) == [replies[one]]
        for version in ("v1", "v2"):
            assert status(network, one, "GET", f"/{version}/posts/{posts[other]}") == 404
        assert status(network, one, "GET", f"/v1/posts/{posts[other]}/replies") == 404
        assert status(network, one, "PUT", f"/v1/posts/{posts[other]}/like") == 404
        body = {"clientPostId": new_id(), "text": "x", "replyTo": posts[other]}
        assert status(network, one, "POST", "/v1/posts", body) == 404
        said = network.post(one, f"hi @{network.handle_of(other, 'b' if other == ben else 'a')}")
        assert said["entities"]["mentions"] == []
        assert status(network, one, "PUT", f"/v1/follows/{other}") == 403
        for list_ in ("followers", "following"):
            assert ids(network.get(one, f"/v1/users/{cleo}/{list_}")["items"]) == [one]
            assert network.get(one, f"/v1/users/{other}/{list_}")["items"] == []
        assert GraphRepository("profiles").hidden_ids(one, 10) == {other}
        assert GraphRepository("profiles").blocked_between(one, [other, cleo]) == {other}
    assert ids(network.get(anna, "/v1/blocks")["items"]) == [ben]
    assert network.get(ben, "/v1/blocks")["items"] == []
    network.project(times=2)
    for one in (anna, ben):
        assert network.get(one, "/v1/me")["counts"]["followers"] == 1

    # Nobody can remove another person's block.
    assert status(network, ben, "DELETE", f"/v1/blocks/{anna}") == 204
    assert relationship(network, ben, anna) == {"blockedBy"}
    for _ in range(2):
        assert status(network, anna, "DELETE", f"/v1/blocks/{ben}") == 204
    assert relationship(network, ben, anna) == set()
    assert posts[anna] in ids(network.get(ben, f"/v1/users/{anna}/posts")["items"])


def test_blocks_both_ways_end_one_by_one(network: Network) -> None:
    anna, ben = network.person("a"), network.person("b")
    edges = GraphRepository("profiles")
    assert [edges.block(anna, ben), edges.block(ben, anna)] == [True, True]
    assert edges.unblock(anna, ben)
    assert edges.relation(anna, ben).blocked
    assert status(network, anna, "PUT", f"/v1/follows/{ben}") == 403
    assert edges.unblock(ben, anna)
    assert not edges.relation(anna, ben).blocked


def test_a_reply_to_a_blocked_or_muted_person_is_not_in_the_timeline(network: Network) -> None:
    reader, friend, foe = (network.person(name) for name in "abc")
    theirs = network.post(foe, "hm")["id"]
    reply = network.post(friend, "no", replyTo=theirs)["id"]
    TimelineRepository("timelines").add_to_homes([reader], Entry(reply, friend, "public", foe))
    assert ids(network.get(reader, "/v1/timelines/home")["items"]) == [reply]
    for kind, body in (("blocks", None), ("mutes/users", {})):
        assert status(network, reader, "PUT", f"/v1/{kind}/{foe}", body) == 204
        assert network.get(reader, "/v1/timelines/home")["items"] == []
        assert status(network, reader, "DELETE", f"/v1/{kind}/{foe}") == 204
        assert ids(network.get(reader, "/v1/timelines/home")["items"]) == [reply]


def test_mutes_hide_from_timelines_and_nothing_else(network: Network) -> None:
    reader, loud = network.person("a"), network.person("b")
    first = network.post(loud, "Spoiler: the cat did it")["id"]
    answer = network.post(loud, "and again", replyTo=first)["id"]
    other = network.post(loud, "a category")["id"]
    for one in (first, answer, other):
        TimelineRepository("timelines").add_to_homes([reader], Entry(one, loud, "public", None))
    home = lambda: ids(network.get(reader, "/v1/timelines/home")["items"])  # noqa: E731
    assert home() == [other, answer, first]

    word = new_id()
    body = {"word": "ＣＡＴ"}
    assert network.request(reader, "PUT", f"/v1/mutes/words/{word}", body).body["word"] == "ＣＡＴ"
    assert home() == [other, answer]
    assert [one["id"] for one in network.get(reader, "/v1/mutes/words")["items"]] == [word]
    assert network.get(loud, "/v1/mutes/words")["items"] == []
    network.request(reader, "DELETE", f"/v1/mutes/words/{word}")

    assert status(network, reader, "PUT", f"/v1/mutes/threads/{answer}") == 204
    assert home() == [other]
    (thread,) = network.get(reader, "/v1/mutes/threads")["items"]
    assert (thread["id"], thread["post"]["id"]) == (first, first)
    assert status(network, reader, "DELETE", f"/v1/mutes/threads/{answer}") == 204

    assert status(network, reader, "PUT", f"/v1/mutes/users/{loud}", {}) == 204
    assert home() == []
    assert relationship(network, reader, loud) == {"muting"}
    assert relationship(network, loud, reader) == set()
    assert ids(network.get(reader, "/v1/mutes/users")["items"]) == [loud]
    assert len(network.get(reader, f"/v1/users/{loud}/posts")["items"]) == 3
    assert MuteRepository("profiles").mutes_of(reader).hides(loud)
    assert status(network, reader, "DELETE", f"/v1/mutes/users/{loud}") == 204
    assert home() == [other, answer, first]


def test_mutes_expire_and_invalid_mutes_are_refused(network: Network) -> None:
    me, other, hidden = network.person("a"), network.person("b"), network.person("c")
    soon = network.request(me, "PUT", f"/v1/mutes/users/{other}", {"expiresAt": "2999-01-01T00:00:00Z"})
    assert soon.status == 204
    for wrong in ("2001-01-01T00:00:00Z", "tomorrow", "2999-01-01T00:00:00"):
        assert status(network, me, "PUT", f"/v1/mutes/users/{other}", {"expiresAt": wrong}) == 400
    for word in ("", "  ", "x" * 101, "a\u0000b"):
        assert status(network, me, "PUT", f"/v1/mutes/words/{new_id()}", {"word": word}) == 400
    private = network.post(hidden, "x", visibility="followers")["id"]
    for post in (POST, private):
        assert status(network, me, "PUT", f"/v1/mutes/threads/{post}") == 404
    key = {"pk": {"S": f"USER#{me}"}, "sk": {"S": "MUTES"}}
    network.aws.client("dynamodb").update_item(
        TableName="profiles",
        Key=key,
        UpdateExpression="SET people.#id.expiresAt = :past",
        ExpressionAttributeNames={"#id": other},
        ExpressionAttributeValues={":past": {"S": "2001-01-01T00:00:00Z"}},
    )
    assert MuteRepository("profiles").mutes_of(me) == Mutes()


def test_the_number_of_muted_words_is_bounded(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.profiles.mute_repository.MOST", {"people": 2, "threads": 2, "words": 2})
    me = network.person()
    words = [new_id() for _ in range(3)]
    answers = [status(network, me, "PUT", f"/v1/mutes/words/{one}", {"word": "x"}) for one in words]
    assert answers == [200, 200, 422]
    assert status(network, me, "PUT", f"/v1/mutes/words/{words[0]}", {"word": "y"}) == 200


def test_own_lists_page_in_both_directions(network: Network) -> None:
    me, people = network.person(), [network.person("p") for _ in range(3)]
    for one in people:
        network.request(me, "PUT", f"/v1/blocks/{one}")
        network.request(me, "PUT", f"/v1/mutes/users/{one}", {})
    for path in ("/v1/blocks", "/v1/mutes/users"):
        first = network.get(me, f"{path}?limit=2")
        assert ids(first["items"]) == people[:0:-1]
        second = network.get(me, f"{path}?limit=2&cursor={first['older']}")
        assert (ids(second["items"]), second["older"]) == ([people[0]], None)
        assert ids(network.get(me, f"{path}?limit=2&cursor={second['newer']}")["items"]) == people[:0:-1]
        assert status(network, me, "GET", f"{path}?cursor=nonsense") == 400


def test_fifty_clients_at_random_end_with_counters_equal_to_edges(network: Network) -> None:
    people = [network.person(f"p{number}") for number in range(5)]
    lock(network, people[0])
    edges = GraphRepository("profiles")

    def act(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(6):
            one, other = chance.sample(people, 2)
            path = chance.choice(["follows"] * 4 + ["blocks"])
            method = "PUT" if chance.random() < 0.6 else "DELETE"
            assert status(network, one, method, f"/v1/{path}/{other}") in (202, 204, 403)
            if other == people[0] and chance.random() < 0.5:
                edges.accept(one, other)

    with ThreadPoolExecutor(50) as pool:
        list(pool.map(act, range(50)))
    network.project(times=2)
    table = network.aws.client("dynamodb")
    for one in people:
        counts = network.get(one, "/v1/me")["counts"]
        assert counts["followers"] == len(edges.followers(one, None, 50).items)
        assert counts["following"] == len(edges.following(one, None, 50).items)
        for other in set(people) - {one}:
            key = {"pk": {"S": f"USER#{one}"}, "sk": {"S": f"BLOCK#{other}"}}
            is_blocked = "Item" in table.get_item(TableName="profiles", Key=key)
            relations = edges.relation(one, other), edges.relation(other, one)
            assert not (is_blocked and any(relation.follows for relation in relations))
            assert all(relation.blocked for relation in relations) or not is_blocked
            both = {"blocking", "blockedBy"} & relationship(network, one, other)
            assert ("blocking" in both) is is_blocked


def test_an_unchanged_edge_publishes_no_event() -> None:
    edge = {"type": "follow", "followerId": "a", "followeeId": "b", "version": 2, "following": True}
    assert events_of(Change("x", edge, {**edge, "version": 3})) == []
    assert events_of(Change("x", {**edge, "following": False}, {**edge, "following": False, "blocks": True})) == []


def test_a_block_is_published_once_and_its_removal_is_not() -> None:
    block = {"pk": "USER#ann", "sk": "BLOCK#bob", "type": "block", "blockerId": "ann", "blockedId": "bob"}
    (told,) = events_of(Change("x", None, block))
    assert isinstance(told, UserBlocked)
    assert (told.blocker_id, told.blocked_id) == ("ann", "bob")
    assert events_of(Change("y", block, None)) == []
