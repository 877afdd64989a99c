"""Chat against a real DynamoDB API: one order without gaps or duplicates under concurrency."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from services.chat.model import Message, direct_id
from services.chat.public import chat_queries
from services.chat.repository import ChatRepository, NewMessage
from services.common.cursors import Cursor
from services.common.errors import InvalidCursor, NotFound
from tests.support.directory import FakePeople
from tests.support.lambdas import new_user

pytestmark = pytest.mark.usefixtures("fresh")
queries = chat_queries("chat", FakePeople())


@pytest.fixture
def chat() -> ChatRepository:
    return ChatRepository("chat")


@pytest.fixture
def pair(chat: ChatRepository) -> tuple[str, str, str]:
    ann, bob = new_user(), new_user()
    conversation, created = chat.open_direct(direct_id(ann, bob), ann, bob)
    assert created
    return conversation.id, ann, bob


def say(chat: ChatRepository, conversation: str, author: str, number: int) -> Message:
    message, _ = chat.append(NewMessage(conversation, author, f"m{number}", f"text {number}"))
    return message


def test_opening_a_conversation_again_from_either_side_returns_the_same(
    chat: ChatRepository, pair: tuple[str, str, str]
) -> None:
    conversation, ann, bob = pair
    assert queries.conversations(bob, None, 10).items == []
    again, created = chat.open_direct(direct_id(bob, ann), bob, ann)
    assert (again.id, created) == (conversation, False)
    assert [view.conversation.id for view in queries.conversations(bob, None, 10).items] == [conversation]


def test_simultaneous_opens_create_one_conversation(chat: ChatRepository) -> None:
    ann, bob = new_user(), new_user()
    sides = [(ann, bob), (bob, ann)] * 4
    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(lambda side: chat.open_direct(direct_id(*side), *side), sides))
    assert len({conversation.id for conversation, _ in opened}) == 1
    assert [created for _, created in opened].count(True) == 1


def test_many_writers_get_one_order_without_gaps(chat: ChatRepository, pair: tuple[str, str, str]) -> None:
    conversation, ann, bob = pair
    with ThreadPoolExecutor(4) as pool:
        sent = list(pool.map(lambda number: say(chat, conversation, (ann, bob)[number % 2], number), range(24)))
    assert sorted(message.seq for message in sent) == list(range(1, 25))
    kept = [message for _, message in chat.messages(conversation, None, 50)]
    assert [message.seq for message in kept] == list(range(24, 0, -1))
    assert sorted(kept, key=lambda one: one.at) == sorted(kept, key=lambda one: one.seq)


def test_a_resent_message_returns_the_first(chat: ChatRepository, pair: tuple[str, str, str]) -> None:
    conversation, ann, bob = pair
    first, new = chat.append(NewMessage(conversation, ann, "same", "one"))
    with ThreadPoolExecutor(4) as pool:
        again = list(
            pool.map(lambda text: chat.append(NewMessage(conversation, ann, "same", text)), ["one", "two"] * 4)
        )
    assert new
    assert {(message, fresh) for message, fresh in again} == {(first, False)}
    other, new = chat.append(NewMessage(conversation, bob, "same", "bob's own"))
    assert (new, other.seq) == (True, 2)


def test_only_members_write_and_read(chat: ChatRepository, pair: tuple[str, str, str]) -> None:
    conversation, ann, _ = pair
    eve = new_user()
    for attempt in (
        lambda: say(chat, conversation, eve, 1),
        lambda: say(chat, direct_id(ann, eve), ann, 1),
        lambda: chat.mark(conversation, eve, 1, read=True),
        lambda: queries.conversation(eve, conversation),
        lambda: queries.messages(eve, conversation, None, 10),
        lambda: queries.conversation(ann, "nonsense"),
        lambda: queries.messages(ann, "nonsense#", None, 10),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_unread_and_read_marks_only_grow(chat: ChatRepository, pair: tuple[str, str, str]) -> None:
    conversation, ann, bob = pair
    for number in range(3):
        say(chat, conversation, ann, number)
    assert queries.conversation(ann, conversation).unread == 0
    assert queries.conversation(bob, conversation).unread == 3
    assert chat.mark(conversation, bob, 2, read=True)
    assert not chat.mark(conversation, bob, 1, read=True)
    assert not chat.mark(conversation, bob, 2, read=True)
    assert queries.conversation(bob, conversation).unread == 1
    say(chat, conversation, bob, 9)
    assert queries.conversation(bob, conversation).unread == 0
    assert queries.conversation(ann, conversation).unread == 1


def test_the_inbox_is_ordered_by_last_activity(chat: ChatRepository) -> None:
    ann = new_user()
    others = [new_user() for _ in range(4)]
    ids = [chat.open_direct(direct_id(ann, other), ann, other)[0].id for other in others]
    message = say(chat, ids[1], others[1], 1)
    found = chat.conversation(ids[1])
    assert found is not None
    chat.bump_boxes(found, [(ann, "active")])
    first = queries.conversations(ann, None, 3)
    assert first.items[0].conversation.id == ids[1]
    assert first.items[0].conversation.last_message == message
    second = queries.conversations(ann, first.older, 3)
    seen = [view.conversation.id for view in [*first.items, *second.items]]
    assert sorted(seen) == sorted(ids)
    assert second.older is None


def test_history_pages_both_ways_and_resumes_without_a_gap(chat: ChatRepository, pair: tuple[str, str, str]) -> None:
    conversation, ann, bob = pair
    for number in range(12):
        say(chat, conversation, ann, number)
    newest = queries.messages(bob, conversation, None, 5)
    assert [message.seq for message in newest.items] == [12, 11, 10, 9, 8]
    older = queries.messages(bob, conversation, newest.older, 5)
    oldest = queries.messages(bob, conversation, older.older, 5)
    assert [message.seq for message in [*older.items, *oldest.items]] == [7, 6, 5, 4, 3, 2, 1]
    assert oldest.older is None
    say(chat, conversation, ann, 100)
    resumed = queries.messages(bob, conversation, newest.newer, 5)
    assert [message.seq for message in resumed.items] == [13]


@pytest.mark.parametrize("key", ["HEAD", "SENT#", "A", "~", "MEMBER#"])
def test_a_forged_cursor_reaches_no_other_item(pair: tuple[str, str, str], key: str) -> None:
    conversation, ann, _ = pair
    for direction in ("older", "newer"):
        forged = Cursor(f"messages/{conversation}", direction, key).encode()  # type: ignore[arg-type]
        with pytest.raises(InvalidCursor):
            queries.messages(ann, conversation, forged, 10)
    beyond = Cursor(f"messages/{conversation}", "newer", "MSG#\U0010ffff").encode()
    assert queries.messages(ann, conversation, beyond, 10).items == []
