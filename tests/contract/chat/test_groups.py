"""Groups: permissions, what members see of changes, and races that must not lose a member."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from services.chat import handler as functions
from services.chat.groups import GROUP_LIMIT
from services.moderation import handler as moderation
from tests.support.chat_room import Room
from tests.support.lambdas import call_http, new_user

Case = tuple[str, str, Any]


def test_a_group_is_created_once_and_its_log_records_the_creation(room: Room) -> None:
    ann, bob, cid = (room.person() for _ in range(3))
    body = {"clientGroupId": "g1", "title": "Walkers", "userIds": [bob, cid, bob, ann]}
    first = room.do(ann, "POST", "/groups", body)
    assert room.do(ann, "POST", "/groups", body)["id"] == first["id"]
    assert (first["kind"], first["title"], first["memberCount"]) == ("group", "Walkers", 3)
    assert {one["id"]: one["role"] for one in first["members"]} == {ann: "owner", bob: "member", cid: "member"}
    (line,) = room.log(bob, first["id"])
    assert (line["seq"], line["system"]["type"], line["senderId"]) == (1, "created", ann)
    assert room.listed(bob) == [first["id"]]
    assert room.do(bob, "GET", f"/{first['id']}")["unread"] == 1


def test_newcomers_see_only_messages_sent_after_they_joined(room: Room) -> None:
    ann, bob, cid = (room.person() for _ in range(3))
    group = room.group(ann, bob)
    room.say(bob, group, "before")
    room.do(ann, "POST", f"/{group}/members", {"userIds": [cid, bob]})
    room.say(ann, group, "after")
    assert [one["seq"] for one in room.log(cid, group)] == [3, 4]
    assert [one["text"] for one in room.log(bob, group)] == ["", "before", "", "after"]
    page = room.do(cid, "GET", f"/{group}/messages", query_text="limit=1")
    older = room.do(cid, "GET", f"/{group}/messages", query_text=f"limit=5&cursor={page['older']}")
    assert ([one["seq"] for one in older["items"]], older["older"]) == ([3], None)
    assert room.do(cid, "GET", f"/{group}/search", query_text="q=before")["items"] == []
    assert room.refused(cid, "PUT", f"/{group}/messages/2/reaction", {"emoji": "👍"}) == 404
    assert room.refused(cid, "POST", f"/{group}/messages", {"clientMessageId": "r", "text": "x", "replyTo": 2}) == 404


def test_a_message_from_before_the_reporter_joined_cannot_be_reported(room: Room) -> None:
    """Not even by its `seq`: a report would show its text to moderators, and reveal that the message exists."""
    ann, bob, cid = (room.person() for _ in range(3))
    group = room.group(ann, bob)
    room.say(bob, group, "before")
    room.do(ann, "POST", f"/{group}/members", {"userIds": [cid]})
    room.say(bob, group, "after")

    def reported(user: str, seq: int) -> int:
        body = {"kind": "message", "subjectId": f"{group}.{seq}", "reason": "spam", "comment": ""}
        return call_http(moderation.handler, "POST", "/v1/reports", user=user, body=body).status

    # 1 and 3 are system messages about joining: they have no author.
    assert [reported(cid, seq) for seq in range(1, 6)] == [404, 404, 404, 201, 404]
    assert [reported(ann, seq) for seq in (2, 4)] == [201, 201]
    assert reported(new_user(), 4) == 404


def cases(group: str, member: str) -> list[Case]:
    """Every group route with a body that an owner may send."""
    return [
        ("GET", f"/{group}", None),
        ("GET", f"/{group}/messages", None),
        ("GET", f"/{group}/changes", None),
        ("POST", f"/{group}/messages", {"clientMessageId": "x", "text": "x"}),
        ("PUT", f"/{group}/messages/2", {"text": "changed"}),
        ("DELETE", f"/{group}/messages/2", None),
        ("PUT", f"/{group}/messages/2/reaction", {"emoji": "👍"}),
        ("DELETE", f"/{group}/messages/2/reaction", None),
        ("PUT", f"/{group}/read", {"seq": 1}),
        ("PUT", f"/{group}/delivered", {"seq": 1}),
        ("PUT", f"/{group}/mute", {}),
        ("DELETE", f"/{group}/mute", None),
        ("PUT", f"/{group}/request", {"accept": True}),
        ("PUT", f"/{group}", {"title": "Mine"}),
        ("POST", f"/{group}/members", {"userIds": [new_user()]}),
        ("PUT", f"/{group}/members/{member}", {"role": "admin"}),
        ("GET", f"/{group}/link", None),
        ("PUT", f"/{group}/link", {}),
        ("DELETE", f"/{group}/link", None),
        ("DELETE", f"/{group}/members/{member}", None),
    ]


def test_strangers_get_404_and_never_403_from_every_route(room: Room) -> None:
    ann, bob, eve = (room.person() for _ in range(3))
    group = room.group(ann, bob)
    room.say(ann, group)
    for method, path, body in cases(group, bob):
        assert room.refused(eve, method, path, body) == 404, (method, path)
        assert room.refused(None, method, path, body) == 403, (method, path)
    assert room.refused(eve, "GET", f"/{group}/search", query_text="q=hello") == 404
    assert [one["seq"] for one in room.log(ann, group)] == [1, 2]


#: The routes that each role is refused (those about the group, or another member's message).
REFUSED = {
    "member": {"PUT /2", "DELETE /2", "PUT /", "POST /members", "PUT /members", "GET /link", "PUT /link",
               "DELETE /link", "DELETE /members"},
    "admin": {"PUT /2", "DELETE /2", "PUT /members"},
}  # fmt: skip


@pytest.mark.parametrize("role", ["member", "admin"])
def test_each_role_is_refused_exactly_the_listed_actions(room: Room, role: str) -> None:
    ann, bob, cid = (room.person() for _ in range(3))
    group = room.group(ann, bob, cid)
    room.say(ann, group)
    room.do(ann, "PUT", f"/{group}/members/{bob}", {"role": role})
    refused = set()
    for method, path, body in cases(group, cid):
        if room.call(bob, method, f"/conversations{path}", body).status == 403:
            tail = path.removeprefix(f"/{group}").split("/")
            refused.add(f"{method} /{tail[2] if tail[1:2] == ['messages'] else ''.join(tail[1:2])}")
    assert refused == REFUSED[role]


def test_removal_ends_everything_and_a_returning_member_starts_over(room: Room) -> None:
    ann, bob = room.person(), room.person()
    group = room.group(ann, bob)
    room.say(ann, group, "secret")
    room.do(ann, "DELETE", f"/{group}/members/{bob}")
    room.do(ann, "DELETE", f"/{group}/members/{bob}")
    for method, path, body in cases(group, ann):
        assert room.refused(bob, method, path, body) == 404
    assert room.listed(bob) == []
    room.do(ann, "POST", f"/{group}/members", {"userIds": [bob]})
    assert [one["system"]["type"] for one in room.log(bob, group)] == ["added"]


def test_ownership_of_a_group_can_be_transferred_and_is_inherited(room: Room) -> None:
    ann, bob, cid = (room.person() for _ in range(3))
    group = room.group(ann, bob, cid)
    room.do(ann, "PUT", f"/{group}/members/{bob}", {"role": "owner"})
    roles = {one["id"]: one["role"] for one in room.do(cid, "GET", f"/{group}")["members"]}
    assert roles == {ann: "admin", bob: "owner", cid: "member"}
    room.do(bob, "DELETE", f"/{group}/members/{bob}")
    roles = {one["id"]: one["role"] for one in room.do(cid, "GET", f"/{group}")["members"]}
    assert roles == {ann: "owner", cid: "member"}
    assert room.refused(ann, "PUT", f"/{group}/members/{ann}", {"role": "member"}) == 422
    assert room.refused(ann, "PUT", f"/{group}/members/{new_user()}", {"role": "admin"}) == 404


def test_changes_at_the_same_moment_all_happen_and_the_log_has_no_gap(room: Room) -> None:
    ann, bob = room.person(), room.person()
    group = room.group(ann, bob)
    new = [new_user() for _ in range(6)]

    def change(number: int) -> None:
        if number % 2:
            room.say(bob, group, f"{number}")
        else:
            functions.commands.groups.add_members(ann, group, [new[number // 2]])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(change, range(12)))
    assert room.do(ann, "GET", f"/{group}")["memberCount"] == 8
    assert {one["id"] for one in room.do(ann, "GET", f"/{group}")["members"]} == {ann, bob, *new}
    assert [one["seq"] for one in room.log(ann, group)] == list(range(1, 14))


def test_a_group_takes_at_most_256_people(room: Room) -> None:
    ann = room.person()
    group = room.group(ann)
    for start in range(0, GROUP_LIMIT - 1, 50):
        count = min(50, GROUP_LIMIT - 1 - start)
        room.do(ann, "POST", f"/{group}/members", {"userIds": [new_user() for _ in range(count)]})
    assert room.refused(ann, "POST", f"/{group}/members", {"userIds": [new_user()]}) == 422
    token = room.do(ann, "PUT", f"/{group}/link", {})["token"]
    assert room.refused(room.person(), "POST", "/join", {"token": token}) == 422
    assert room.do(ann, "GET", f"/{group}")["memberCount"] == GROUP_LIMIT
    assert room.say(ann, group)["seq"] == 8


def test_an_invite_link_works_until_it_is_revoked(room: Room) -> None:
    ann, bob, cid = (room.person() for _ in range(3))
    group = room.group(ann)
    first = room.do(ann, "PUT", f"/{group}/link", {"hours": 1})["token"]
    assert room.do(ann, "GET", f"/{group}/link")["link"]["token"] == first
    preview = room.do(bob, "GET", f"/links/{first}")
    assert (preview["title"], preview["memberCount"], preview["conversationId"]) == ("Walkers", 1, None)
    assert room.do(bob, "POST", "/join", {"token": first})["id"] == group
    assert room.do(bob, "POST", "/join", {"token": first})["id"] == group
    assert [one["system"]["type"] for one in room.log(bob, group)] == ["joined"]
    second = room.do(ann, "PUT", f"/{group}/link", {"hours": 1})["token"]
    assert room.refused(cid, "POST", "/join", {"token": first}) == 404
    room.do(ann, "DELETE", f"/{group}/link")
    assert room.refused(cid, "POST", "/join", {"token": second}) == 404
    assert room.refused(cid, "GET", f"/links/{second}") == 404
    assert room.refused(cid, "POST", "/join", {"token": "nonsense"}) == 404
    for bad in ({}, {"token": ""}, {"token": "x" * 65}, {"token": 1}):
        assert room.refused(cid, "POST", "/join", bad) == 400


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/groups", {"clientGroupId": "a", "title": ""}),
        ("POST", "/groups", {"clientGroupId": "a", "title": "x" * 81}),
        ("POST", "/groups", {"clientGroupId": "a b", "title": "x"}),
        ("POST", "/groups", {"clientGroupId": "a", "title": "x", "userIds": ["bob"]}),
        ("POST", "/groups", {"clientGroupId": "a", "title": "x", "userIds": [str(number) for number in range(51)]}),
        ("PUT", "/{group}", {"title": "a\nb"}),
        ("POST", "/{group}/members", {"userIds": []}),
        ("POST", "/{group}/members", {"userIds": ["x"]}),
        ("PUT", "/{group}/members/x", {"role": "king"}),
        ("PUT", "/{group}/link", {"hours": 0}),
        ("PUT", "/{group}/link", {"hours": 100000}),
        ("PUT", "/{group}/mute", {"hours": -1}),
    ],
)
def test_bad_input_is_a_problem(room: Room, method: str, path: str, body: Any) -> None:
    ann = room.person()
    assert room.refused(ann, method, path.replace("{group}", room.group(ann)), body) == 400


def test_a_group_picture_must_be_a_ready_photo_of_the_caller(room: Room) -> None:
    ann, bob = room.person(), room.person()
    group = room.group(ann, bob)
    room.library.add(ann, "photo1")
    room.library.add(ann, "song1", "audio")
    room.do(ann, "PUT", f"/{group}", {"avatarMediaId": "photo1"})
    assert room.do(bob, "GET", f"/{group}")["avatarUrl"] == "/media/photo1"
    assert room.refused(ann, "PUT", f"/{group}", {"avatarMediaId": "song1"}) == 422
    assert room.refused(ann, "PUT", f"/{group}", {"avatarMediaId": "other"}) == 422
    room.do(ann, "PUT", f"/{group}", {"title": "Runners"})
    assert [one["system"]["type"] for one in room.log(bob, group)] == ["created", "pictured", "renamed"]


def test_an_invite_link_does_not_readmit_a_removed_member(room: Room) -> None:
    ann, bob, cid = (room.person() for _ in range(3))
    group = room.group(ann)
    token = room.do(ann, "PUT", f"/{group}/link", {})["token"]
    room.do(bob, "POST", "/join", {"token": token})
    room.do(ann, "DELETE", f"/{group}/members/{bob}")
    assert room.refused(bob, "POST", "/join", {"token": token}) == 403
    room.do(cid, "POST", "/join", {"token": token})
    # A member who left may join again.
    room.do(cid, "DELETE", f"/{group}/members/{cid}")
    room.do(cid, "POST", "/join", {"token": token})
    # After an admin adds the removed person again, the link works for them as for everybody.
    room.do(ann, "POST", f"/{group}/members", {"userIds": [bob]})
    room.do(bob, "DELETE", f"/{group}/members/{bob}")
    room.do(bob, "POST", "/join", {"token": token})
    # A new link is not affected by earlier removals.
    room.do(ann, "DELETE", f"/{group}/members/{bob}")
    later = room.do(ann, "PUT", f"/{group}/link", {})["token"]
    assert room.do(bob, "POST", "/join", {"token": later})["id"] == group


def test_a_member_removed_before_a_link_exists_may_join_by_it(room: Room) -> None:
    ann, bob = room.person(), room.person()
    group = room.group(ann, bob)
    room.do(ann, "DELETE", f"/{group}/members/{bob}")
    token = room.do(ann, "PUT", f"/{group}/link", {})["token"]
    assert room.do(bob, "POST", "/join", {"token": token})["id"] == group
