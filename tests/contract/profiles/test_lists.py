"""Lists and their timelines, called as the gateway calls them, on a real DynamoDB API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from services.common.ids import new_id
from services.openapi.document import routes
from services.timelines import handler as timelines
from services.timelines import keys
from services.timelines.reader_repository import ReaderRepository
from services.timelines.readers import Reach, list_reader
from tests.support.aws import Aws
from tests.support.lambdas import Context, new_user
from tests.support.social import Network, ids

LIST = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
FILLED = {"user_id": new_user(), "list_id": LIST}
ROUTES = [one for one in routes() if "/lists" in one]


class Flow(Network):
    """A network whose events reach the timelines, and whose jobs are processed."""

    def flow(self) -> None:
        self.project()
        wanted = ("post.", "user.", "list.")
        sqs, url = self.aws.client("sqs"), self.aws.environment["TEST_QUEUE_EVENTS"]
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                if json.loads(message["Body"])["type"].startswith(wanted):
                    self._fan_out(message["Body"])
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        self.jobs()

    def jobs(self) -> None:
        sqs, url = self.aws.client("sqs"), self.aws.environment["QUEUE_TIMELINES"]
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self._fan_out(message["Body"])
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    def _fan_out(self, body: str) -> None:
        record = {"messageId": "m", "body": body, "receiptHandle": "r", "attributes": {}, "messageAttributes": {}}
        assert timelines.fanout({"Records": [record]}, Context()) == {"batchItemFailures": []}


@pytest.fixture
def network(fresh: Aws) -> Iterator[Flow]:
    made = Flow(fresh)
    made.skip()
    for queue in ("TEST_QUEUE_EVENTS", "QUEUE_TIMELINES"):
        fresh.client("sqs").purge_queue(QueueUrl=fresh.environment[queue])
    yield made


def make(network: Network, owner: str, name: str = "Friends") -> str:
    list_id = new_id()
    assert network.request(owner, "PUT", f"/v1/lists/{list_id}", {"name": name}).status == 200
    return list_id


def put(network: Network, owner: str, list_id: str, *people: str) -> None:
    for one in people:
        assert network.request(owner, "PUT", f"/v1/lists/{list_id}/members/{one}").status == 204


@pytest.mark.parametrize("route", sorted(ROUTES))
def test_no_route_answers_without_an_identity(network: Flow, route: str) -> None:
    method, path = route.split(" ")
    body = {"name": "x"} if route == "PUT /v1/lists/{list_id}" else None
    assert network.request(None, method, path.format(**FILLED), body).status == 403


@pytest.mark.parametrize("route", sorted(one for one in ROUTES if "{list_id}" in one))
def test_another_persons_list_is_not_found(network: Flow, route: str) -> None:
    owner, other = network.person("a"), network.person("b")
    mine = make(network, owner)
    put(network, owner, mine, other)
    method, path = route.split(" ")
    body = {"name": "stolen"} if route == "PUT /v1/lists/{list_id}" else None
    answer = network.request(other, method, path.format(list_id=mine, user_id=owner), body)
    assert answer.status == {"PUT /v1/lists/{list_id}": 200, "DELETE /v1/lists/{list_id}": 204}.get(route, 404)
    # Creating or deleting under the same id affects only the caller's own list.
    assert network.get(owner, f"/v1/lists/{mine}")["name"] == "Friends"
    assert ids(network.get(owner, f"/v1/lists/{mine}/members")["items"]) == [other]


def test_lists_are_made_renamed_filled_and_deleted(network: Flow) -> None:
    owner, ben, cleo = (network.person(name) for name in "abc")
    first, second = make(network, owner), make(network, owner, "  Two   words ")
    put(network, owner, first, ben, cleo, ben)
    found = network.get(owner, f"/v1/lists?member={ben}")["items"]
    assert [(one["id"], one["name"], one["members"], one["contains"]) for one in found] == [
        (second, "Two words", 0, False),
        (first, "Friends", 2, True),
    ]
    assert network.request(owner, "PUT", f"/v1/lists/{first}", {"name": "Close"}).body["members"] == 2
    assert ids(network.get(owner, f"/v1/lists/{first}/members")["items"]) == [cleo, ben]
    for _ in range(2):
        assert network.request(owner, "DELETE", f"/v1/lists/{first}/members/{ben}").status == 204
    assert network.get(owner, f"/v1/lists/{first}")["members"] == 1
    for _ in range(2):
        assert network.request(owner, "DELETE", f"/v1/lists/{first}").status == 204
    assert [one["id"] for one in network.get(owner, "/v1/lists")["items"]] == [second]
    assert network.request(owner, "PUT", f"/v1/lists/{first}/members/{ben}").status == 404


def test_invalid_names_and_lists_beyond_the_limits_are_refused(network: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.profiles.list_repository.MOST_LISTS", 2)
    monkeypatch.setattr("services.profiles.list_repository.MOST_MEMBERS", 1)
    owner, ben, cleo = (network.person(name) for name in "abc")
    for name in ("", " ", "x" * 51, "a\u0000"):
        assert network.request(owner, "PUT", f"/v1/lists/{new_id()}", {"name": name}).status == 400
    assert network.request(owner, "PUT", "/v1/lists/nonsense", {"name": "x"}).status == 400
    mine = make(network, owner)
    make(network, owner)
    assert network.request(owner, "PUT", f"/v1/lists/{new_id()}", {"name": "third"}).status == 422
    put(network, owner, mine, ben)
    assert network.request(owner, "PUT", f"/v1/lists/{mine}/members/{cleo}").status == 422
    assert network.request(owner, "PUT", f"/v1/lists/{mine}/members/{new_user()}").status == 404
    network.request(owner, "PUT", f"/v1/blocks/{cleo}")
    assert network.request(owner, "PUT", f"/v1/lists/{mine}/members/{cleo}").status == 403


def test_the_number_of_members_is_exact_under_competition(network: Flow) -> None:
    owner, people = network.person(), [network.person("p") for _ in range(3)]
    mine = make(network, owner)

    def act(number: int) -> int:
        method = "PUT" if number % 3 else "DELETE"
        return network.request(owner, method, f"/v1/lists/{mine}/members/{people[number % 2]}").status

    with ThreadPoolExecutor(12) as pool:
        assert set(pool.map(act, range(24))) <= {204, 409}
    members = network.get(owner, f"/v1/lists/{mine}/members")["items"]
    assert network.get(owner, f"/v1/lists/{mine}")["members"] == len(members)


def test_a_list_shows_the_posts_of_its_members_that_the_owner_may_see(network: Flow) -> None:
    owner, ben, cleo = (network.person(name) for name in "abc")
    mine = make(network, owner)
    early = network.post(ben, "early")["id"]
    network.flow()
    put(network, owner, mine, ben)
    network.flow()
    late = network.post(ben, "late")["id"]
    hidden = network.post(ben, "for followers", visibility="followers")["id"]
    network.post(cleo, "not on the list")
    network.flow()
    path = f"/v1/timelines/lists/{mine}"
    assert ids(network.get(owner, path)["items"]) == [late, early]
    assert ids(network.get(owner, "/v1/timelines/home")["items"]) == []
    network.follow(owner, ben)
    assert ids(network.get(owner, path)["items"]) == [hidden, late, early]
    network.request(owner, "PUT", f"/v1/mutes/users/{ben}", {})
    assert network.get(owner, path)["items"] == []
    network.request(owner, "DELETE", f"/v1/mutes/users/{ben}")
    network.request(owner, "DELETE", f"/v1/lists/{mine}/members/{ben}")
    network.flow()
    assert network.get(owner, path)["items"] == []


def test_home_timelines_merge_large_authors_and_catch_up_after_an_absence(network: Flow) -> None:
    reader, large, small = (network.person(name) for name in "abc")
    network.follow(reader, small)
    network.flow()
    readers = ReaderRepository("timelines")
    readers.set_reach(large, Reach.MARKING)
    readers.set_reach(large, Reach.MERGED)
    readers.set_reach(large, Reach.MARKING)
    assert readers.reach([large, small]) == {large: Reach.MERGED, small: Reach.PUSHED}
    network.follow(reader, large)
    network.flow()
    home, other = (network.get(one, "/v1/timelines/home") for one in (reader, small))
    assert (home["rebuilding"], home["live"], other["live"]) == (False, False, True)
    posts = [network.post(large if number % 2 else small, str(number))["id"] for number in range(5)]
    network.flow()
    first = network.get(reader, "/v1/timelines/home?limit=3")
    second = network.get(reader, f"/v1/timelines/home?limit=3&cursor={first['older']}")
    assert ids(first["items"]) + ids(second["items"]) == posts[::-1]
    assert second["older"] is None
    more = [network.post(large)["id"], network.post(small)["id"]]
    network.flow()
    assert ids(network.get(reader, f"/v1/timelines/home?cursor={first['newer']}")["items"]) == more[::-1]

    before = readers.state(reader)
    network.aws.client("dynamodb").update_item(
        TableName="timelines",
        Key=dict(zip(("pk", "sk"), ({"S": part} for part in keys.reader(reader)), strict=True)),
        UpdateExpression="SET seenOn = :long_ago",
        ExpressionAttributeValues={":long_ago": {"S": "2020-01-01"}},
    )
    missed = network.post(small)["id"]
    network.flow()
    away = network.get(reader, "/v1/timelines/home")
    assert (away["rebuilding"], missed in ids(away["items"])) == (True, False)
    network.jobs()
    back = network.get(reader, "/v1/timelines/home?limit=50")
    assert (back["rebuilding"], ids(back["items"])) == (False, [missed, *more[::-1], *posts[::-1]])
    assert readers.state(reader) == replace(before, rebuild_since=None)
    assert readers.merge([list_reader(reader, LIST)], large) == set()
    readers.unmerge(list_reader(reader, LIST), large)
    assert readers.state(list_reader(reader, LIST)).merged == frozenset()


def test_a_reader_merges_a_bounded_number_of_authors_and_misses_none(
    network: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.timelines.reader_repository.MERGED_MOST", 1)
    reader, first, second = (network.person(name) for name in "abc")
    readers = ReaderRepository("timelines")
    for large in (first, second):
        readers.set_reach(large, Reach.MERGED)
    before = network.post(second)["id"]
    network.flow()
    for large in (first, second):
        network.follow(reader, large)
        network.flow()
    assert readers.state(reader).merged == {first}
    assert readers.merge([reader], first) == set()
    posts = [network.post(large)["id"] for large in (first, second, first)]
    network.flow()
    assert ids(network.get(reader, "/v1/timelines/home")["items"]) == [*posts[::-1], before]
    network.request(reader, "DELETE", f"/v1/follows/{second}")
    network.post(second)
    network.flow()
    assert ids(network.get(reader, "/v1/timelines/home")["items"]) == [posts[2], posts[0]]
