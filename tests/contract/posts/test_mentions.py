"""A mention refers to the owner of the handle at the time of writing, even after a rename."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.aws import Aws
from tests.support.social import Network


@pytest.fixture
def network(fresh: Aws) -> Network:
    return Network(fresh)


def _rename(network: Network, user: str, handle: str) -> None:
    answer = network.request(user, "PUT", "/v1/me", {"handle": handle, "displayName": "Person", "bio": ""})
    assert answer.status == 200, answer


@pytest.mark.parametrize("visibility", ["mentioned", "public"])
def test_a_mention_keeps_its_person_through_renames_and_edits(network: Network, visibility: str) -> None:
    author, xenia, yuki = network.person("a"), network.person("x"), network.person("y")
    handle = network.handle_of(xenia, "x")
    post = network.post(author, f"@{handle} teh", visibility=visibility)
    _rename(network, xenia, network.handle_of(xenia, "z"))
    _rename(network, yuki, handle)
    edit: dict[str, Any] = {"version": post["version"], "text": f"@{handle} the @{network.handle_of(xenia, 'z')}"}
    edited = network.request(author, "PATCH", f"/v1/posts/{post['id']}", edit)
    assert edited.status == 200, edited
    assert {one["userId"] for one in edited.body["entities"]["mentions"]} == {xenia}
    private = visibility == "mentioned"
    assert network.request(xenia, "GET", f"/v1/posts/{post['id']}").status == 200
    assert network.request(yuki, "GET", f"/v1/posts/{post['id']}").status == (404 if private else 200)


def test_a_handle_added_by_an_edit_mentions_its_current_owner(network: Network) -> None:
    author, yuki = network.person("a"), network.person("y")
    post = network.post(author, "hello")
    edit = {"version": post["version"], "text": f"@{network.handle_of(yuki, 'y')} hello"}
    edited = network.request(author, "PATCH", f"/v1/posts/{post['id']}", edit)
    assert [one["userId"] for one in edited.body["entities"]["mentions"]] == [yuki]
