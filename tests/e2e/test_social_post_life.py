"""The lifecycle of a post through the public API: edits, deletion, polls, drafts, scheduled posts."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from kit.client import Endpoints
from services.common.clock import from_text, now, to_text
from services.common.ids import new_id
from tests.support.people import Person, Town, eventually

POLL = {"options": ["tea", "coffee"], "durationSeconds": 300}


@dataclass
class Waiting:
    author: Person
    text: str
    publish_at: str


@pytest.fixture(scope="module", autouse=True)
def waiting(endpoints: Endpoints) -> Iterator[Waiting]:
    """A post due in 90 seconds (the minimum is a minute): it waits while other tests of this file run."""
    town = Town(endpoints)
    author = town.person("Punctual")
    made = Waiting(author, f"on time {uuid.uuid4().hex}", to_text(now() + timedelta(seconds=90)))
    body = {"publishAt": made.publish_at, "post": {"text": made.text}}
    author.api.put(f"/v1/scheduled-posts/{new_id()}", body)
    yield made
    town.close()


def edit(person: Person, post: dict[str, Any], **changes: Any) -> Any:
    return person.api.call("PATCH", f"/v1/posts/{post['id']}", {"version": post["version"], **changes})


def ids(person: Person, path: str) -> list[str]:
    return [one["id"] for one in person.api.get(path, limit=50)["items"]]


def found(person: Person, query: str) -> list[str]:
    hits = person.api.get("/v1/search", q=query, type="posts", sort="time")["items"]
    return [one["post"]["text"] for one in hits]


def test_an_edit_shows_wherever_the_post_is_shown(town: Town) -> None:
    author, reader = town.person(), town.person()
    reader.follow(author)
    old, new = f"o{uuid.uuid4().hex[:12]}", f"n{uuid.uuid4().hex[:12]}"
    post = author.post(f"{old} #{old}")
    eventually(lambda: ids(reader, f"/v1/timelines/tags/{old}"), lambda seen: post["id"] in seen, "the first tag")
    edit(author, post, text=f"{new} #{new} @{reader.handle}")
    text = f"{new} #{new} @{reader.handle}"
    assert reader.api.get(f"/v1/posts/{post['id']}")["text"] == text
    assert [one["text"] for one in reader.api.get(f"/v1/posts/{post['id']}/history")["items"]] == [text, post["text"]]
    eventually(lambda: ids(reader, f"/v1/timelines/tags/{new}"), lambda seen: post["id"] in seen, "the new tag")
    eventually(lambda: ids(reader, f"/v1/timelines/tags/{old}"), lambda seen: seen == [], "the old tag to be removed")
    eventually(lambda: found(reader, new), lambda texts: texts == [text], "search to find the new text")
    assert found(reader, old) == []
    home = {one["id"]: one["text"] for one in reader.api.get("/v1/timelines/home", limit=50)["items"]}
    assert home[post["id"]] == text
    assert author.refused("PATCH", f"/v1/posts/{post['id']}", {"version": 1, "text": "stale"}).status == 409
    assert reader.refused("PATCH", f"/v1/posts/{post['id']}", {"version": 2, "text": "mine"}).status == 403


def test_deletion_wins_over_edits(town: Town) -> None:
    author, reader = town.person(), town.person()
    reader.follow(author)
    tags = [f"t{uuid.uuid4().hex[:12]}" for _ in range(4)]
    post = author.post(f"#{tags[0]}")
    eventually(lambda: ids(reader, f"/v1/timelines/tags/{tags[0]}"), lambda seen: post["id"] in seen, "the post")
    current = post
    for tag in tags[1:]:
        current = edit(author, current, text=f"#{tag}")
    author.api.delete(f"/v1/posts/{post['id']}")
    assert author.refused("PATCH", f"/v1/posts/{post['id']}", {"version": 5, "text": "back"}).status == 404
    assert author.refused("GET", f"/v1/posts/{post['id']}/history").status == 404
    last = author.post(f"after #{tags[3]}")
    eventually(lambda: ids(reader, f"/v1/timelines/tags/{tags[3]}"), lambda seen: seen == [last["id"]], "a later post")
    for tag in tags[:3]:
        assert ids(reader, f"/v1/timelines/tags/{tag}") == []
    eventually(lambda: found(reader, tags[3]), lambda texts: texts == [last["text"]], "search to forget the post")
    assert post["id"] not in ids(reader, "/v1/timelines/home")


def test_a_person_votes_once_and_the_chosen_options_are_counted(town: Town) -> None:
    author, people = town.person(), [town.person() for _ in range(3)]
    post = author.post("which?", poll=POLL)
    path = f"/v1/posts/{post['id']}"
    assert people[0].api.get(path)["poll"]["options"] == [
        {"text": "tea", "votes": None}, {"text": "coffee", "votes": None},
    ]  # fmt: skip
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda n: people[n % 3].api.put(f"{path}/vote", {"choices": [n % 3 % 2]}), range(6)))
    counted = eventually(
        lambda: author.api.get(path)["poll"], lambda poll: poll["voters"] == 3, "three voters to be counted"
    )
    assert [one["votes"] for one in counted["options"]] == [2, 1]
    assert people[1].api.get(path)["poll"]["choices"] == [1]
    assert people[1].api.get(f"/v2/posts/{post['id']}")["poll"]["choices"] == [1]
    assert people[1].refused("PUT", f"{path}/vote", {"choices": [0]}).status == 409
    assert people[1].refused("PUT", f"{path}/vote", {"choices": [0, 1]}).status == 400
    for poll in ({**POLL, "options": ["one"]}, {**POLL, "durationSeconds": 299}, {**POLL, "options": ["a", " a"]}):
        body = {"clientPostId": uuid.uuid4().hex, "text": "?", "poll": poll}
        assert author.refused("POST", "/v1/posts", body).status == 400, poll


def test_drafts_belong_to_one_person(town: Town) -> None:
    author, other = town.person(), town.person()
    path = f"/v1/drafts/{new_id()}"
    assert author.api.put(path, {"content": {"text": "half"}})["version"] == 1
    assert author.api.get("/v1/drafts")["items"][0]["content"] == {"text": "half"}
    assert other.api.get("/v1/drafts")["items"] == []
    other.api.delete(path)
    assert author.refused("PUT", path, {"content": {"text": "stale"}}).status == 409
    assert author.api.put(path, {"content": {"text": "more"}, "version": 1})["version"] == 2
    author.api.delete(path)
    assert author.api.get("/v1/drafts")["items"] == []


def test_scheduled_posts_are_changed_and_cancelled(town: Town) -> None:
    author, other = town.person(), town.person()
    path = f"/v1/scheduled-posts/{new_id()}"
    body = {"publishAt": to_text(now() + timedelta(hours=1)), "post": {"text": "later"}}
    author.api.put(path, body)
    assert other.refused("DELETE", path).status == 404
    assert other.api.get("/v1/scheduled-posts")["items"] == []
    for wrong in ("soon", to_text(now()), to_text(now() + timedelta(days=200))):
        assert author.refused("PUT", path, {**body, "publishAt": wrong, "version": 1}).status in (400, 422)
    moved = author.api.put(path, {**body, "post": {"text": "much later"}, "version": 1})
    assert [one["post"]["text"] for one in author.api.get("/v1/scheduled-posts")["items"]] == [moved["post"]["text"]]
    author.api.delete(path)
    assert author.refused("DELETE", path).status == 404
    assert author.api.get("/v1/scheduled-posts")["items"] == []


def test_without_a_token_edits_drafts_and_scheduled_posts_are_401(endpoints: Endpoints, town: Town) -> None:
    http = town.person().api.http
    for method, path in (
        ("PATCH", f"/v1/posts/{new_id()}"), ("PUT", f"/v1/posts/{new_id()}/vote"), ("GET", "/v1/drafts"),
        ("GET", f"/v1/posts/{new_id()}/history"), ("PUT", f"/v1/drafts/{new_id()}"), ("GET", "/v1/scheduled-posts"),
        ("DELETE", f"/v1/drafts/{new_id()}"), ("PUT", f"/v1/scheduled-posts/{new_id()}"),
        ("DELETE", f"/v1/scheduled-posts/{new_id()}"),
    ):  # fmt: skip
        answer = http.request(method, path, headers={"authorization": ""})
        assert answer.status_code == 401, (method, path)


@pytest.mark.long
def test_a_scheduled_post_is_published_at_its_time(waiting: Waiting) -> None:
    """Last in this file, when little of its delay is left."""
    author = waiting.author
    path = f"/v1/users/{author.id}/posts"
    (post,) = eventually(
        lambda: author.api.get(path)["items"], lambda items: items, "the scheduled post", seconds=240
    )  # fmt: skip
    assert post["text"] == waiting.text
    assert from_text(post["createdAt"]) >= from_text(waiting.publish_at)
    assert author.api.get("/v1/scheduled-posts")["items"] == []
    eventually(lambda: found(author, waiting.text.split()[-1]), lambda texts: texts == [waiting.text], "search")
