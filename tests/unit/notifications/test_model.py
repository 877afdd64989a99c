"""Who is told what, which addresses may be pushed to, and what a push says."""

from __future__ import annotations

import base64

import pytest

from services.common import events
from services.common.errors import BadRequest
from services.common.events import DomainEvent
from services.notifications import model, subscriptions, texts
from services.notifications.model import Type, notices_of

LOCAL = ["fcm.googleapis.com", "*.notify.windows.com", "127.0.0.1:8083"]


def published(**changes: object) -> DomainEvent:
    data = {
        "postId": "p", "authorId": "ann", "visibility": "public", "replyTo": None, "mentions": [], "tags": [],
        "quoteOf": None, "createdAt": "2026-01-01T00:00:00.000Z",
    } | changes  # fmt: skip
    return events.event("post.published", cause="c", actor="ann", data=data)


def told(event: DomainEvent) -> list[tuple[str, str, str]]:
    return [(notice.recipient, str(notice.type), notice.actor) for notice in notices_of(event)]


def test_a_follow_a_like_a_missed_call() -> None:
    follow = events.event("user.followed", cause="c", actor="ann",
                          data={"followerId": "ann", "followeeId": "bob", "version": 1})  # fmt: skip
    assert told(follow) == [("bob", "follow", "ann")]
    like = events.event("post.liked", cause="c", actor="ann", data={"postId": "p", "authorId": "bob", "userId": "ann"})
    assert told(like) == [("bob", "like", "ann")]
    missed = events.event("call.missed", cause="c", actor="ann",
                          data={"callId": "k", "callerId": "ann", "calleeId": "bob"})  # fmt: skip
    assert told(missed) == [("bob", "missed_call", "ann")]


def test_nobody_is_told_about_themselves() -> None:
    like = events.event("post.liked", cause="c", actor="ann", data={"postId": "p", "authorId": "ann", "userId": "ann"})
    assert told(like) == []
    assert told(published(replyTo={"postId": "q", "authorId": "ann"}, mentions=["ann"])) == []


def test_a_reply_that_mentions_is_one_notice_per_person() -> None:
    event = published(replyTo={"postId": "q", "authorId": "bob"}, mentions=["bob", "cid", "cid", "ann"])
    assert told(event) == [("bob", "reply", "ann"), ("cid", "mention", "ann")]
    assert {notice.subject.post_id for notice in notices_of(event)} == {"p"}


def test_a_message_is_for_the_others_and_grouped_by_conversation() -> None:
    data = {"conversationId": "k", "messageId": "m", "seq": 4, "senderId": "ann", "recipientIds": ["bob"]}
    data |= {"conversationKind": "direct", "title": None, "mentionIds": [], "requestIds": [], "preview": "hi"}
    event = events.event("chat.message_sent", cause="c", actor="ann", data=data)
    (notice,) = notices_of(event)
    assert (notice.recipient, notice.group, notice.preview) == ("bob", "message#k", "hi")


@pytest.mark.parametrize("kind", ["post.unliked", "post.deleted", "user.unfollowed"])
def test_what_is_taken_back_tells_nobody(kind: str) -> None:
    assert notices_of(DomainEvent("id", kind, "ann", {})) == []


def test_a_group_grows_and_names_its_latest() -> None:
    event = events.event("post.liked", cause="c", actor="a", data={"postId": "p", "authorId": "z", "userId": "a"})
    (notice,) = notices_of(event)
    kept = None
    for number, actor in enumerate("abcab"):
        kept = model.made_of(model.replace(notice, actor=actor), str(number), kept)
    assert kept is not None
    assert (kept.actors, kept.count, kept.id) == (("b", "a", "c"), 5, "4")


def test_a_late_one_of_a_group_counts_but_is_not_shown() -> None:
    first = model.Notice("bob", Type.MESSAGE, "ann", "2026-01-01T00:00:01.000Z", "m1", "message#k", preview="first")
    second = model.replace(first, at="2026-01-01T00:00:02.000Z", once="m2", preview="second", actor="cid")
    kept = model.made_of(first, "2", model.made_of(second, "1", None))
    assert (kept.preview, kept.at, kept.actors, kept.count) == ("second", second.at, ("cid", "ann"), 2)


def test_an_id_is_always_beyond_what_was_read() -> None:
    future = "7ZZZZZZZZZZZZZZZZZZZZZZZZY"
    assert model.id_after(future) > future
    assert model.id_after("") > "0"


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/x",
        "https://db5p.notify.windows.com/w/?token=x",
        "http://127.0.0.1:8083/p/1",
    ],
)
def test_push_services_are_allowed(endpoint: str) -> None:
    subscriptions.check_endpoint(endpoint, LOCAL)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/x", "https://fcm.googleapis.com:8443/x", "https://evil.example/x",
        "https://fcm.googleapis.com@evil.example/x", "https://fcm.googleapis.com.evil.example/", "https://notify.windows.com.evil/",
        "http://127.0.0.1:4566/x", "http://169.254.169.254/latest/meta-data", "https://[::1]/", "file:///etc/passwd",
        "https://fcm.googleapis.com:99999/", "https://", "", "x" * 2000, "https://user:pw@fcm.googleapis.com/x",
    ],
)  # fmt: skip
def test_everything_else_is_not(endpoint: str) -> None:
    with pytest.raises(BadRequest):
        subscriptions.check_endpoint(endpoint, LOCAL)


def test_keys_are_a_point_and_a_secret() -> None:
    def text(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).decode().rstrip("=")

    point, auth = text(b"\x04" + bytes(64)), text(bytes(16))
    subscriptions.check_keys(point, auth)
    for bad in ((text(bytes(65)), auth), (text(b"\x04"), auth), (point, text(bytes(15))), ("§", auth), (point, "")):
        with pytest.raises(BadRequest):
            subscriptions.check_keys(*bad)


@pytest.mark.parametrize("kind", list(Type))
def test_every_type_has_words_in_both_languages(kind: Type) -> None:
    notice = model.Notice("bob", kind, "ann", "2026-01-01T00:00:00.000Z", "once", subject=model.Subject(post_id="p"))
    english, japanese = texts.payload_of(notice, "Ann", "en-GB"), texts.payload_of(notice, "Ann", "ja-JP")
    assert "Ann" in english["title"]
    assert "Ann" in japanese["title"]
    assert english["title"] != japanese["title"]
    assert english["url"] == "/posts/p"
    assert texts.payload_of(notice, "", "ja")["title"].startswith("どなたか")
