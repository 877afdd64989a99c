"""Reports, decisions and appeals through the public API, with the role from the token."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from kit.client import Accounts, Api, Endpoints
from tests.support.people import PASSWORD, Person, Town, eventually

NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def moderator(endpoints: Endpoints) -> Iterator[Person]:
    account = Accounts(endpoints).join(f"mod{secrets.token_hex(6)}@example.com", PASSWORD, ("moderators",))
    with Api(endpoints, account) as api:
        yield Person(api, account.user_id, "")


def test_a_reported_post_is_hidden_appealed_and_shown_again(town: Town, moderator: Person) -> None:
    author, reader = town.person(), town.person()
    word = f"w{secrets.token_hex(8)}"
    post = author.post(f"buy {word} #{word}")
    report = {"kind": "post", "subjectId": post["id"], "reason": "spam", "comment": "an advertisement"}
    assert [reader.api.post("/v1/reports", report)["again"] for _ in range(2)] == [False, True]
    path = f"/v1/moderation/cases/post/{post['id']}"
    case = moderator.api.get(path)
    assert (case["reports"], case["open"], case["owner"]["id"]) == (1, True, author.id)
    assert post["id"] in [one["subjectId"] for one in moderator.walk("/v1/moderation/cases")]
    decision = {"decision": "hide", "reason": "spam", "comment": "No advertisements here."}
    for person in (reader, author):
        assert person.refused("POST", f"{path}/decisions", decision).status == 403
        assert person.refused("GET", path).status == 403
    eventually(lambda: _found(reader, word), lambda found: found == 1, "the post to be found")
    assert moderator.api.post(f"{path}/decisions", decision)["measure"] == "hidden"
    eventually(lambda: _found(reader, word), lambda found: found == 0, "search to lose the post")
    assert reader.refused("GET", f"/v1/posts/{post['id']}").status == 404
    assert reader.api.get(f"/v1/users/{author.id}/posts")["items"] == []
    assert reader.api.get(f"/v1/timelines/tags/{word}")["items"] == []
    assert reader.refused("PUT", f"/v1/posts/{post['id']}/like").status == 404
    assert author.api.get(f"/v1/posts/{post['id']}")["hidden"] == "spam"
    (mine,) = author.api.get("/v1/me/decisions")["items"]
    assert mine["comment"] == "No advertisements here."
    appeal = {"kind": "post", "subjectId": post["id"], "text": "It is a poem."}
    assert reader.refused("POST", "/v1/appeals", appeal).status == 404
    author.api.post("/v1/appeals", appeal)
    assert author.refused("POST", "/v1/appeals", appeal).status == 409
    assert moderator.api.get(path)["appeal"]["text"] == "It is a poem."
    moderator.api.post(f"{path}/decisions", {**decision, "decision": "unhide"})
    eventually(lambda: _found(reader, word), lambda found: found == 1, "the post to be found again")
    assert [one["decision"] for one in moderator.api.get(path)["log"]] == ["unhide", "hide"]
    logged = moderator.api.get("/v1/moderation/log", limit=50)["items"]
    entries = [(one["action"], one["moderator"]["id"]) for one in logged if one["subjectId"] == post["id"]]
    assert entries == [("unhide", moderator.id), ("hide", moderator.id)]


def test_a_suspended_person_is_not_shown_and_can_not_write_until_it_is_lifted(town: Town, moderator: Person) -> None:
    author, reader = town.person("Loud"), town.person()
    word = f"w{secrets.token_hex(8)}"
    post = author.post(word)
    author.follow(reader)
    path = f"/v1/moderation/cases/person/{author.id}/decisions"
    decision = {"decision": "suspend", "reason": "harassment", "comment": ""}
    moderator.api.post(path, decision)
    seen = eventually(lambda: author.api.get("/v1/me"), lambda me: me["suspended"], "the suspension")
    assert seen["suspended"] == "harassment"
    refused = author.refused("POST", "/v1/posts", {"clientPostId": "x", "text": "more"})
    assert (refused.status, refused.type) == (403, "account-suspended")
    assert reader.refused("GET", f"/v1/posts/{post['id']}").status == 404
    assert reader.api.get(f"/v1/users/{reader.id}/followers")["items"] == []
    eventually(lambda: _found(reader, word), lambda found: found == 0, "search to lose the posts")
    author.api.post("/v1/appeals", {"kind": "person", "subjectId": author.id, "text": "Sorry."})
    moderator.api.post(path, {**decision, "decision": "unsuspend"})
    eventually(lambda: author.api.get("/v1/me"), lambda me: not me["suspended"], "the suspension to be lifted")
    assert author.post("back")["text"] == "back"
    assert reader.api.get(f"/v1/posts/{post['id']}")["id"] == post["id"]
    eventually(lambda: _found(reader, word), lambda found: found == 1, "the posts to be found again")


def test_only_a_recipient_can_report_a_message(town: Town, moderator: Person) -> None:
    sender, reader, stranger = town.person(), town.person(), town.person()
    opened = sender.api.post("/v1/conversations", {"memberId": reader.id})
    sender.api.post(f"/v1/conversations/{opened['id']}/messages", {"clientMessageId": "m1", "text": "send money"})
    report = {"kind": "message", "subjectId": f"{opened['id']}.1", "reason": "spam"}
    assert stranger.refused("POST", "/v1/reports", report).status == 404
    assert sender.refused("POST", "/v1/reports", report).status == 422
    assert reader.api.post("/v1/reports", report)["reported"]
    case = moderator.api.get(f"/v1/moderation/cases/message/{opened['id']}.1")
    assert (case["content"]["text"], case["owner"]["id"]) == ("send money", sender.id)


@pytest.mark.parametrize(
    ("verb", "path", "body"),
    [
        ("GET", "/v1/moderation/cases", None),
        ("GET", "/v1/moderation/cases?state=closed", None),
        ("GET", f"/v1/moderation/cases/person/{NOBODY}", None),
        ("GET", "/v1/moderation/log", None),
        ("POST", f"/v1/moderation/cases/person/{NOBODY}/decisions", {"decision": "suspend", "reason": "spam"}),
    ],
)
def test_people_without_the_role_may_not_moderate(town: Town, verb: str, path: str, body: object) -> None:
    assert town.person().refused(verb, path, body).status == 403


@pytest.mark.parametrize(
    "query", [{"state": "lost"}, {"cursor": "garbage"}, {"limit": 0}], ids=["state", "cursor", "limit"]
)
def test_an_invalid_query_of_a_moderator_is_refused(moderator: Person, query: dict[str, Any]) -> None:
    assert moderator.refused("GET", "/v1/moderation/cases", **query).status == 400


def _found(person: Person, word: str) -> int:
    return len(person.api.get("/v1/search", q=word)["items"])
