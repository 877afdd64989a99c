"""Edits in a real DynamoDB API, through the functions as the gateway calls them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from services.common.ids import new_id
from services.posts.keys import version_key
from services.posts.repository import PostRepository
from tests.support.authoring import POLL, edit, items_of
from tests.support.aws import Aws
from tests.support.social import Network


def test_an_edit_keeps_the_former_version_and_publishes_the_new_one(network: Network, fresh: Aws, anna: str) -> None:
    ben, carl = network.person("ben"), network.person("carl")
    first = network.post(anna, f"one @{network.handle_of(ben, 'ben')} #old")
    assert (first["version"], first["editedAt"]) == (1, None)
    text = f"two @{network.handle_of(carl, 'carl')} @{network.handle_of(ben, 'ben')} #new"
    answer = edit(network, anna, first, text=text)
    assert (answer.status, answer.body["version"]) == (200, 2)
    seen = network.get(carl, f"/v1/posts/{first['id']}")
    assert (seen["text"], seen["version"], seen["entities"]["tags"]) == (text, 2, ["new"])
    assert seen["editedAt"] == answer.body["editedAt"] > seen["createdAt"]
    assert network.get(carl, f"/v2/posts/{first['id']}")["content"]["text"] == text
    third = edit(network, anna, seen, text="three").body
    again = edit(network, anna, third, text=text).body
    history = network.get(ben, f"/v1/posts/{first['id']}/history")["items"]
    assert [(one["version"], one["text"]) for one in history] == [
        (4, text), (3, "three"), (2, text), (1, first["text"]),
    ]  # fmt: skip
    assert history[3]["at"] == first["createdAt"]
    network.project()
    events = fresh.published(lambda one: one["type"] == "post.edited" and one["data"]["postId"] == first["id"], 3)
    by_version = {one["data"]["version"]: one["data"] for one in events}
    assert by_version[2]["mentionsAdded"] == [carl]
    assert (by_version[2]["tags"], by_version[2]["tagsRemoved"]) == (["new"], ["old"])
    assert by_version[again["version"]]["mentionsAdded"] == []


def test_an_edit_changes_and_takes_away_the_content_warning(network: Network, anna: str) -> None:
    post = network.post(anna, "the end", contentWarning="Spoiler")
    warned = edit(network, anna, post, contentWarning="Spoilers of the last part").body
    assert (warned["version"], warned["contentWarning"], warned["text"]) == (2, "Spoilers of the last part", "the end")
    bare = edit(network, anna, warned, contentWarning="", text="the end is near").body
    assert network.get(anna, f"/v1/posts/{post['id']}")["contentWarning"] is bare["contentWarning"] is None
    history = network.get(anna, f"/v1/posts/{post['id']}/history")["items"]
    assert [one["contentWarning"] for one in history] == [None, "Spoilers of the last part", "Spoiler"]


def test_media_are_marked_as_sensitive_from_the_start_or_by_an_edit(network: Network, anna: str) -> None:
    plain, marked = network.post(anna, "plain"), network.post(anna, "marked", sensitive=True)
    assert [one["sensitive"] for one in (plain, marked)] == [False, True]
    assert network.get(anna, f"/v2/posts/{marked['id']}")["sensitive"] is True
    assert edit(network, anna, marked, text="still").body["sensitive"] is True
    later = edit(network, anna, plain, sensitive=True).body
    assert (later["version"], later["sensitive"]) == (2, True)
    history = network.get(anna, f"/v1/posts/{plain['id']}/history")["items"]
    assert [one["sensitive"] for one in history] == [True, False]
    quote = network.post(anna, "look", quoteOf=plain["id"])
    assert network.get(anna, f"/v1/posts/{quote['id']}")["quote"]["post"]["sensitive"] is True


def test_only_one_of_many_edits_of_one_version_wins(network: Network, anna: str) -> None:
    post = network.post(anna, "start")
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda n: edit(network, anna, post, text=f"edit {n}").status, range(8)))
    assert sorted(statuses) == [200, *[409] * 7]
    now_there = network.get(anna, f"/v1/posts/{post['id']}")
    assert now_there["version"] == 2
    assert edit(network, anna, post, text=now_there["text"]).body["version"] == 2
    assert len(network.get(anna, f"/v1/posts/{post['id']}/history")["items"]) == 2


def test_only_the_author_edits_and_viewers_read_the_history(network: Network, anna: str) -> None:
    ben = network.person("ben")
    public, hidden = network.post(anna), network.post(anna, visibility="followers")
    assert edit(network, ben, public, text="mine").status == 403
    assert edit(network, ben, hidden, text="mine").status == 404
    assert network.request(ben, "GET", f"/v1/posts/{hidden['id']}/history").status == 404
    assert edit(network, anna, {"id": new_id(), "version": 1}, text="x").status == 404
    for body in ({}, {"version": 0}, {"version": 1, "text": ""}, {"version": 1, "text": "a" * 501}, {"version": "x"}):
        assert network.request(anna, "PATCH", f"/v1/posts/{public['id']}", body).status == 400, body
    assert edit(network, anna, public, visibility="followers").status == 400
    assert edit(network, anna, public, mediaIds=[new_id()]).status == 422


def test_a_tombstone_holds_no_content_and_no_edit_raises_it(network: Network, anna: str) -> None:
    post = network.post(anna, "secret #secret", poll=POLL)
    edited = edit(network, anna, post, text="secret too").body
    assert network.request(anna, "DELETE", f"/v1/posts/{post['id']}").status == 204
    assert edit(network, anna, edited, text="back again").status == 404
    assert network.request(anna, "GET", f"/v1/posts/{post['id']}/history").status == 404
    network.project(times=2)
    left = items_of(post["id"])
    assert "secret" not in str(left)
    assert "coffee" not in str(left)
    assert [one["sk"] for one in left if one["sk"].startswith("VERSION#")] == []
    (tombstone,) = [one for one in left if one["sk"] == "POST"]
    assert set(tombstone) == {
        "pk", "sk", "type", "state", "id", "authorId", "createdAt", "visibility", "version", "deletedAt",
    }  # fmt: skip
    assert tombstone["version"] == 3


def test_a_deletion_applies_over_a_concurrent_edit(network: Network, anna: str) -> None:
    post = network.post(anna, "first")
    store = PostRepository("posts")
    read_before = store.get(post["id"])
    assert read_before is not None
    edit(network, anna, post, text="second")
    assert store.delete(read_before)
    assert not store.delete(read_before)
    assert network.request(anna, "GET", f"/v1/posts/{post['id']}").status == 404
    assert version_key(post["id"], 1)[1] in [one["sk"] for one in items_of(post["id"])]
    network.project()
    assert [one["sk"] for one in items_of(post["id"]) if one["sk"].startswith("VERSION#")] == []
