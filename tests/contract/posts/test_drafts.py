"""Drafts in a real DynamoDB API, through the functions as the gateway calls them."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest

from services.common.clock import now, to_text
from services.common.ids import new_id
from services.media.model import Kind, Media, State
from services.media.repository import MediaRepository
from tests.support.authoring import edit
from tests.support.social import Network


def medium_of(owner: str, state: State = State.PENDING) -> str:
    made = new_id()
    MediaRepository("media").create(
        Media(made, owner, Kind.PHOTO, state, "image/png", 1, to_text(now()), extension="png")
    )
    return made


def test_drafts_are_kept_per_person_and_versioned(network: Network, anna: str) -> None:
    path, content = f"/v1/drafts/{new_id()}", {"text": "half a", "poll": {"options": ["", "x"]}, "n": 1.5}
    first = network.request(anna, "PUT", path, {"content": content})
    assert (first.status, first.body["version"], first.body["content"]) == (201, 1, content)
    assert network.request(anna, "PUT", path, {"content": content}).status == 200
    assert network.request(anna, "PUT", path, {"content": {"text": "other device"}}).status == 409
    second = network.request(anna, "PUT", path, {"content": {"text": "half a post"}, "version": 1})
    assert (second.status, second.body["version"]) == (200, 2)
    assert network.request(anna, "PUT", path, {"content": {"text": "stale"}, "version": 1}).status == 409
    assert [one["content"]["text"] for one in network.get(anna, "/v1/drafts")["items"]] == ["half a post"]
    ben = network.person("ben")
    assert network.get(ben, "/v1/drafts")["items"] == []
    assert network.request(ben, "DELETE", path).status == 204
    assert len(network.get(anna, "/v1/drafts")["items"]) == 1
    for _ in range(2):
        assert network.request(anna, "DELETE", path).status == 204
    assert network.get(anna, "/v1/drafts")["items"] == []
    assert network.request(anna, "PUT", path, {"content": {}, "version": 2}).status == 409
    assert network.request(anna, "PUT", path, {"content": {"text": "x" * 17_000}}).status == 400
    assert network.request(anna, "PUT", "/v1/drafts/x", {"content": {}}).status == 400
    assert network.request(str(uuid.uuid4()), "PUT", path, {"content": {}}).status == 404


def test_media_of_others_are_refused_wherever_a_post_names_them(network: Network, anna: str) -> None:
    """The media context keeps whatever a draft references: strangers could attach and release another's medium."""
    ben = network.person("ben")
    own, foreign = medium_of(anna), medium_of(ben, state=State.READY)
    draft, version = f"/v1/drafts/{new_id()}", 1
    assert network.request(anna, "PUT", draft, {"content": {"mediaIds": [own]}}).status == 201
    for wrong in (foreign, new_id(), "x", "\ud800", "", f"{foreign} ", "y" * 3000):
        answer = network.request(anna, "PUT", draft, {"content": {"mediaIds": [own, wrong]}, "version": version})
        assert (answer.status, answer.body["detail"]) == (404, "Media not found."), wrong
        (fault,) = answer.body["errors"]
        assert (fault["field"], fault["got"].strip("'")[:3]) == ("mediaIds", repr(wrong).strip("'")[:3])
    shapes: list[Any] = [
        {"mediaIds": foreign},
        {"mediaIds": {"0": foreign}},
        {"mediaIds": [own, {"id": foreign}]},
        {"mediaIds": [[own], [[foreign]]]},
        {"thread": [{"text": "first"}, {"mediaIds": [foreign]}]},
        {"poll": {"options": [{"mediaIds": [own, foreign]}]}},
    ]
    for odd in shapes:
        answer = network.request(anna, "PUT", draft, {"content": odd, "version": version})
        assert (answer.status, answer.body["errors"][0]["got"]) == (404, foreign), odd
    assert network.get(anna, "/v1/drafts")["items"][0]["content"] == {"mediaIds": [own]}
    new = {"content": {"text": "mine", "mediaIds": [foreign]}}
    assert network.request(anna, "PUT", f"/v1/drafts/{new_id()}", new).status == 404
    post = network.post(anna, "hello")
    waiting = {"publishAt": to_text(now() + timedelta(hours=1)), "post": {"text": "x", "mediaIds": [foreign]}}
    refused = (
        edit(network, anna, post, mediaIds=[foreign]),
        network.request(anna, "POST", "/v1/posts", {"clientPostId": "m", "text": "x", "mediaIds": [foreign]}),
        network.request(anna, "PUT", f"/v1/scheduled-posts/{new_id()}", waiting),
    )
    for answer in refused:
        assert (answer.status, answer.body["errors"][0]["got"]) == (422, foreign)


def test_the_number_of_drafts_is_limited(network: Network, anna: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.posts.draft_commands.DRAFTS_MOST", 2)
    made = [f"/v1/drafts/{new_id()}" for _ in range(3)]
    assert [network.request(anna, "PUT", one, {"content": {}}).status for one in made] == [201, 201, 422]
    network.request(anna, "DELETE", made[0])
    assert network.request(anna, "PUT", made[2], {"content": {}}).status == 201
