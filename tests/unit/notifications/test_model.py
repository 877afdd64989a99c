"""Recipients of notifications, allowed push endpoints, and push payloads."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest

from services.common.errors import BadRequest
from services.common.events import (
    CallMissed,
    ChatMembersAdded,
    ChatMessageSent,
    DomainEvent,
    LiveStarted,
    ModerationDecided,
    PollEnded,
    PostDeleted,
    PostEdited,
    PostLiked,
    PostPublished,
    PostReacted,
    PostReference,
    PostReposted,
    PostUnliked,
    ScheduledPostFailed,
    ScheduledPostPublished,
    UserFollowed,
    UserUnfollowed,
    Visibility,
)
from services.notifications import devices, model, texts
from services.notifications.model import NotificationType
from services.notifications.rules import notices_of

LOCAL = ["fcm.googleapis.com", "*.notify.windows.com", "127.0.0.1:8083"]


BY_ANN: dict[str, Any] = {"cause": "c", "actor": "ann"}
LIKED = PostLiked(**BY_ANN, post_id="p", author_id="bob", user_id="ann")


def published(visibility: Visibility = "public", mentions: str = "", **others: PostReference) -> DomainEvent:
    return PostPublished(
        **BY_ANN,
        post_id="p",
        author_id="ann",
        visibility=visibility,
        mentions=tuple(mentions.split()),
        created_at="2026-01-01T00:00:00.000Z",
        **others,
    )


def told(event: DomainEvent) -> list[tuple[str, str, str]]:
    return [(notice.recipient, str(notice.type), notice.actor) for notice in notices_of(event)]


def test_a_follow_a_like_a_missed_call() -> None:
    follow = UserFollowed(**BY_ANN, follower_id="ann", followee_id="bob", edge_version=1)
    assert told(follow) == [("bob", "follow", "ann")]
    assert told(LIKED) == [("bob", "like", "ann")]
    missed = CallMissed(**BY_ANN, call_id="k", caller_id="ann", callee_id="bob")
    assert told(missed) == [("bob", "missed_call", "ann")]


def test_followers_are_notified_of_a_broadcast_while_they_follow() -> None:
    event = LiveStarted(**BY_ANN, live_id="l", host_id="ann", title="Tea", recipient_ids=("bob", "cid"))
    assert told(event) == [("bob", "live", "ann"), ("cid", "live", "ann")]
    (first, _) = notices_of(event)
    assert first.followers_only
    for locale, title in (("en", "Ann is live"), ("ja", "Annさんがライブ配信を始めました")):
        pushed = texts.payload_of(first, "Ann", locale)
        assert (unmarked(pushed["title"]), unmarked(pushed["body"]), pushed["url"]) == (title, "Tea", "/live/l")


def unmarked(text: str) -> str:
    """Removes the bidirectional isolates around names."""
    return text.replace("\u2068", "").replace("\u2069", "")


def test_own_actions_cause_no_notification() -> None:
    assert told(replace(LIKED, author_id="ann")) == []
    assert told(published(reply_to=PostReference("q", "ann"), mentions="ann")) == []


def test_a_reply_that_mentions_is_one_notice_per_person() -> None:
    event = published(reply_to=PostReference("q", "bob"), mentions="bob cid cid ann")
    assert told(event) == [("bob", "reply", "ann"), ("cid", "mention", "ann")]
    assert {notice.subject.post_id for notice in notices_of(event)} == {"p"}


SENT = ChatMessageSent(
    **BY_ANN,
    conversation_id="k",
    conversation_kind="direct",
    message_id="m",
    seq=4,
    sender_id="ann",
    recipient_ids=("bob",),
    preview="hi",
)


def test_a_message_is_for_the_others_and_grouped_by_conversation() -> None:
    (notice,) = notices_of(SENT)
    assert (notice.recipient, notice.group, notice.preview, notice.detail) == ("bob", "message#k", "hi", None)


def test_a_group_message_names_the_group_its_mentions_and_requests() -> None:
    event = replace(
        SENT, title="Hikers", recipient_ids=("bob", "cid", "dan"), mention_ids=("cid",), request_ids=("dan",)
    )
    assert {notice.recipient: notice.detail for notice in notices_of(event)} == {
        "bob": None, "cid": "mention", "dan": "request",
    }  # fmt: skip
    assert {notice.preview for notice in notices_of(event)} == {"Hikers: hi"}
    added = ChatMembersAdded(
        **BY_ANN,
        conversation_id="k",
        title="Hikers",
        message_id="m",
        actor_id="ann",
        user_ids=("bob", "cid"),
        request_ids=("cid",),
    )
    assert [(one.recipient, one.detail) for one in notices_of(added)] == [("bob", "added"), ("cid", "request")]


def test_replies_and_quotes_notify_the_authors_they_refer_to() -> None:
    event = published(reply_to=PostReference("q", "bob"), quote_of=PostReference("r", "cid"), mentions="cid dan")
    assert told(event) == [("bob", "reply", "ann"), ("cid", "quote", "ann"), ("dan", "mention", "ann")]


def test_people_who_may_not_see_a_post_are_not_notified() -> None:
    parent = PostReference("q", "bob")
    assert told(published("mentioned", "cid", reply_to=parent)) == [("cid", "mention", "ann")]
    restricted = {
        notice.recipient: notice.followers_only for notice in notices_of(published("followers", "cid", reply_to=parent))
    }
    assert restricted == {"bob": True, "cid": False}


def test_an_edit_notifies_newly_mentioned_people() -> None:
    edited = PostEdited(
        **BY_ANN,
        post_id="p",
        author_id="ann",
        visibility="public",
        mentions=("bob", "cid"),
        mentions_added=("cid",),
        created_at="x",
        post_version=2,
    )
    (notice,) = notices_of(edited)
    assert (notice.recipient, notice.once) == ("cid", "post#p")


def test_reactions_and_reposts_are_grouped_by_post() -> None:
    about = {**BY_ANN, "post_id": "p", "author_id": "bob", "user_id": "ann"}
    (notice,) = notices_of(PostReacted(**about, emoji="🎉"))
    assert (notice.type, notice.group, notice.detail) == (NotificationType.REACTION, "reaction#p", "🎉")
    assert told(PostReposted(**about, repost_id="r", visibility="public")) == [("bob", "repost", "ann")]


def test_the_end_of_a_poll_notifies_voters_and_the_author() -> None:
    event = PollEnded(**BY_ANN, post_id="p", author_id="ann", recipient_ids=("ann", "bob"))
    assert [(one.recipient, one.actor, one.detail) for one in notices_of(event)] == [
        ("ann", "", "own"),
        ("bob", "ann", None),
    ]


def test_the_author_is_notified_of_their_published_scheduled_post() -> None:
    (notice,) = notices_of(ScheduledPostPublished(**BY_ANN, post_id="p", author_id="ann", scheduled_id="s"))
    assert (notice.recipient, notice.detail, notice.subject.post_id) == ("ann", "published", "p")
    reason = "It answers a post that is gone."
    (notice,) = notices_of(ScheduledPostFailed(**BY_ANN, scheduled_id="s", author_id="ann", reason=reason))
    assert (notice.detail, notice.preview) == ("failed", reason)


def test_a_moderation_notification_names_the_decision_but_no_moderator() -> None:
    decided = ModerationDecided(
        cause="c",
        actor="mod",
        decision="hide",
        subject_kind="post",
        subject_id="p",
        owner_id="bob",
        reason="spam",
        comment="Please read the rules.",
        subject_version=3,
    )
    (notice,) = notices_of(decided)
    assert (notice.recipient, notice.actor, notice.detail, notice.preview) == ("bob", "", "hide", decided.comment)
    assert notices_of(replace(decided, decision="dismiss")) == []


@pytest.mark.parametrize(
    "event",
    [
        PostUnliked(cause="c", actor="ann", post_id="p", author_id="bob", user_id="ann"),
        PostDeleted(cause="c", actor="ann", post_id="p", author_id="ann"),
        UserUnfollowed(cause="c", actor="ann", follower_id="ann", followee_id="bob", edge_version=2),
    ],
    ids=lambda event: event.type,
)
def test_an_undone_action_notifies_no_person(event: DomainEvent) -> None:
    assert notices_of(event) == []


def test_a_group_grows_and_names_its_latest() -> None:
    (notice,) = notices_of(LIKED)
    kept = None
    for number, actor in enumerate("abcab"):
        kept = model.made_of(replace(notice, actor=actor), str(number), kept)
    assert kept is not None
    assert (kept.actors, kept.count, kept.id) == (("b", "a", "c"), 5, "4")


def test_a_late_message_of_a_group_counts_but_is_not_shown() -> None:
    first = model.Notice(
        "bob", NotificationType.MESSAGE, "ann", "2026-01-01T00:00:01.000Z", "m1", "message#k", preview="first"
    )
    second = replace(first, at="2026-01-01T00:00:02.000Z", once="m2", preview="second", actor="cid")
    kept = model.made_of(first, "2", model.made_of(second, "1", None))
    assert (kept.preview, kept.at, kept.actors, kept.count) == ("second", second.at, ("cid", "ann"), 2)


def test_a_new_id_is_always_greater_than_the_last_read_one() -> None:
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
    devices.check_endpoint(endpoint, LOCAL)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/x", "https://fcm.googleapis.com:8443/x", "https://evil.example/x",
        "https://fcm.googleapis.com@evil.example/x", "https://fcm.googleapis.com.evil.example/", "https://notify.windows.com.evil/",
        "http://127.0.0.1:4566/x", "http://169.254.169.254/latest/meta-data", "https://[::1]/", "file:///etc/passwd",
        "https://fcm.googleapis.com:99999/", "https://", "", "x" * 2000, "https://user:pw@fcm.googleapis.com/x",
    ],
)  # fmt: skip
def test_other_push_endpoints_are_refused(endpoint: str) -> None:
    with pytest.raises(BadRequest):
        devices.check_endpoint(endpoint, LOCAL)


def test_keys_are_a_point_and_a_secret() -> None:
    def text(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).decode().rstrip("=")

    point, auth = text(b"\x04" + bytes(64)), text(bytes(16))
    devices.check_keys(point, auth)
    for bad in ((text(bytes(65)), auth), (text(b"\x04"), auth), (point, text(bytes(15))), ("§", auth), (point, "")):
        with pytest.raises(BadRequest):
            devices.check_keys(*bad)


@pytest.mark.parametrize("kind", list(NotificationType))
def test_every_type_has_words_in_both_languages(kind: NotificationType) -> None:
    notice = model.Notice(
        "bob", kind, "ann", "2026-01-01T00:00:00.000Z", "once", subject=model.NotificationSubject(post_id="p")
    )
    english, japanese = texts.payload_of(notice, "Ann", "en-GB"), texts.payload_of(notice, "Ann", "ja-JP")
    assert english["title"] != japanese["title"]
    impersonal = kind in (NotificationType.SCHEDULED_POST, NotificationType.MODERATION)
    assert ("Ann" in english["title"], "Ann" in japanese["title"]) == (not impersonal, not impersonal)
    assert english["url"] == ("/notifications" if kind is NotificationType.MODERATION else "/posts/p")
    assert texts.payload_of(notice, "", "ja")["title"].startswith("どなたか") != impersonal


@pytest.mark.parametrize(
    ("kind", "others", "english", "japanese"),
    [
        (NotificationType.LIKE, 0, "Ann liked your post", "Annさんが投稿に「いいね」しました"),
        (NotificationType.LIKE, 1, "Ann and 1 other liked your post", "Annさんほか1人が投稿に「いいね」しました"),
        (NotificationType.FOLLOW, 1200, "Ann and 1,200 others followed you", "Annさんほか1,200人にフォローされました"),
        (NotificationType.REPOST, 2, "Ann and 2 others reposted your post",
         "Annさんほか2人があなたの投稿をリポストしました"),
    ],
)  # fmt: skip
def test_a_push_names_the_number_of_people(kind: NotificationType, others: int, english: str, japanese: str) -> None:
    notice = model.Notice("bob", kind, "ann", "2026-01-01T00:00:00.000Z", "once")
    titles = [texts.payload_of(notice, "Ann", locale, others)["title"] for locale in ("en", "ja")]
    assert titles == [english, japanese]
