"""What the Query function returns to each reader, and what it refuses; against a real DynamoDB API."""

from __future__ import annotations

import pytest

from services.common import wire
from services.openapi.document import routes
from tests.support.aws import Aws
from tests.support.lambdas import new_user
from tests.support.social import Network, ids

NOTHING = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
FILLED = {
    "user_id": new_user(),
    "post_id": NOTHING,
    "media_id": NOTHING,
    "handle": "nobody_here",
    "tag": "none",
    "list_id": NOTHING,
}


@pytest.fixture
def network(fresh: Aws) -> Network:
    return Network(fresh)


@pytest.mark.parametrize(
    "route", sorted(one for one in routes() if one.split(" ")[1].split("/")[2] in ("me", "users", "posts", "timelines"))
)
def test_no_route_answers_without_an_identity(network: Network, route: str) -> None:
    method, path = route.split(" ")
    body = {"handle": "abc", "displayName": "x"} if path == "/v1/me" else {"clientPostId": "a", "text": "x"}
    body = {} if path.startswith("/v1/me/") else body
    answer = network.request(None, method, path.format(**FILLED), None if method in ("GET", "DELETE") else body)
    assert answer.status == 403, answer
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_followers_post_is_shown_to_followers_only_on_every_list(network: Network) -> None:
    author, follower, stranger = (network.person(name) for name in "abc")
    network.follow(follower, author)
    root = network.post(author, "root")
    hidden = network.post(author, "hidden", visibility="followers", replyTo=root["id"])
    for person, sees in ((author, True), (follower, True), (stranger, False)):
        for path in (f"/v1/users/{author}/posts", f"/v1/posts/{root['id']}/replies"):
            assert (hidden["id"] in ids(network.get(person, path)["items"])) is sees
        assert (network.request(person, "GET", f"/v2/posts/{hidden['id']}").status == 200) is sees


def test_a_stale_timeline_entry_shows_no_deleted_post(network: Network) -> None:
    author = network.person()
    posts = [network.post(author, str(number)) for number in range(3)]
    network.request(author, "DELETE", f"/v1/posts/{posts[1]['id']}")
    page = network.get(author, "/v1/timelines/home")
    assert ids(page["items"]) == [posts[2]["id"], posts[0]["id"]]


def test_a_person_without_a_profile_is_still_shown_as_the_author(network: Network) -> None:
    author, reader = network.person("a"), network.person("b")
    post = network.post(author)
    key = {"pk": {"S": f"USER#{author}"}, "sk": {"S": "PROFILE"}}
    network.aws.client("dynamodb").delete_item(TableName="profiles", Key=key)
    shown = network.get(reader, f"/v1/posts/{post['id']}")
    assert shown["author"] == {"id": author, "handle": "", "displayName": "", "avatarUrl": None}


def test_a_timeline_page_is_two_queries_and_its_items_by_the_hundred(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    author = network.person()
    for number in range(20):
        network.post(author, str(number))
    seen: list[str] = []
    read = wire.read

    def counted(operation: wire.Operation, request: dict[str, object]) -> dict[str, object]:
        seen.append(operation)
        return read(operation, request)

    monkeypatch.setattr(wire, "read", counted)
    assert len(network.get(author, "/v1/timelines/home?limit=20")["items"]) == 20
    assert seen == ["Query", "BatchGetItem", "Query"]


def test_a_failed_direct_read_falls_back_to_boto3(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    author = network.person()
    post = network.post(author)
    monkeypatch.setattr(wire, "_try", lambda operation, request: None)
    assert network.get(author, f"/v1/posts/{post['id']}")["text"] == "hello"
    assert ids(network.get(author, "/v1/timelines/home")["items"]) == [post["id"]]


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ({"S": "x"}, "x"),
        ({"N": "-3"}, -3),
        ({"N": "1.5"}, 1.5),
        ({"N": "1E+3"}, 1000),
        ({"N": "12345678901234567890123"}, 12345678901234567890123),
        ({"BOOL": False}, False),
        ({"NULL": True}, None),
        ({"L": [{"N": "1"}, {"M": {"a": {"S": "b"}}}]}, [1, {"a": "b"}]),
        ({"SS": ["b", "a"]}, ["a", "b"]),
        ({"NS": ["2", "1"]}, [1, 2]),
    ],
)
def test_attributes_become_plain_values(attribute: dict[str, object], value: object) -> None:
    assert wire.value_of(attribute) == value
