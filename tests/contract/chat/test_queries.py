"""Conversations as the Query function returns them."""

from __future__ import annotations

from typing import Any

import pytest

from services.chat import handler as chat
from services.query import handler as query
from tests.support.aws import Aws
from tests.support.lambdas import Answer, call_http, new_user
from tests.support.social import Network


@pytest.fixture
def network(fresh: Aws) -> Network:
    return Network(fresh)


def get(user: str | None, path: str, parameters: str = "") -> Answer:
    return call_http(query.handler, "GET", f"/v1/conversations{path}", user=user, query=parameters)


def post(user: str, path: str, body: Any) -> Any:
    return call_http(chat.handler, "POST", f"/v1/conversations{path}", user=user, body=body).body


def test_members_have_names_and_messages_page(network: Network) -> None:
    ann, bob = network.person("ann"), network.person("bob")
    network.follow(bob, ann)
    conversation = post(ann, "", {"memberId": bob})["id"]
    for number in range(3):
        post(bob, f"/{conversation}/messages", {"clientMessageId": str(number), "text": f"text {number}"})
    (listed,) = get(ann, "").body["items"]
    single = get(ann, f"/{conversation}").body
    assert single["me"]["role"] == "member"
    assert {**single, "me": None, "members": None} == {**listed, "me": None, "members": None}
    assert {member["handle"] for member in listed["members"]} == {
        network.handle_of(ann, "ann"),
        network.handle_of(bob, "bob"),
    }
    assert (listed["unread"], listed["lastReadSeq"], listed["lastMessage"]["seq"]) == (3, 0, 3)
    page = get(ann, f"/{conversation}/messages", "limit=2").body
    assert [message["seq"] for message in page["items"]] == [3, 2]
    older = get(ann, f"/{conversation}/messages", f"limit=2&cursor={page['older']}").body
    assert [message["seq"] for message in older["items"]] == [1]


def test_strangers_and_garbage_are_refused(network: Network) -> None:
    ann, bob, eve = network.person("ann"), network.person("bob"), new_user()
    conversation = post(ann, "", {"memberId": bob})["id"]
    assert get(eve, "").body["items"] == []
    assert get(eve, f"/{conversation}").status == 404
    assert get(eve, f"/{conversation}/messages").status == 404
    assert get(None, f"/{conversation}/messages").status == 403
    assert get(ann, f"/{conversation}/messages", "cursor=garbage").body["type"] == "invalid-cursor"
    assert get(ann, "", "cursor=garbage").status == 400
    assert get(ann, "", "limit=0").status == 400
    assert get(ann, "", "limit=51").status == 400
    assert get(ann, "/nonsense/messages").status == 404
