"""Notifications are updated or removed when their subject changes, case by case."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from services.common.events import (
    ChatMemberLeft,
    ChatMessageDeleted,
    ChatMessageEdited,
    ChatMessageSent,
    ConversationRead,
    DomainEvent,
    FollowRequested,
    FollowRequestEnded,
    ModerationDecided,
    PostDeleted,
    PostEdited,
    PostLiked,
    PostPublished,
    PostReacted,
    PostReference,
    PostReposted,
    PostUnliked,
    PostUnreacted,
    UserBlocked,
    UserDeleted,
    UserFollowed,
    UserUnfollowed,
)
from services.notifications.device_repository import DeviceRepository
from services.notifications.model import Notice, NotificationType, subject_key
from services.notifications.preference_repository import PreferenceRepository
from services.notifications.queries import NotificationQueries
from services.notifications.rules import notices_of
from tests.support.directory import FakePeople
from tests.support.notifier import TABLE
from tests.support.told import Excerpt, Friends, Network, people

pytestmark = pytest.mark.usefixtures("fresh")


@pytest.fixture
def network() -> Network:
    return Network()


def test_a_grouped_notification_shrinks_and_disappears_with_its_likes(network: Network) -> None:
    bob, *others = people(5)
    for one in others:
        network.edge(PostLiked, one, bob, "p")
    ann, cid, dan, eve = others
    assert network.shown(bob) == [("like", 4, (eve, dan, cid), None)]
    network.edge(PostUnliked, eve, bob, "p")
    assert network.shown(bob) == [("like", 3, (dan, cid, ann), None)]
    assert network.frames[-1]["type"] == "notification.changed"
    assert network.frames[-1]["data"]["notification"]["count"] == 3
    for one in (ann, cid):
        network.edge(PostUnliked, one, bob, "p")
    assert (network.shown(bob), network.unread(bob)) == ([("like", 1, (dan,), None)], 1)
    network.edge(PostUnliked, dan, bob, "p")
    assert (network.shown(bob), network.unread(bob)) == ([], 0)
    assert network.frames[-1]["type"] == "notification.removed"
    assert [one.gone for one in network.corrected] == [False, False, False, True]


def test_a_large_group_still_names_people_after_the_latest_leave(network: Network) -> None:
    bob, *others = people(26)
    for one in others:
        network.edge(PostLiked, one, bob, "p")
    for one in reversed(others[4:]):
        network.edge(PostUnliked, one, bob, "p")
    ((_, count, actors, _),) = network.shown(bob)
    assert (count, set(actors) <= set(others[:4]), len(actors)) == (4, True, 3)


def test_an_action_undone_before_its_event_is_handled_causes_no_notification(network: Network) -> None:
    bob, ann = people(2)
    liked = network.make(PostLiked, ann, post_id="p", author_id=bob, user_id=ann)
    network.edge(PostUnliked, ann, bob, "p")
    network.notifier.handle(liked)
    assert (network.shown(bob), network.unread(bob)) == ([], 0)
    network.edge(PostLiked, ann, bob, "p")
    assert network.unread(bob) == 1


def test_a_like_repeated_after_reading_is_not_unread(network: Network) -> None:
    bob, ann = people(2)
    network.edge(PostLiked, ann, bob, "p")
    network.kept.mark_seen(bob, "7" + "Z" * 25)
    network.edge(PostUnliked, ann, bob, "p")
    network.edge(PostLiked, ann, bob, "p")
    assert (len(network.shown(bob)), network.unread(bob)) == (1, 0)


@pytest.mark.parametrize("reverse", [False, True])
def test_another_emoji_takes_the_place_of_the_first(network: Network, reverse: bool) -> None:
    bob, ann = people(2)
    network.edge(PostReacted, ann, bob, "p", emoji="🎉")
    about = {"post_id": "p", "author_id": bob, "user_id": ann}
    changes = [
        network.make(PostUnreacted, ann, emoji="🎉", **about),
        network.make(PostReacted, ann, emoji="❤", **about),
    ]
    for event in reversed(changes) if reverse else changes:
        network.notifier.handle(event)
    (one,) = network.kept.page(bob, None, 9)
    assert (one.detail, network.unread(bob)) == ("❤", 1)


def published(network: Network, author: str, post: str, to: str, mentions: tuple[str, ...] = ()) -> None:
    network.tell(
        PostPublished, author, post_id=post, author_id=author, visibility="public",
        reply_to=PostReference("root", to), mentions=mentions, created_at="2026-01-01T00:00:00.000Z",
    )  # fmt: skip


@pytest.mark.parametrize("how", ["delete", "hide"])
def test_a_deleted_post_removes_all_notifications_about_it(network: Network, how: str) -> None:
    bob, ann, cid = people(3)
    published(network, ann, "reply", bob, (cid,))
    network.edge(PostLiked, cid, ann, "reply")
    network.edge(PostReposted, bob, ann, "reply", repost_id="r", visibility="public")
    assert [network.unread(one) for one in (bob, cid, ann)] == [1, 1, 2]
    if how == "delete":
        network.tell(PostDeleted, ann, post_id="reply", author_id=ann)
    else:
        network.notifier.handle(decided(network, ann, "hide", 1))
    network.edge(PostLiked, bob, ann, "reply")
    told = [] if how == "delete" else [("moderation", 1, (), None)]
    assert [network.shown(one) for one in (bob, cid, ann)] == [[], [], told]
    assert [network.unread(one) for one in (bob, cid, ann)] == [0, 0, len(told)]


def decided(network: Network, owner: str, decision: str, version: int) -> DomainEvent:
    return network.make(
        ModerationDecided, owner, decision=decision, subject_kind="post", subject_id=f"{network.name}-reply",
        owner_id=owner, reason="spam", comment="", subject_version=version,
    )  # fmt: skip


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_last_moderation_decision_counts_in_any_order_of_events(network: Network, order: tuple[int, ...]) -> None:
    bob, ann = people(2)
    made = [decided(network, ann, word, at) for at, word in enumerate(["hide", "unhide", "hide"], 1)]
    for number in order:
        network.notifier.handle(made[number])
    network.edge(PostLiked, bob, ann, "reply")
    assert "like" not in {kind for kind, *_ in network.shown(ann)}
    network.notifier.handle(decided(network, ann, "unhide", 4))
    network.notifier.handle(made[order[-1]])
    network.edge(PostLiked, bob, ann, "reply")
    assert "like" in {kind for kind, *_ in network.shown(ann)}
    network.tell(PostDeleted, ann, post_id="reply", author_id=ann)
    network.notifier.handle(decided(network, ann, "unhide", 5))
    network.edge(PostLiked, ann, bob, "reply")
    assert network.shown(bob) == []


def edited(network: Network, author: str, post: str, visibility: str, mentions: tuple[str, ...]) -> None:
    network.tell(
        PostEdited, author, post_id=post, author_id=author, visibility=visibility, mentions=mentions,
        created_at="2026-01-01T00:00:00.000Z", post_version=2,
    )  # fmt: skip


def test_a_mention_that_is_edited_away_loses_its_notification(network: Network) -> None:
    bob, ann, cid, dan = people(4)
    published(network, ann, "post", bob, (cid, dan))
    edited(network, ann, "post", "public", (dan,))
    assert [network.unread(one) for one in (bob, cid, dan)] == [1, 0, 1]
    edited(network, ann, "post", "mentioned", (dan,))
    assert [network.unread(one) for one in (bob, cid, dan)] == [0, 0, 1]


def test_notifications_of_ended_follows_and_requests_are_removed(network: Network) -> None:
    bob, ann = people(2)
    pair = {"follower_id": ann, "followee_id": bob}
    network.tell(FollowRequested, ann, **pair)
    network.tell(FollowRequestEnded, ann, **pair)
    assert network.shown(bob) == []
    network.tell(UserFollowed, ann, edge_version=1, **pair)
    assert network.unread(bob) == 1
    network.tell(UserUnfollowed, ann, edge_version=2, **pair)
    assert (network.shown(bob), network.unread(bob)) == ([], 0)


@pytest.mark.parametrize("how", ["block", "suspend", "delete"])
def test_notifications_about_blocked_and_suspended_people_are_removed(network: Network, how: str) -> None:
    bob, ann, cid = people(3)
    network.edge(PostLiked, cid, bob, "p")
    network.edge(PostLiked, ann, bob, "p")
    network.message(ann, bob, "k", 1)
    if how == "block":
        network.tell(UserBlocked, bob, blocker_id=bob, blocked_id=ann)
    elif how == "delete":
        network.tell(UserDeleted, ann, user_id=ann)
    else:
        network.tell(
            ModerationDecided, cid, decision="suspend", subject_kind="person", subject_id=ann, owner_id=ann,
            reason="spam", comment="", subject_version=1,
        )  # fmt: skip
    assert (network.shown(bob), network.unread(bob)) == ([("like", 1, (cid,), None)], 1)


def test_notifications_follow_edits_and_deletions_of_messages(network: Network) -> None:
    bob, ann = people(2)
    first, second = (network.message(ann, bob, "k", seq, f"secret {seq}") for seq in (1, 2))
    network.tell(ChatMessageEdited, ann, conversation_id="k", message_id=second, preview="changed")
    assert network.shown(bob) == [("message", 2, (ann,), "changed")]
    assert network.frames[-1]["data"]["notification"]["preview"] == "changed"
    network.tell(ChatMessageDeleted, ann, conversation_id="k", message_id=second)
    assert network.shown(bob) == [("message", 1, (ann,), "secret 1")]
    network.tell(ChatMessageDeleted, ann, conversation_id="k", message_id=first)
    assert (network.shown(bob), network.unread(bob)) == ([], 0)
    assert "secret" not in str(network.corrected[-1])


def edit(network: Network, sender: str, message: str, preview: str, **fields: Any) -> DomainEvent:
    return network.make(ChatMessageEdited, sender, conversation_id="k", message_id=message, preview=preview, **fields)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_notification_has_the_last_text_in_any_order_of_edits(network: Network, order: tuple[int, ...]) -> None:
    bob, ann = people(2)
    sent = network.make(
        ChatMessageSent, ann, conversation_id="k", conversation_kind="direct", message_id="m", seq=1, sender_id=ann,
        recipient_ids=(bob,), preview="first",
    )  # fmt: skip
    events = [sent, edit(network, ann, "m", "second"), edit(network, ann, "m", "third", mention_ids=(bob,))]
    for number in order:
        network.notifier.handle(events[number])
    (one,) = network.kept.page(bob, None, 9)
    assert (one.preview, one.detail) == ("third", "mention")
    assert network.kept.as_it_stands(notices_of(sent)[0]).preview == "third"  # type: ignore[union-attr]


@pytest.mark.parametrize("requested", [True, False])
def test_an_edited_request_stays_a_request(network: Network, requested: bool) -> None:
    bob, ann = people(2)
    fields = {"request_ids" if requested else "mention_ids": (bob,)}
    network.tell(
        ChatMessageSent, ann, conversation_id="k", conversation_kind="group", message_id="m", seq=1, sender_id=ann,
        recipient_ids=(bob,), preview="first", **fields,
    )  # fmt: skip
    network.notifier.handle(edit(network, ann, "m", "second"))
    (one,) = network.kept.page(bob, None, 9)
    assert (one.preview, one.detail) == ("second", "request" if requested else None)


def test_an_edited_old_message_is_shown_edited_after_later_messages_are_deleted(network: Network) -> None:
    bob, ann = people(2)
    messages = [network.message(ann, bob, "k", seq, f"text {seq}") for seq in range(1, 25)]
    network.notifier.handle(edit(network, ann, messages[0], "changed"))
    for message in messages[1:]:
        network.tell(ChatMessageDeleted, ann, conversation_id="k", message_id=message)
    assert network.shown(bob) == [("message", 1, (ann,), "changed")]


def test_a_message_that_arrives_after_its_reader_left_is_not_notified(network: Network) -> None:
    bob, ann = people(2)
    late = network.make(
        ChatMessageSent, ann, conversation_id="k", conversation_kind="group", message_id="m", seq=1, sender_id=ann,
        recipient_ids=(bob,), preview="late",
    )  # fmt: skip
    network.tell(ChatMemberLeft, bob, conversation_id="k", user_id=bob)
    network.notifier.handle(late)
    assert (network.shown(bob), network.unread(bob)) == ([], 0)
    network.message(ann, bob, "k", 2, "after they came back")
    assert network.unread(bob) == 1


def test_a_mention_returns_when_the_name_is_back_in_the_text(network: Network) -> None:
    bob, ann, cid = people(3)
    published(network, ann, "post", bob, (cid,))
    for mentions, unread in (((), 0), ((cid,), 1), ((), 0), ((cid,), 1)):
        edited(network, ann, "post", "public", mentions)
        assert network.unread(cid) == unread
    assert network.unread(bob) == 1


@pytest.mark.parametrize("how", ["mention", "visibility"])
def test_an_edit_that_arrives_before_its_post_is_applied(network: Network, how: str) -> None:
    bob, ann, cid = people(3)
    post = network.own("post_id", "post")
    network.now[post] = Excerpt(mentioned=(), only_mentioned=how == "visibility")
    edited(network, ann, "post", "mentioned" if how == "visibility" else "public", ())
    published(network, ann, "post", bob, (cid,))
    assert network.shown(cid) == []
    assert len(network.shown(bob)) == (how == "mention")


def test_notifications_about_posts_now_hidden_from_the_reader_are_left_out(network: Network) -> None:
    bob, ann = people(2)
    published(network, ann, "post", bob)
    network.edge(PostLiked, ann, bob, "own")
    now = {network.own("post_id", "post"): Excerpt(mentioned=(), only_mentioned=True)}
    queries = NotificationQueries(
        network.kept, DeviceRepository(TABLE), PreferenceRepository(TABLE), FakePeople(), Friends(), lambda ids: now
    )
    assert [one["type"] for one in queries.page(bob, None, 9).items] == ["like"]
    marks, hidden = queries.unread(bob)
    assert (marks.unread, hidden) == (2, 1)


def test_late_pushes_about_withdrawn_facts_are_not_sent(network: Network) -> None:
    bob, ann, cid = people(3)
    message = network.message(ann, bob, "k", 1, "secret")
    liked = network.make(PostLiked, ann, post_id="p", author_id=bob, user_id=ann)
    seen = network.make(PostLiked, cid, post_id="q", author_id=bob, user_id=cid)
    for event in (liked, seen):
        network.notifier.handle(event)
        assert network.kept.as_it_stands(notices_of(event)[0])
    network.edge(PostUnliked, ann, bob, "p")
    network.kept.mark_read(bob, "7" + "Z" * 25)
    network.tell(ChatMessageDeleted, ann, conversation_id="k", message_id=message)
    told = Notice(
        "", NotificationType.MESSAGE, ann, "2026", "", about=subject_key("message", network.own("message_id", message))
    )
    for notice in (notices_of(liked)[0], notices_of(seen)[0], told):
        assert network.kept.as_it_stands(notice) is None


def test_reading_or_leaving_a_conversation_clears_its_notifications(network: Network) -> None:
    bob, ann = people(2)
    for seq in (1, 2):
        network.message(ann, bob, "k", seq)
    network.tell(ConversationRead, bob, conversation_id="k", seq=1)
    assert network.unread(bob) == 1
    network.tell(ConversationRead, bob, conversation_id="k", seq=2)
    assert network.unread(bob) == 0
    assert network.frames[-1]["data"]["tag"] == f"message#{network.name}-k"
    network.message(ann, bob, "k", 2)
    assert network.unread(bob) == 0
    network.tell(ConversationRead, bob, conversation_id="other", seq=3)
    network.message(ann, bob, "other", 3)
    assert network.unread(bob) == 0
    network.tell(ChatMemberLeft, bob, conversation_id="k", user_id=bob)
    assert network.shown(bob) == []


def test_seeing_the_list_clears_the_number_and_reads_nothing(network: Network) -> None:
    bob, ann, cid = people(3)
    network.edge(PostLiked, ann, bob, "p")
    network.tell(UserFollowed, ann, follower_id=ann, followee_id=bob, edge_version=1)
    marks, changed = network.kept.mark_seen(bob, "7" + "Z" * 25)
    assert (marks.unread, changed) == (0, True)
    assert not any(marks.has_read(one) for one in network.kept.page(bob, None, 9))
    assert network.kept.mark_seen(bob, "7" + "Z" * 25)[1] is False
    network.edge(PostLiked, cid, bob, "p")
    assert network.unread(bob) == 1
    # A notification that was only seen can still be read, and the unread count stays correct.
    oldest = network.kept.page(bob, None, 9)[-1]
    network.kept.mark_one(bob, oldest.id)
    assert network.unread(bob) == 1
