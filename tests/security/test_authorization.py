"""Every route and socket action, called by every kind of person: the outcome is that of ``services/access``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from services.access.matrix import ACTIONS, ROUTES
from services.access.rules import AccessOutcome, AccessRule, Asker
from services.common.limits import CommandLimits
from services.common.sockets import ACTIONS as SERVED_ACTIONS
from services.openapi.document import routes
from tests.support.askers import ORDER, World
from tests.support.aws import Aws
from tests.support.lambdas import socket_event
from tests.support.served import Replies, served

MISSING = "{} without a row: say who may do it in services/access/matrix.py, then run `make api`"
#: Request bodies and parameters of each route, besides its path. Placeholders are the world's ids.
BODIES: Mapping[str, Any] = {
    "POST /v1/appeals": {"kind": "post", "subjectId": "{subject_id}", "text": "no"},
    "POST /v1/calls/{call_id}/quality": {"path": "direct", "roundTrips": [20]},
    "POST /v1/calls/groups/{conversation_id}/quality": {"path": "direct", "roundTrips": [20]},
    "POST /v1/calls": {"calleeId": "{user_id}", "media": "audio"},
    "PUT /v1/chat/settings": {"whoMayWrite": "everyone", "receipts": True, "presence": True},
    "POST /v1/conversations": {"memberId": "{user_id}"},
    "POST /v1/conversations/groups": {"clientGroupId": "mine", "title": "t"},
    "POST /v1/conversations/join": {"token": "{token}"},
    "PUT /v1/conversations/{conversation_id}": {"title": "t"},
    "PUT /v1/conversations/{conversation_id}/delivered": {"seq": 1},
    "PUT /v1/conversations/{conversation_id}/link": {},
    "POST /v1/conversations/{conversation_id}/members": {"userIds": ["{asker_id}"]},
    "PUT /v1/conversations/{conversation_id}/members/{user_id}": {"role": "member"},
    "POST /v1/conversations/{conversation_id}/messages": {"clientMessageId": "m", "text": "x"},
    "PUT /v1/conversations/{conversation_id}/messages/{seq}": {"text": "y"},
    "PUT /v1/conversations/{conversation_id}/messages/{seq}/reaction": {"emoji": "🎉"},
    "PUT /v1/conversations/{conversation_id}/mute": {},
    "PUT /v1/conversations/{conversation_id}/read": {"seq": 1},
    "PUT /v1/conversations/{conversation_id}/request": {"accept": True},
    "PUT /v1/drafts/{draft_id}": {"content": {"text": "x"}},
    "PUT /v1/lists/{list_id}": {"name": "l"},
    "PUT /v1/me": {"handle": "taken", "displayName": "x"},
    "POST /v1/live": {"clientLiveId": "c"},
    "POST /v1/live/{live_id}/ingest": {},
    "POST /v1/live/{live_id}/messages": {"clientMessageId": "m", "text": "x"},
    "POST /v1/live/{live_id}/viewing": {"session": "page-0001"},
    "POST /v1/me/deletion": {"handle": "{my_handle}"},
    "POST /v1/media": {"kind": "photo", "contentType": "image/png", "bytes": 9},
    "PATCH /v1/media/{media_id}": {"altText": "x"},
    "POST /v1/moderation/cases/{kind}/{subject_id}/decisions": {"decision": "dismiss", "reason": "spam"},
    "PUT /v1/mutes/users/{user_id}": {},
    "PUT /v1/mutes/words/{word_id}": {"word": "x"},
    "PUT /v1/notifications/read": {"upTo": "{notification_id}"},
    "PUT /v1/notifications/seen": {"upTo": "{notification_id}"},
    "PATCH /v1/notifications/settings": {},
    "POST /v1/posts": {"clientPostId": "c", "text": "x"},
    "PATCH /v1/posts/{post_id}": {"version": 1, "text": "y"},
    "PUT /v1/posts/{post_id}/reaction": {"emoji": "🎉"},
    "PUT /v1/posts/{post_id}/vote": {"choices": [0]},
    "DELETE /v1/push-subscriptions": {"endpoint": "https://push.example/x"},
    "PUT /v1/push-subscriptions": {"endpoint": "https://push.example/x", "keys": {"p256dh": "x", "auth": "y"}},
    "PUT /v1/push-subscriptions/mobile": {"platform": "fcm", "token": "0123456789"},
    "POST /v1/reports": {"kind": "person", "subjectId": "{user_id}", "reason": "spam"},
    "PUT /v1/scheduled-posts/{scheduled_id}": {"publishAt": "{later}", "post": {"text": "x"}},
    "PUT /v1/searches/{search_id}": {"name": "n", "query": "q"},
}
#: Routes whose path refers to a person other than the owner.
PATHS = {
    "DELETE /v1/conversations/{conversation_id}/members/{user_id}": {"user_id": "{other_id}"},
    "PUT /v1/conversations/{conversation_id}/members/{user_id}": {"user_id": "{other_id}"},
    "PUT /v1/lists/{list_id}/members/{user_id}": {"user_id": "{other_id}"},
    "DELETE /v1/lists/{list_id}/members/{user_id}": {"user_id": "{other_id}"},
    "PUT /v1/follow-requests/{user_id}": {"user_id": "{asker_id}"},
    "POST /v1/calls/{call_id}/{action}": {"action": "hangup"},
}
#: Routes that change relations between people get their own world.
DISTURBING = (
    "/blocks/", "/follow", "/mutes/", "/members", "/deletion", "/link", "/lists", "/calls", "call.", "room.",
    "POST /v1/conversations",
)  # fmt: skip
QUERIES = dict.fromkeys(("GET /v1/search", "GET /v1/search/suggest"), "?q=x")
QUERIES["GET /v1/conversations/{conversation_id}/search"] = "?q=x"
DATA: Mapping[str, Any] = {
    **{name: {"callId": "{call_id}"} for name in ACTIONS if name.startswith("call.")},
    "call.signal": {"callId": "{call_id}", "description": {"type": "offer", "sdp": "v=0"}},
    "call.current": {},
    "call.start": {"calleeId": "{user_id}", "media": "audio"},
    "chat.delivered": {"conversationId": "{conversation_id}", "seq": 1},
    "chat.presence": {},
    "chat.read": {"conversationId": "{conversation_id}", "seq": 1},
    "chat.send": {"conversationId": "{conversation_id}", "clientMessageId": "s", "text": "x"},
    "chat.typing": {"conversationId": "{conversation_id}"},
    "ping": {},
    **{
        f"room.{one}": {"conversationId": "{conversation_id}", "session": "page-0001"}
        for one in ("here", "join", "leave")
    },
    "room.read": {"conversationId": "{conversation_id}"},
    "room.signal": {
        "conversationId": "{conversation_id}",
        "session": "page-0001",
        "to": "{member_id}",
        "toSession": "page-0002",
        "description": {"type": "offer", "sdp": "v=0"},
    },
}


#: Without a token the functions receive no claims, and refuse with 403 what the gateway would refuse with 401. A domain
#: rule (422) is checked after authorization.
SEEN_AS = {one: {one} for one in AccessOutcome} | {
    AccessOutcome.UNAUTHORIZED: {AccessOutcome.FORBIDDEN},
    AccessOutcome.YES: {AccessOutcome.YES, AccessOutcome.ONESELF, AccessOutcome.EMPTY},
}
#: No push service is allowed here: the address is refused after authorization.
REFUSED_LATER = "PUT /v1/push-subscriptions"


@pytest.fixture
def world(settled: Aws, shared_world: World, asked: str) -> World:
    return World.settled(settled) if any(part in asked for part in DISTURBING) else shared_world


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    assert not (without := sorted(set(routes()) - set(ROUTES))), MISSING.format(without)
    assert set(ROUTES) == set(routes()), "rows of routes that are gone: take them out of services/access/matrix.py"


def test_every_socket_action_has_a_row_and_every_row_an_action() -> None:
    assert not (without := sorted(set(SERVED_ACTIONS) - set(ACTIONS))), MISSING.format(without)
    assert set(ACTIONS) == set(SERVED_ACTIONS)


def outcome_of(status: int, body: Any) -> AccessOutcome:
    """A conflict or a domain rule is checked after authorization, so it counts as admitted."""
    kind = body.get("type") if isinstance(body, dict) else None
    if kind == "account-suspended":
        return AccessOutcome.SUSPENDED
    if status == 422:
        return AccessOutcome.ONESELF
    if status == 403 and kind != "sign-in-again":
        return AccessOutcome.FORBIDDEN
    if status == 404:
        return AccessOutcome.NOT_FOUND
    return AccessOutcome.EMPTY if tells_nothing(body) else AccessOutcome.YES


def tells_nothing(body: Any) -> bool:
    """The answer is an empty list, or a person with the name only."""
    found = body if isinstance(body, dict) else {}
    return found.get("items") == [] or (found.get("bio") == "" and set(found["counts"].values()) == {0})


@pytest.mark.parametrize("asked", sorted(ROUTES))
def test_each_kind_of_person_is_answered_as_the_matrix_says(world: World, asked: str) -> None:
    world.refresh(asked)
    path = asked + QUERIES.get(asked, "")
    for name, value in PATHS.get(asked, {}).items():
        path = path.replace(f"{{{name}}}", value)
    answers = {asker: world.ask(asker, path, BODIES.get(asked)) for asker in ORDER}
    bodies = {asker: json.loads(one["body"] or "null") for asker, one in answers.items()}
    # No search engine runs here; a request that reaches the search was admitted.
    if asked != REFUSED_LATER:
        assert not [one for one in answers.values() if one["statusCode"] in (400, 405, 429, 500)], answers
    found = {asker: outcome_of(one["statusCode"], bodies[asker]) for asker, one in answers.items()}
    differences = unexpected(ROUTES[asked], found)
    assert not differences, differences


def unexpected(rule: AccessRule, found: Mapping[Asker, AccessOutcome]) -> dict[str, str]:
    """The actual and the expected outcome, by asker."""
    return {
        one: f"{it}, expected {rule.answers[one]}" for one, it in found.items() if it not in SEEN_AS[rule.answers[one]]
    }


@pytest.mark.parametrize("asked", sorted(ACTIONS))
def test_each_kind_of_person_is_answered_on_a_socket_as_the_matrix_says(world: World, asked: str) -> None:
    actions = served()[asked.partition(".")[0]]
    found = {}
    for asker in ORDER:
        world.refresh(asked)
        frame = json.loads(world.fill(json.dumps({"action": asked, "id": "1", "data": DATA[asked]})))
        replies = Replies()
        event = socket_event("MESSAGE", user=world.users[asker], device=f"d-{asker}", body=frame)
        actions.dispatch(event, replies, CommandLimits("idempotency"))
        (answer,) = replies.frames
        error = answer.get("error", {"status": 200})
        assert error["status"] not in (400, 500), answer
        found[asker] = outcome_of(error["status"], error)
    differences = unexpected(ACTIONS[asked], found)
    assert not differences, differences
