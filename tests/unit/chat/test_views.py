"""Conversations as returned to one member, and conversation ids."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chat import model
from services.chat.model import Conversation, ConversationView, Member, MemberList, Membership, Message
from services.common.clock import from_text, now, now_text, to_text
from services.common.ids import derived_id, is_id

AT = "2026-01-01T00:00:00.000Z"
MESSAGE = Message(
    "01J00000000000000000000000", "c", 4, "ann", "m1", "hi", AT, media=({"id": "m"},), reply_to=2,
    mentions={"bob": "b"}, links=("https://a.example",), reactions={"bob": "👍"}, edited_at=AT, rev=3,
)  # fmt: skip
HEAD = Conversation("c", "direct", 4, MESSAGE, AT, AT, partners=("ann", "bob"))
MARK = Membership("c", "bob", 1)


def test_a_deleted_message_keeps_its_place_and_loses_its_content() -> None:
    bare = Message(MESSAGE.id, "c", 4, "ann", "m1", "", AT, rev=3)
    assert MESSAGE.emptied(for_all=True) == replace(bare, deleted=True)
    assert MESSAGE.emptied(for_all=False) == replace(bare, hidden=True)
    for field in ("media", "mentions", "reactions"):
        assert not getattr(MESSAGE.emptied(for_all=True), field)


def test_the_partner_is_the_other_of_two() -> None:
    assert (HEAD.other("ann"), HEAD.other("bob")) == ("bob", "ann")
    assert replace(HEAD, partners=()).other("ann") is None


@pytest.mark.parametrize(("since", "shown"), [(1, True), (4, True), (5, False)])
def test_the_last_message_is_shown_to_members_who_joined_before_it(since: int, shown: bool) -> None:
    view = ConversationView(HEAD, replace(MARK, since=since))
    assert view.shown_last() == (MESSAGE if shown else None)
    assert ConversationView(replace(HEAD, last_message=None), MARK).shown_last() is None


def test_names_include_partners_the_sender_and_the_first_people_of_a_system_line() -> None:
    line = replace(MESSAGE, sender_id="cid", system={"type": "added", "userIds": ["d", "e", "f", "g"]})
    assert ConversationView(HEAD, MARK).people() == {"ann", "bob"}
    assert ConversationView(replace(HEAD, last_message=line), MARK).people() == {"ann", "bob", "cid", "d", "e", "f"}
    assert ConversationView(replace(HEAD, last_message=replace(line, system={})), MARK).people() == {
        "ann", "bob", "cid"
    }  # fmt: skip
    assert ConversationView(replace(HEAD, last_message=None, partners=()), MARK).people() == {"bob"}
    members = MemberList("c", 1, {"x": Member("owner", 1, "active", AT)})
    assert ConversationView(HEAD, MARK, members).people() == {"x"}


def test_a_mute_ends_at_its_time() -> None:
    member = Member("member", 1, "active", AT, muted_until=AT)
    moment = from_text(AT)
    assert member.is_muted(moment - timedelta(milliseconds=1))
    assert not member.is_muted(moment)
    assert not replace(member, muted_until=None).is_muted(moment)


def test_a_mute_without_hours_has_no_end() -> None:
    assert from_text(model.muted_until(None)) > now() + timedelta(days=365 * 100)
    before = now()
    ends = from_text(model.muted_until(8))
    assert timedelta(0) <= ends - before - timedelta(hours=8) + timedelta(milliseconds=1) < timedelta(minutes=5)


def test_timestamps_of_the_log_never_decrease() -> None:
    future = to_text(now() + timedelta(hours=1))
    assert model.later(future) == future
    assert AT < model.later(AT) <= now_text()


@given(st.uuids(), st.uuids())
def test_a_pair_conversation_has_one_id_in_either_order(one: object, other: object) -> None:
    first, second = str(one), str(other)
    assert model.direct_id(first, second) == model.direct_id(second, first)
    assert is_id(model.direct_id(first, second))


def test_derived_ids_equal_the_stored_ones() -> None:
    """Tables store these ids: a different derivation would open a second conversation between two people."""
    assert model.direct_id("ann", "bob") == model._as_ulid(derived_id("conversation", "ann", "bob"))
    assert model.group_id("ann", "g1") == model._as_ulid(derived_id("group", "ann", "g1"))
    assert len({model.group_id(*one) for one in (("ann", "g1"), ("ann", "g2"), ("bob", "g1"))}) == 3
    assert model.no_message(7).detail == "Message 7 not found."
