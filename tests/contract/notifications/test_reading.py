"""The notification of a partly or fully read conversation covers only its unread messages."""

from __future__ import annotations

import itertools

import pytest

from services.common.events import (
    ChatMembersAdded,
    ChatMessageDeleted,
    ChatMessageEdited,
    ChatMessageSent,
    ConversationRead,
)
from services.notifications import reading_repository
from services.notifications.rules import notices_of
from tests.support.told import Network, people

pytestmark = pytest.mark.usefixtures("fresh")


@pytest.fixture
def network() -> Network:
    return Network()


def test_messages_that_were_read_leave_the_notification(network: Network) -> None:
    bob, ann, cid = people(3)
    for seq, sender in enumerate((ann, ann, cid), start=1):
        network.message(sender, bob, "k", seq, f"text {seq}")
    assert network.shown(bob) == [("message", 3, (cid, ann), "text 3")]
    network.tell(ConversationRead, bob, conversation_id="k", seq=2)
    assert (network.shown(bob), network.unread(bob)) == ([("message", 1, (cid,), "text 3")], 1)
    frame = network.frames[-1]
    assert (frame["type"], frame["data"]["unread"]) == ("notification.changed", 1)
    assert frame["data"]["notification"]["count"] == 1
    # The push shows the latest message: a dismissed one does not return
    assert network.corrected == []
    network.tell(ConversationRead, bob, conversation_id="k", seq=3)
    assert (network.shown(bob), network.unread(bob)) == ([("message", 1, (cid,), "text 3")], 0)
    assert network.corrected[-1].gone


def test_a_message_after_a_partial_read_joins_the_unread_ones(network: Network) -> None:
    bob, ann = people(2)
    for seq in (1, 2):
        network.message(ann, bob, "k", seq)
    network.tell(ConversationRead, bob, conversation_id="k", seq=1)
    network.message(ann, bob, "k", 3, "third")
    assert (network.shown(bob), network.unread(bob)) == ([("message", 2, (ann,), "third")], 1)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_messages_and_a_read_event_may_arrive_in_any_order(network: Network, order: tuple[int, ...]) -> None:
    bob, ann = people(2)
    sent = [
        network.make(
            ChatMessageSent, ann, conversation_id="k", conversation_kind="direct", message_id=f"m{seq}", seq=seq,
            sender_id=ann, recipient_ids=(bob,), preview=f"text {seq}",
        )
        for seq in (1, 2)
    ]  # fmt: skip
    events = [*sent, network.make(ConversationRead, bob, conversation_id="k", seq=1)]
    for number in (*order, *order):
        network.notifier.handle(events[number])
    unread = [one for one in network.kept.page(bob, None, 9) if not one.read]
    assert [(one.count, one.preview) for one in unread] == [(1, "text 2")]
    assert network.unread(bob) == 1
    assert network.kept.as_it_stands(notices_of(sent[0])[0]) is None


def test_a_message_that_was_read_changes_nothing_more(network: Network) -> None:
    bob, ann = people(2)
    first, second = (network.message(ann, bob, "k", seq, f"text {seq}") for seq in (1, 2))
    network.tell(ConversationRead, bob, conversation_id="k", seq=1)
    left = ([("message", 1, (ann,), "text 2")], 1)
    network.tell(ChatMessageEdited, ann, conversation_id="k", message_id=first, preview="changed")
    assert (network.shown(bob), network.unread(bob)) == left
    deleted = network.tell(ChatMessageDeleted, ann, conversation_id="k", message_id=first)
    network.notifier.handle(deleted)
    assert (network.shown(bob), network.unread(bob), network.corrected) == (*left, [])
    network.tell(ChatMessageDeleted, ann, conversation_id="k", message_id=second)
    assert (network.shown(bob), network.unread(bob)) == ([], 0)
    assert network.corrected[-1].gone


def test_reading_a_group_clears_the_notification_of_being_added(network: Network) -> None:
    bob, ann = people(2)
    network.tell(ChatMembersAdded, ann, conversation_id="k", message_id="added", actor_id=ann, user_ids=(bob,))
    for seq in (2, 3):
        network.message(ann, bob, "k", seq, f"text {seq}")
    assert network.shown(bob) == [("message", 3, (ann,), "text 3")]
    network.tell(ConversationRead, bob, conversation_id="k", seq=2)
    assert network.shown(bob) == [("message", 1, (ann,), "text 3")]


def test_more_messages_than_one_transaction_takes_are_read(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_repository, "_READ_AT_ONCE", 4)
    bob, ann = people(2)
    for seq in range(1, 25):
        network.message(ann, bob, "k", seq, f"text {seq}")
    network.tell(ConversationRead, bob, conversation_id="k", seq=9)
    assert (network.shown(bob), network.unread(bob)) == ([("message", 15, (ann,), "text 24")], 1)


def test_deleting_the_newest_message_does_not_make_read_ones_unread(network: Network) -> None:
    """The read mark was stored, but its effects were not yet applied."""
    bob, ann = people(2)
    network.message(ann, bob, "k", 1)
    second = network.message(ann, bob, "k", 2)
    kept = network.notifier.corrector.kept
    group = network.kept.page(bob, None, 9)[0].group
    assert group
    kept._keep_read_mark(bob, group, 1)
    network.tell(ChatMessageDeleted, ann, conversation_id="k", message_id=second)
    assert network.unread(bob) == 0
    assert [one.read for one in network.kept.page(bob, None, 9)] == [True]
    assert network.corrected[-1].gone
