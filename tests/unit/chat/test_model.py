"""The rules of chat, without AWS."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.chat import content, events, groups, model
from services.chat.delivery import now_or_later
from services.chat.model import Conversation, ConversationView, Member, MemberList, Membership, Message
from services.common.errors import BadRequest, Forbidden, NotFound, TooLarge, Unprocessable
from services.common.events import ChatMessageSent
from services.common.ids import is_id
from tests.support.lambdas import new_user

FAMILY = "👨‍👩‍👧‍👦"


AT = "2026-01-01T00:00:00.000Z"


def conversation(seq: int = 1, kind: model.Kind = "direct") -> Conversation:
    message = Message("01J00000000000000000000000", "c", seq, "ann", "m1", "hi\nthere", AT)
    return Conversation("c", kind, seq, message, AT, AT, ("ann", "bob"))


LAST = Message("01J00000000000000000000000", "c", 4, "ann", "m1", "hi", AT)


def member_list(*users: str, **members: Member) -> MemberList:
    return MemberList("c", 1, {user: Member("member", 1, "active", AT) for user in users} | members)


def test_two_people_have_one_conversation_id_in_either_order() -> None:
    ann, bob = new_user(), new_user()
    assert model.direct_id(ann, bob) == model.direct_id(bob, ann)
    assert model.direct_id(ann, bob) != model.direct_id(ann, new_user())
    assert is_id(model.direct_id(ann, bob))


def test_a_partner_is_another_valid_user() -> None:
    ann = new_user()
    model.check_partner(ann, new_user())
    with pytest.raises(Unprocessable):
        model.check_partner(ann, ann)
    for bad in ("", "bob", ann.upper(), "../" + ann):
        with pytest.raises(BadRequest):
            model.check_partner(ann, bad)


def test_text_length_counts_visible_characters() -> None:
    assert content.check_text(f"  {FAMILY}  ") == FAMILY
    assert content.check_text("あ" * 2000) == "あ" * 2000
    for bad in ("", " \n ", "あ" * 2001, "a\x00b", FAMILY * 1000):
        with pytest.raises(BadRequest):
            content.check_text(bad)


def test_a_group_is_not_found_for_non_members() -> None:
    assert member_list("bob").require("bob").role == "member"
    with pytest.raises(NotFound):
        member_list("bob").require("eve")


def told(effects: events.ChatEffects) -> ChatMessageSent:
    """The event that is published at once when no member is online."""
    assert effects.sent
    event, pending = now_or_later(effects.sent, lambda _: set())
    assert event
    assert pending is None
    return event


def test_a_message_goes_to_all_members_and_its_event_to_the_others() -> None:
    effects = events.of_message(conversation(), member_list("ann", "bob"))
    (outgoing,) = effects.frames
    assert (outgoing.partition, outgoing.users) == ("c", ["ann", "bob"])
    assert outgoing.frame["data"]["message"]["seq"] == 1
    event = told(effects)
    assert event.recipient_ids == ("bob",)
    assert event.preview == "hi there"
    again = events.of_message(conversation(), member_list("ann", "bob"))
    assert again.frames[0].frame["eventId"] == outgoing.frame["eventId"]
    assert told(again).id == event.id


def test_people_who_muted_declined_or_joined_later_are_not_notified() -> None:
    members = member_list(
        "ann",
        "bob",
        quiet=Member("member", 1, "active", AT, model.FOR_EVER),
        late=Member("member", 9, "active", AT),
        asked=Member("member", 1, "request", AT),
        gone=Member("member", 1, "declined", AT),
    )
    effects = events.of_message(conversation(4, "group"), members)
    assert effects.frames[0].users == ["ann", "bob", "quiet", "asked"]
    event = told(effects)
    assert (event.recipient_ids, event.request_ids) == (("bob", "asked"), ("asked",))
    named = replace(conversation(4, "group"), last_message=replace(LAST, mentions={"q": "quiet", "l": "late"}))
    event = told(events.of_message(named, members))
    assert (event.recipient_ids, event.mention_ids) == (("bob", "quiet", "asked"), ("quiet",))


def test_a_group_moves_in_lists_once_a_minute_and_a_pair_always() -> None:
    members = member_list("ann", "bob")
    assert events.of_message(conversation(4, "group"), members, "2025-12-31T23:59:59.000Z").boxes
    assert not events.of_message(conversation(4, "group"), members, AT).boxes
    assert events.of_message(conversation(4), members, AT).boxes


def test_read_marks_reach_only_members_who_share_their_own() -> None:
    mark = Membership("c", "bob", 2, 3)
    members = member_list("ann", "bob", "cid", asked=Member("member", 1, "request", AT))
    everyone = {"ann", "bob", "cid", "asked"}
    assert events.of_read(members, mark, everyone).frames[0].users == ["ann", "bob", "cid"]
    assert events.of_read(members, mark, {"ann", "bob"}).frames[0].users == ["ann", "bob"]
    assert events.of_read(members, mark, {"ann"}).frames[0].users == ["bob"]
    assert events.of_delivered(members, mark, everyone).frames[0].users == ["ann", "cid"]
    assert events.of_delivered(members, mark, {"ann"}).frames == []
    asked = Membership("c", "asked", 2, 2)
    assert events.of_read(members, asked, everyone).frames[0].users == ["asked"]
    crowd = member_list(*(f"u{number}" for number in range(33)), "bob")
    assert events.of_read(crowd, mark, set(crowd.members)).frames[0].users == ["bob"]


def test_read_marks_of_different_heights_are_different_events() -> None:
    members = member_list("ann", "bob")
    low = events.of_read(members, Membership("c", "bob", 2), {"ann", "bob"}).frames[0]
    high = events.of_read(members, Membership("c", "bob", 3), {"ann", "bob"}).frames[0]
    assert low.frame["eventId"] != high.frame["eventId"]
    assert low.frame["data"] == {"conversationId": "c", "userId": "bob", "seq": 2}


def test_a_preview_is_one_short_line() -> None:
    assert content.preview_of(replace(LAST, text="a\n\n b")) == "a b"
    assert len(content.preview_of(replace(LAST, text="x" * 5000))) == content.PREVIEW_LIMIT
    assert content.preview_of(replace(LAST, text="", media=({"kind": "audio"},))) == "🎤"


@pytest.mark.parametrize("emoji", ["👍", "❤️", "👨‍👩‍👧", "🇯🇵", "👋🏽", "1️⃣"])
def test_a_reaction_is_one_emoji(emoji: str) -> None:
    assert content.check_emoji(emoji)


@pytest.mark.parametrize("bad", ["", "a", "あ", "👍👍", "ok", "1", "<b>", "\u200d"])
def test_other_text_is_refused_as_a_reaction(bad: str) -> None:
    with pytest.raises(BadRequest):
        content.check_emoji(bad)


def test_links_and_handles_are_found() -> None:
    assert content.links_of("see https://a.example/x?y=1, or (http://b.example).") == (
        "https://a.example/x?y=1",
        "http://b.example",
    )
    assert content.handles_of("@Ann と ＠bob、mail@example.com @ann") == ["ann", "bob"]


def test_a_message_too_large_for_a_frame_is_refused() -> None:
    many = {f"{number:036}": chr(0x1F300 + number) for number in range(256)}
    content.check_size(replace(LAST, text="あ" * 2000, reactions=many))
    with pytest.raises(TooLarge):
        content.check_size(replace(LAST, text="👨‍👩‍👧‍👦" * 650, reactions=many))


def test_members_can_manage_only_lower_roles() -> None:
    at = {name: Member(name, 1, "active", AT) for name in ("owner", "admin", "member")}  # type: ignore[arg-type]
    group = member_list(**at, other=Member("admin", 1, "active", AT), asked=Member("admin", 1, "request", AT))
    allowed = {
        (actor, action)
        for actor in ("owner", "admin", "member")
        for action in ("edit", "add", "link", "role")
        if _may(group, actor, action, None)
    }
    assert allowed == {("owner", "edit"), ("owner", "add"), ("owner", "link"), ("owner", "role")} | {
        ("admin", "edit"),
        ("admin", "add"),
        ("admin", "link"),
    }
    for action in ("remove", "erase"):
        assert _may(group, "admin", action, "member")
        assert _may(group, "owner", action, "admin")
        assert not _may(group, "admin", action, "other")
        assert not _may(group, "admin", action, "owner")
        assert not _may(group, "member", action, "member")
        assert not _may(group, "asked", action, "member")


def _may(group: MemberList, actor: str, action: str, target: str | None) -> bool:
    try:
        groups.require(group, actor, action, target)  # type: ignore[arg-type]
    except Forbidden:
        return False
    return True


def test_an_heir_is_the_oldest_admin_else_the_oldest_member() -> None:
    def member(role: model.Role, joined: str, state: model.State = "active") -> Member:
        return Member(role, 1, state, joined)

    group = member_list(o=member("owner", "1"), m=member("member", "2"), a=member("admin", "4"), b=member("admin", "3"))
    assert groups.heir(group, "o") == "b"
    assert groups.heir(group, "m") is None
    assert groups.heir(member_list(o=member("owner", "1"), x=member("member", "2", "request")), "o") is None
    assert (
        groups.heir(member_list(o=member("owner", "1"), y=member("member", "3"), m=member("member", "2")), "o") == "m"
    )


def test_a_group_has_a_size_and_a_title_one_line() -> None:
    groups.check_room(member_list(*(str(number) for number in range(255))), 1)
    with pytest.raises(Unprocessable):
        groups.check_room(member_list(*(str(number) for number in range(255))), 2)
    for bad in ("", "  ", "a\nb", "x" * 81, "a\x00"):
        with pytest.raises(BadRequest):
            groups.check_title(bad)


def test_messages_that_were_deleted_for_all_are_not_unread() -> None:
    head = Conversation("k", "direct", 5, None, AT, AT, ("ann", "bob"), deleted_seqs=(2, 4, 5))
    assert [ConversationView(head, Membership("k", "bob", read)).unread for read in (0, 1, 3, 5)] == [2, 1, 0, 0]
    assert ConversationView(head, Membership("k", "bob", 0, since=3)).unread == 1
