"""The rules of chat, without AWS."""

from __future__ import annotations

import pytest

from services.chat import events, model
from services.chat.model import Conversation, Membership, Message
from services.common.errors import BadRequest, NotFound, Unprocessable
from services.common.ids import is_id
from tests.support.lambdas import new_user

FAMILY = "👨‍👩‍👧‍👦"


def conversation(seq: int = 1) -> Conversation:
    message = Message("01J00000000000000000000000", "c", seq, "ann", "m1", "hi\nthere", "2026-01-01T00:00:00.000Z")
    return Conversation("c", "direct", ("ann", "bob"), seq, message, message.at, message.at)


def test_two_people_have_one_conversation_id_whoever_begins() -> None:
    ann, bob = new_user(), new_user()
    assert model.direct_id(ann, bob) == model.direct_id(bob, ann)
    assert model.direct_id(ann, bob) != model.direct_id(ann, new_user())
    assert is_id(model.direct_id(ann, bob))


def test_a_partner_is_somebody_else() -> None:
    ann = new_user()
    model.check_partner(ann, new_user())
    with pytest.raises(Unprocessable):
        model.check_partner(ann, ann)
    for bad in ("", "bob", ann.upper(), "../" + ann):
        with pytest.raises(BadRequest):
            model.check_partner(ann, bad)


def test_text_is_counted_as_people_count() -> None:
    assert model.check_text(f"  {FAMILY}  ") == FAMILY
    assert model.check_text("あ" * 2000) == "あ" * 2000
    for bad in ("", " \n ", "あ" * 2001, "a\x00b", FAMILY * 1000):
        with pytest.raises(BadRequest):
            model.check_text(bad)


def test_who_is_no_member_learns_nothing() -> None:
    conversation().require_member("bob")
    with pytest.raises(NotFound):
        conversation().require_member("eve")


def test_a_message_goes_to_all_members_and_its_event_to_the_others() -> None:
    effects = events.of_message(conversation())
    (outgoing,) = effects.frames
    assert (outgoing.partition, outgoing.users) == ("c", ("ann", "bob"))
    assert outgoing.frame["data"]["message"]["seq"] == 1
    (event,) = effects.domain_events
    assert event.data["recipientIds"] == ["bob"]
    assert event.data["preview"] == "hi there"
    again = events.of_message(conversation())
    assert again.frames[0].frame["eventId"] == outgoing.frame["eventId"]
    assert again.domain_events[0].id == event.id


def test_read_marks_of_different_heights_are_different_events() -> None:
    low = events.of_read(conversation(5), Membership("c", "bob", 2)).frames[0]
    high = events.of_read(conversation(5), Membership("c", "bob", 3)).frames[0]
    assert low.frame["eventId"] != high.frame["eventId"]
    assert low.frame["data"] == {"conversationId": "c", "userId": "bob", "seq": 2}


def test_a_preview_is_one_short_line() -> None:
    assert model.preview_of("a\n\n b") == "a b"
    assert len(model.preview_of("x" * 5000)) == model.PREVIEW_LIMIT
