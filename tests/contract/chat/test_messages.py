"""Operations on messages: edit, delete, react, reply, attach, mention, search; message requests and privacy."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest

from services.chat import handler as functions
from services.chat.model import REQUEST_MESSAGES
from services.chat.public import FirstContact
from services.chat.views import presence_resource
from tests.support.chat_room import Room
from tests.support.lambdas import new_user


@pytest.fixture
def pair(room: Room) -> tuple[str, str, str]:
    ann, bob = room.person(), room.person()
    return room.pair(ann, bob), ann, bob


def test_an_edit_is_marked_and_counted(room: Room, pair: tuple[str, str, str]) -> None:
    conversation, ann, bob = pair
    room.say(ann, conversation, "helo")
    edited = room.do(ann, "PUT", f"/{conversation}/messages/1", {"text": "hello https://a.example/"})
    assert (edited["text"], edited["rev"], edited["entities"]["links"]) == ("hello https://a.example/", 1,
                                                                            ["https://a.example/"])  # fmt: skip
    assert edited["editedAt"]
    again = room.do(ann, "PUT", f"/{conversation}/messages/1", {"text": "hello https://a.example/"})
    assert again == edited
    assert room.do(bob, "GET", "", query_text="folder=inbox")["items"] == []
    assert room.do(ann, "GET", f"/{conversation}")["lastMessage"]["text"] == edited["text"]
    assert room.do(bob, "GET", f"/{conversation}/changes") == {"items": [edited], "rev": 1, "more": False}
    assert room.refused(bob, "PUT", f"/{conversation}/messages/1", {"text": "mine"}) == 403
    assert room.refused(ann, "PUT", f"/{conversation}/messages/9", {"text": "x"}) == 404
    assert room.refused(ann, "PUT", f"/{conversation}/messages/1", {"text": " "}) == 400


def test_a_deleted_message_stays_deleted_and_keeps_its_place(room: Room, pair: tuple[str, str, str]) -> None:
    conversation, ann, bob = pair
    for text in ("one", "two", "three"):
        room.say(ann, conversation, text)
    room.do(bob, "PUT", f"/{conversation}/messages/2/reaction", {"emoji": "👍"})
    assert room.refused(bob, "DELETE", f"/{conversation}/messages/2") == 403
    room.do(ann, "DELETE", f"/{conversation}/messages/2")
    room.do(ann, "DELETE", f"/{conversation}/messages/2")
    assert room.refused(ann, "PUT", f"/{conversation}/messages/2", {"text": "back"}) == 422
    assert room.refused(bob, "PUT", f"/{conversation}/messages/2/reaction", {"emoji": "👍"}) == 422
    log = room.log(bob, conversation)
    assert [(one["seq"], one["text"], one["deleted"]) for one in log] == [
        (1, "one", False), (2, "", True), (3, "three", False),
    ]  # fmt: skip
    assert log[1]["reactions"] == []
    changes = room.do(bob, "GET", f"/{conversation}/changes")
    assert ([one["seq"] for one in changes["items"]], changes["rev"]) == ([2], 2)
    assert "two" not in str(changes)


def test_deleting_for_me_leaves_the_message_for_others(room: Room, pair: tuple[str, str, str]) -> None:
    conversation, ann, bob = pair
    room.say(ann, conversation, "one")
    room.say(ann, conversation, "two")
    room.do(bob, "DELETE", f"/{conversation}/messages/1", query_text="for=me")
    assert [(one["text"], one["hidden"]) for one in room.log(bob, conversation)] == [("", True), ("two", False)]
    assert [one["text"] for one in room.log(ann, conversation)] == ["one", "two"]
    assert room.do(bob, "GET", f"/{conversation}/search", query_text="q=one")["items"] == []
    assert room.refused(bob, "DELETE", f"/{conversation}/messages/3", query_text="for=me") == 404


def test_each_person_has_one_reaction_and_concurrent_ones_are_kept(room: Room) -> None:
    ann, others = room.person(), [new_user() for _ in range(6)]
    group = room.group(ann, *others)
    room.say(ann, group)

    def react(user: str) -> None:
        room.do(user, "PUT", f"/{group}/messages/2/reaction", {"emoji": "🎉"})

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(react, others))
    room.do(others[0], "PUT", f"/{group}/messages/2/reaction", {"emoji": "👀"})
    room.do(others[1], "DELETE", f"/{group}/messages/2/reaction")
    message = room.log(ann, group)[1]
    assert {one["emoji"]: set(one["userIds"]) for one in message["reactions"]} == {
        "🎉": set(others[2:]), "👀": {others[0]},
    }  # fmt: skip
    assert room.refused(ann, "PUT", f"/{group}/messages/1/reaction", {"emoji": "👀"}) == 422
    assert room.refused(ann, "PUT", f"/{group}/messages/2/reaction", {"emoji": "nice"}) == 400
    assert message["rev"] == room.do(ann, "GET", f"/{group}")["rev"] == 8


def test_attachments_must_be_ready_and_belong_to_the_sender(room: Room, pair: tuple[str, str, str]) -> None:
    conversation, ann, bob = pair
    mine = [room.library.add(ann, f"p{number}") for number in range(5)]
    song, theirs = room.library.add(ann, "s1", "audio"), room.library.add(bob, "b1")
    sent = room.say(ann, conversation, "", mediaIds=mine[:4])
    assert [one["id"] for one in sent["media"]] == mine[:4]
    assert room.log(bob, conversation)[0]["media"] == sent["media"]
    path = f"/{conversation}/messages"
    for media, status in (([theirs], 422), (["none"], 422), (mine, 400), ([mine[0], mine[0]], 400),
                          ([mine[0], song], 400)):  # fmt: skip
        assert room.refused(ann, "POST", path, {"clientMessageId": "m", "mediaIds": media}) == status
    assert room.refused(ann, "POST", path, {"clientMessageId": "m"}) == 400
    room.do(ann, "DELETE", f"{path}/1")
    assert room.log(bob, conversation)[0]["media"] == []


def test_a_mention_stays_that_of_its_person_when_the_message_is_edited(room: Room, pair: tuple[str, str, str]) -> None:
    conversation, ann, bob = pair
    room.people.known = {"bob": bob}
    room.say(ann, conversation, "@bob teh")
    room.people.known = {"bob": ann, "robert": bob}
    edited = room.do(ann, "PUT", f"/{conversation}/messages/1", {"text": "@bob the"})
    assert edited["entities"]["mentions"] == [{"handle": "bob", "userId": bob}]


def test_replies_and_mentions_stay_inside_the_conversation(room: Room, pair: tuple[str, str, str]) -> None:
    conversation, ann, bob = pair
    eve = room.person()
    room.people.known |= {"bob": bob, "eve": eve}
    room.say(ann, conversation, "first")
    sent = room.say(ann, conversation, "@bob and @eve", replyTo=1)
    assert sent["replyTo"] == 1
    assert sent["entities"]["mentions"] == [{"handle": "bob", "userId": bob}]
    assert room.refused(ann, "POST", f"/{conversation}/messages",
                        {"clientMessageId": "x", "text": "x", "replyTo": 3}) == 404  # fmt: skip


FINDS = [
    ("京都", [3, 2]), ("東京", [2]), ("HELLO", [1]), ("ﾃｽﾄ", [4]), ("no", []), ("cafe", [5]), ("CAFÉ", [5]),
    ("istanbul", [6]), ("strasse", [6]), ("orsted", [6]), ("❤️", [5]), ("❤", [5]), ("ベット", []),
]  # fmt: skip


@pytest.mark.parametrize(("words", "found"), FINDS)
def test_search_finds_words_in_any_script(room: Room, pair: tuple[str, str, str], words: str, found: list[int]) -> None:
    conversation, ann, bob = pair
    for text in ("Hello there", "東京都に行く", "京都の朝", "テスト", "café ❤", "İstanbul Straße Ørsted ベッド"):
        room.say(ann, conversation, text)
    answer = room.do(bob, "GET", f"/{conversation}/search", query_text=f"q={quote(words)}")
    assert ([one["seq"] for one in answer["items"]], answer["before"]) == (found, None)
    assert room.refused(bob, "GET", f"/{conversation}/search", query_text="q=%20") == 400


def test_search_and_history_can_start_at_any_message(room: Room, pair: tuple[str, str, str]) -> None:
    conversation, ann, bob = pair
    for number in range(12):
        room.say(ann, conversation, f"line {number + 1}")
    page = room.do(bob, "GET", f"/{conversation}/messages", query_text="around=6&limit=4")
    assert [one["seq"] for one in page["items"]] == [8, 7, 6, 5]
    newer = room.do(bob, "GET", f"/{conversation}/messages", query_text=f"limit=10&cursor={page['newer']}")
    assert [one["seq"] for one in newer["items"]] == [12, 11, 10, 9]
    found = room.do(bob, "GET", f"/{conversation}/search", query_text="q=line&limit=5")
    more = room.do(bob, "GET", f"/{conversation}/search", query_text=f"q=line&limit=50&before={found['before']}")
    assert [one["seq"] for one in [*found["items"], *more["items"]]] == list(range(12, 0, -1))


def test_a_stranger_reaches_only_requests_and_sees_no_receipts(room: Room) -> None:
    ann, bob = room.person(), room.person()
    room.people.strangers.add((bob, ann))
    conversation = room.pair(ann, bob)
    assert room.do(ann, "GET", f"/{conversation}")["pending"]
    for number in range(REQUEST_MESSAGES):
        room.say(ann, conversation, f"{number}")
    path = f"/{conversation}/messages"
    assert room.refused(ann, "POST", path, {"clientMessageId": "11", "text": "more"}) == 422
    photo = room.library.add(ann, "p")
    assert room.refused(ann, "POST", path, {"clientMessageId": "12", "text": "x", "mediaIds": [photo]}) == 422
    # The recipient of a request can read, type and react without the sender seeing it
    room.do(bob, "PUT", f"/{conversation}/read", {"seq": 3})
    assert room.act(bob, "chat.typing", {"conversationId": conversation})["type"] == "ack"
    assert room.transport.deliveries == []
    assert room.refused(bob, "PUT", f"/{conversation}/messages/1/reaction", {"emoji": "👍"}) == 403
    members = {one["id"]: one for one in room.do(ann, "GET", f"/{conversation}")["members"]}
    assert (members[bob]["accepted"], members[bob]["readSeq"]) == (False, None)
    asked = room.act(ann, "chat.presence", {"conversationIds": [conversation]})
    assert asked["data"] == {"people": {}, "rest": []}
    # A reply accepts the request
    room.say(bob, conversation, "oh, hi")
    assert room.listed(bob) == [conversation]
    after = room.do(ann, "GET", f"/{conversation}")
    members = {one["id"]: one for one in after["members"]}
    assert (after["pending"], members[bob]["accepted"], members[bob]["readSeq"]) == (False, True, 11)
    room.say(ann, conversation, "", mediaIds=[photo])


def test_declining_is_not_announced_and_can_be_reversed(room: Room) -> None:
    ann, bob = room.person(), room.person()
    room.people.strangers.add((bob, ann))
    conversation = room.pair(ann, bob)
    room.say(ann, conversation)
    before = room.do(ann, "GET", f"/{conversation}")
    room.do(bob, "PUT", f"/{conversation}/request", {"accept": False})
    assert room.do(ann, "GET", f"/{conversation}") == before
    assert (room.listed(bob), room.listed(bob, "requests")) == ([], [])
    room.do(bob, "PUT", f"/{conversation}/request", {"accept": True})
    assert room.listed(bob) == [conversation]
    assert room.refused(bob, "PUT", f"/{conversation}/request", {"accept": False}) == 403


def test_people_choose_who_may_message_them(room: Room) -> None:
    ann, bob, cid = (room.person() for _ in range(3))
    room.people.strangers.add((bob, cid))
    settings = {"whoMayWrite": "following", "receipts": True, "presence": True}
    assert room.call(bob, "PUT", "/chat/settings", settings).body == settings
    assert room.call(bob, "GET", "/chat/settings").body == settings
    assert room.call(ann, "GET", "/chat/settings").body["whoMayWrite"] == "everyone"
    assert room.refused(cid, "POST", "", {"memberId": bob}) == 403
    assert room.refused(cid, "POST", "/groups", {"clientGroupId": "a", "title": "x", "userIds": [bob]}) == 403
    conversation = room.pair(ann, bob)
    room.call(bob, "PUT", "/chat/settings", settings | {"whoMayWrite": "nobody"})
    assert room.pair(ann, bob) == conversation
    room.say(ann, conversation)
    assert room.refused(room.person(), "POST", "", {"memberId": bob}) == 403
    assert room.call(bob, "PUT", "/chat/settings", settings | {"whoMayWrite": "friends"}).status == 400


def test_permission_to_message_first_covers_other_contacts(room: Room) -> None:
    ann, bob, cid, dan = (room.person() for _ in range(4))
    room.people.strangers |= {(bob, cid), (bob, dan)}
    contact = FirstContact("chat", room.people)
    settings = {"whoMayWrite": "everyone", "receipts": True, "presence": True}

    def reaching() -> list[bool]:
        return [contact.may_reach(one, bob) for one in (ann, cid, dan)]

    assert reaching() == [True, True, True]
    room.call(bob, "PUT", "/chat/settings", settings | {"whoMayWrite": "following"})
    assert reaching() == [True, False, False]
    room.call(bob, "PUT", "/chat/settings", settings | {"whoMayWrite": "nobody"})
    assert reaching() == [False, False, False]
    # Recipients of a message may always reply
    room.pair(bob, dan)
    assert reaching() == [False, False, True]
    assert contact.may_reach(bob, ann)


def test_a_declined_sender_reaches_no_device_and_an_accepted_one_does(room: Room) -> None:
    ann, bob = room.person(), room.person()
    room.people.strangers.add((bob, ann))
    contact = FirstContact("chat", room.people)
    conversation = room.pair(ann, bob)
    room.say(ann, conversation)
    assert contact.may_reach(ann, bob)
    room.call(bob, "PUT", "/chat/settings", {"whoMayWrite": "nobody", "receipts": True, "presence": True})
    assert not contact.may_reach(ann, bob)
    room.do(bob, "PUT", f"/{conversation}/request", {"accept": True})
    assert contact.may_reach(ann, bob)


def test_a_declined_request_stays_declined_whatever_the_settings(room: Room) -> None:
    ann, bob = room.person(), room.person()
    room.people.strangers.add((bob, ann))
    conversation = room.pair(ann, bob)
    room.say(ann, conversation)
    room.do(bob, "PUT", f"/{conversation}/request", {"accept": False})
    contact = FirstContact("chat", room.people)
    assert (contact.may_reach(ann, bob), contact.may_reach(bob, ann)) == (False, True)


def test_only_people_who_share_presence_and_receipts_see_those_of_others(
    room: Room, pair: tuple[str, str, str]
) -> None:
    conversation, ann, bob = pair
    room.say(ann, conversation)
    ask = {"conversationIds": [conversation]}
    assert room.act(ann, "chat.presence", ask)["data"]["people"] == {bob: {"online": False, "lastSeenAt": None}}
    assert room.act(bob, "chat.presence", ask)["data"]["people"][ann]["online"] is True
    assert room.act(room.person(), "chat.presence", ask)["data"]["people"] == {}
    room.do(bob, "PUT", f"/{conversation}/delivered", {"seq": 1})
    members = {one["id"]: one for one in room.do(ann, "GET", f"/{conversation}")["members"]}
    assert (members[bob]["readSeq"], members[bob]["deliveredSeq"]) == (0, 1)
    room.call(ann, "PUT", "/chat/settings", {"whoMayWrite": "everyone", "receipts": False, "presence": False})
    assert room.act(bob, "chat.presence", ask)["data"]["people"] == {}
    assert room.act(ann, "chat.presence", ask)["data"]["people"] == {}
    members = {one["id"]: one for one in room.do(ann, "GET", f"/{conversation}")["members"]}
    assert members[bob]["readSeq"] is None


def test_neither_typing_nor_presence_crosses_a_block(room: Room) -> None:
    ann, bob, cid = room.person(), room.person(), room.person()
    group = room.group(ann, bob, cid)
    room.people.blocks.add(frozenset((ann, bob)))
    for one, other in ((ann, bob), (bob, ann)):
        room.transport.deliveries.clear()
        assert room.act(one, "chat.typing", {"conversationId": group})["type"] == "ack"
        assert [list(delivery.users) for delivery in room.transport.deliveries] == [[cid]]
        people = room.act(one, "chat.presence", {"conversationIds": [group]})["data"]["people"]
        assert (cid in people, other in people) == (True, False)
    direct = room.pair(ann, cid)
    room.people.blocks.add(frozenset((ann, cid)))
    room.transport.deliveries.clear()
    assert room.act(ann, "chat.typing", {"conversationId": direct})["type"] == "ack"
    assert room.transport.deliveries == []


def test_a_block_refuses_edits_and_reactions_but_allows_deletions(room: Room, pair: tuple[str, str, str]) -> None:
    conversation, ann, bob = pair
    group = room.group(ann, bob)
    for where in (conversation, group):
        mine = f"/{where}/messages/{room.say(ann, where, 'before')['seq']}"
        room.do(bob, "PUT", f"{mine}/reaction", {"emoji": "🎉"})
        room.people.blocks.add(frozenset((ann, bob)))
        expected = 403 if where == conversation else 200
        for one, path, body in (
            (ann, mine, {"text": "you can't get away"}),
            (ann, f"{mine}/reaction", {"emoji": "👎"}),
            (bob, f"{mine}/reaction", {"emoji": "👎"}),
        ):
            assert (answer := room.call(one, "PUT", f"/conversations{path}", body)).status == expected, answer
        room.do(bob, "DELETE", f"{mine}/reaction")
        room.do(ann, "DELETE", mine)
        room.people.blocks.clear()


def test_presence_of_many_people_is_read_in_parts(room: Room) -> None:
    ann, others = room.person(), [room.person() for _ in range(3)]
    pairs = [room.pair(ann, one) for one in others]
    found: dict[str, Any] = {}
    rest, requests = [*pairs, pairs[0]], 0
    while rest:
        answer = presence_resource(functions.commands.conversations.presence(ann, rest, most=2))
        assert len(answer["people"]) <= 2
        assert len(answer["rest"]) < len(rest)
        found, rest, requests = found | answer["people"], answer["rest"], requests + 1
    assert (set(found), requests) == (set(others), 2)


def test_a_group_invitation_from_a_stranger_lands_in_requests(room: Room) -> None:
    ann, bob = room.person(), room.person()
    room.people.strangers.add((bob, ann))
    group = room.group(ann, bob)
    assert (room.listed(bob), room.listed(bob, "requests")) == ([], [group])
    room.do(bob, "PUT", f"/{group}/request", {"accept": False})
    assert room.listed(bob, "requests") == []
    assert room.refused(bob, "GET", f"/{group}") == 404


def test_a_mute_is_private(room: Room, pair: tuple[str, str, str]) -> None:
    conversation, ann, bob = pair
    room.do(bob, "PUT", f"/{conversation}/mute", {"hours": 8})
    assert room.do(bob, "GET", f"/{conversation}")["me"]["muted"] is True
    assert room.do(ann, "GET", f"/{conversation}")["me"]["muted"] is False
    room.do(bob, "PUT", f"/{conversation}/mute", {})
    assert room.do(bob, "GET", f"/{conversation}")["me"]["mutedUntil"].startswith("9999")
    room.do(bob, "DELETE", f"/{conversation}/mute")
    assert room.do(bob, "GET", f"/{conversation}")["me"] == {
        "role": "member", "state": "active", "muted": False, "mutedUntil": None, "since": 1,
    }  # fmt: skip
