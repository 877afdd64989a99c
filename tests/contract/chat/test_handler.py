"""The functions of chat, invoked as the gateways and the stream invoke them."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from services.chat import handler as functions
from services.chat.ports import ChatPorts
from services.chat.privacy import ChatPrivacy
from services.chat.repository import ChatRepository
from services.common import outbox
from tests.support.aws import Aws
from tests.support.chat_room import composed
from tests.support.directory import FakePeople
from tests.support.lambdas import Answer, Context, call_http, new_user, socket_event
from tests.support.transport import FakeTransport

pytestmark = pytest.mark.usefixtures("fresh")


@pytest.fixture
def transport(monkeypatch: pytest.MonkeyPatch) -> FakeTransport:
    fake = FakeTransport()
    monkeypatch.setattr(functions, "transport", lambda: fake)
    return fake


NOBODY = "00000000-0000-4000-8000-000000000000"


def http(method: str, path: str, user: str | None, body: Any, **options: Any) -> Answer:
    return call_http(functions.handler, method, f"/v1/conversations{path}", user=user, body=body, **options)


@pytest.fixture(autouse=True)
def ports(fresh: Aws, monkeypatch: pytest.MonkeyPatch) -> ChatPorts:
    """Everyone has a profile, except for ``NOBODY``, and all follow each other."""
    people = FakePeople(unknown={NOBODY})
    found, handler = composed(fresh.process.url)
    found.people, found.privacy = people, ChatPrivacy(found.settings, people)
    monkeypatch.setattr(functions, "build_ports", lambda settings: found)
    monkeypatch.setattr(functions, "handler", handler)
    return found


def opened(ann: str, bob: str) -> str:
    answer = http("POST", "", ann, {"memberId": bob})
    assert answer.status in (200, 201)
    return str(answer.body["id"])


def act(transport: FakeTransport, user: str, action: str, data: Any) -> dict[str, Any]:
    event = socket_event("MESSAGE", user=user, device="d", body={"action": action, "id": "1", "data": data})
    functions.handler(event, Context())
    return dict(transport.replies[-1][1])


def test_a_conversation_is_opened_once_and_messages_are_numbered() -> None:
    ann, bob = new_user(), new_user()
    first = http("POST", "", ann, {"memberId": bob})
    assert (first.status, first.body["unread"], first.body["lastMessage"]) == (201, 0, None)
    assert {member["id"] for member in first.body["members"]} == {ann, bob}
    assert all(member["handle"] for member in first.body["members"])
    assert http("POST", "", bob, {"memberId": ann}).status == 200
    path = f"/{first.body['id']}/messages"
    sent = http("POST", path, ann, {"clientMessageId": "a1", "text": "hello"})
    assert (sent.status, sent.body["seq"], sent.body["senderId"]) == (201, 1, ann)
    assert http("POST", path, ann, {"clientMessageId": "a1", "text": "hello"}).body == sent.body
    assert http("PUT", f"/{first.body['id']}/read", bob, {"seq": 1}).status == 204


def test_a_block_ends_writing_both_ways(transport: FakeTransport, ports: ChatPorts) -> None:
    ann, bob = new_user(), new_user()
    conversation = opened(ann, bob)
    blocking = FakePeople(blocks={frozenset((ann, bob))})
    ports.privacy = ChatPrivacy(ports.settings, blocking)
    for one, other in ((ann, bob), (bob, ann)):
        message = {"clientMessageId": "m", "text": "hello"}
        assert http("POST", "", one, {"memberId": other}).status == 403
        assert http("POST", f"/{conversation}/messages", one, message).status == 403
        frame = act(transport, one, "chat.send", {"conversationId": conversation, **message})
        assert (frame["type"], frame["error"]["status"]) == ("error", 403)


def test_a_retry_with_an_idempotency_key_gets_the_first_answer() -> None:
    ann, bob = new_user(), new_user()
    first = http("POST", "", ann, {"memberId": bob}, key="k1")
    again = http("POST", "", ann, {"memberId": bob}, key="k1")
    assert (first.status, again.status) == (201, 201)
    assert first.body == again.body
    assert http("POST", "", ann, {"memberId": new_user()}, key="k1").status == 422


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "", {}, 400),
        ("POST", "", {"memberId": 1}, 400),
        ("POST", "", {"memberId": "bob"}, 400),
        ("POST", "", {"memberId": "x" * 100}, 400),
        ("POST", "", {"memberId": NOBODY}, 404),
        ("POST", "", "no json", 400),
        ("POST", "/{id}/messages", {"text": "a"}, 400),
        ("POST", "/{id}/messages", {"clientMessageId": "a b", "text": "a"}, 400),
        ("POST", "/{id}/messages", {"clientMessageId": "a", "text": ""}, 400),
        ("POST", "/{id}/messages", {"clientMessageId": "a", "text": "x" * 2001}, 400),
        ("POST", "/{id}/messages", {"clientMessageId": "a", "text": "\ud800"}, 400),
        ("POST", "/{id}/messages", {"clientMessageId": "a", "text": "a", "more": 1}, 400),
        ("POST", "/nonsense/messages", {"clientMessageId": "a", "text": "a"}, 404),
        ("PUT", "/{id}/read", {"seq": 0}, 400),
        ("PUT", "/{id}/read", {"seq": "1"}, 400),
        ("PUT", "/{id}/read", {"seq": 10**12}, 400),
        ("PUT", "/{id}/read", {"seq": 7}, 422),
        ("PUT", "/nonsense/read", {"seq": 1}, 404),
        ("GET", "/unknown/route/at/all", None, 404),
        ("DELETE", "", None, 405),
    ],
)
def test_bad_input_is_answered_with_a_problem(method: str, path: str, body: Any, status: int) -> None:
    ann = new_user()
    answer = http(method, path.replace("{id}", opened(ann, new_user())), ann, body)
    assert answer.status == status
    assert answer.body["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_conversation_with_your_own_account_is_refused() -> None:
    ann = new_user()
    assert http("POST", "", ann, {"memberId": ann}).status == 422


def test_strangers_get_not_found(transport: FakeTransport) -> None:
    conversation, eve = opened(new_user(), new_user()), new_user()
    message = {"clientMessageId": "a", "text": "a"}
    assert http("POST", f"/{conversation}/messages", eve, message).status == 404
    assert http("PUT", f"/{conversation}/read", eve, {"seq": 1}).status == 404
    marks = {"seq": 1}
    for action, data in [("chat.send", message), ("chat.read", marks), ("chat.delivered", marks), ("chat.typing", {})]:
        frame = act(transport, eve, action, data | {"conversationId": conversation})
        assert (frame["type"], frame["error"]["status"]) == ("error", 404)
    assert transport.deliveries == []


def test_routes_need_an_identity(transport: FakeTransport) -> None:
    conversation = opened(new_user(), new_user())
    assert http("POST", "", None, {"memberId": new_user()}).status == 403
    assert http("POST", f"/{conversation}/messages", None, {"clientMessageId": "a", "text": "a"}).status == 403
    assert http("PUT", f"/{conversation}/read", None, {"seq": 1}).status == 403
    assert act(transport, "", "chat.typing", {"conversationId": conversation})["error"]["status"] == 403


def test_socket_actions_do_the_same_and_typing_reaches_only_the_others(transport: FakeTransport) -> None:
    ann, bob = new_user(), new_user()
    conversation = opened(ann, bob)
    data = {"conversationId": conversation, "clientMessageId": "s1", "text": "by socket"}
    ack = act(transport, ann, "chat.send", data)
    assert (ack["type"], ack["data"]["message"]["seq"]) == ("ack", 1)
    assert act(transport, bob, "chat.read", {"conversationId": conversation, "seq": 1})["type"] == "ack"
    assert act(transport, bob, "chat.typing", {"conversationId": conversation})["type"] == "ack"
    (delivery,) = transport.deliveries
    assert (list(delivery.users), delivery.frame["type"]) == ([ann], "chat.typing")
    bad = act(transport, ann, "chat.send", data | {"text": 1})
    assert bad["error"]["errors"][0]["field"] == "text"


def of_conversation(fresh: Aws, conversation: str) -> list[dict[str, Any]]:
    records = fresh.changes("chat")
    return [one for one in records if one["dynamodb"]["Keys"]["pk"]["S"] == f"CONV#{conversation}"]


def frames(fresh: Aws, conversation: str) -> list[dict[str, Any]]:
    records = [one["kinesis"] for one in fresh.stream_records() if one["kinesis"]["partitionKey"] == conversation]
    return [json.loads(base64.b64decode(one["data"])) for one in records]


def test_the_relay_sends_in_order_and_replays_keep_their_event_ids(fresh: Aws) -> None:
    ann, bob = new_user(), new_user()
    conversation = opened(ann, bob)
    for number in range(3):
        message = {"clientMessageId": f"m{number}", "text": f"text {number}"}
        assert http("POST", f"/{conversation}/messages", ann, message).status == 201
    http("PUT", f"/{conversation}/read", bob, {"seq": 2})
    records = of_conversation(fresh, conversation)
    assert functions.relay({"Records": records}, Context()) == {"batchItemFailures": []}
    told = frames(fresh, conversation)
    kinds = [(one["frame"]["type"], sorted(one["users"])) for one in told]
    assert kinds == [("chat.message", sorted([ann, bob]))] * 3 + [("chat.read", sorted([ann, bob]))]
    assert [one["frame"]["data"]["message"]["seq"] for one in told[:3]] == [1, 2, 3]
    inbox = ChatRepository("chat").inbox(bob, None, 10)
    assert [membership.conversation_id for _, membership in inbox] == [conversation]
    functions.relay({"Records": records}, Context())
    ids = [one["frame"]["eventId"] for one in frames(fresh, conversation)]
    assert (len(ids), len(set(ids))) == (8, 4)
    told_of = fresh.published(lambda event: event["data"].get("conversationId") == conversation, 8)
    mine = [event for event in told_of if event["type"] == "chat.message_sent"]
    assert [event["data"]["seq"] for event in mine] == [1, 2, 3] * 2
    assert len({event["id"] for event in mine}) == 3
    assert [(event["type"], event["actor"]) for event in told_of if event not in mine] == [("chat.read", bob)] * 2
    assert mine[0]["data"]["recipientIds"] == [bob]


def test_a_failing_record_holds_back_its_own_conversation_only(fresh: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    ann, bob = new_user(), new_user()
    bad, good = opened(ann, bob), opened(ann, new_user())
    for number in range(2):
        for conversation in (bad, good):
            http("POST", f"/{conversation}/messages", ann, {"clientMessageId": f"m{number}", "text": "x"})
    records = [*of_conversation(fresh, bad), *of_conversation(fresh, good)]
    put, refused = outbox.put, []

    def flaky(stream: str, outgoing: Any) -> None:
        if outgoing[0].partition == bad and not refused:
            refused.append(outgoing)
            raise RuntimeError("Kinesis refused 1 of 1 frames")
        put(stream, outgoing)

    monkeypatch.setattr(outbox, "put", flaky)
    failures = functions.relay({"Records": records}, Context())["batchItemFailures"]
    failed = {entry["itemIdentifier"] for entry in failures}
    assert {one["dynamodb"]["SequenceNumber"] for one in of_conversation(fresh, bad)} >= failed
    assert [one["frame"]["data"]["message"]["seq"] for one in frames(fresh, good)] == [1, 2]
    assert frames(fresh, bad) == []
    retried = [one for one in records if one["dynamodb"]["SequenceNumber"] in failed]
    assert functions.relay({"Records": retried}, Context()) == {"batchItemFailures": []}
    assert [one["frame"]["data"]["message"]["seq"] for one in frames(fresh, bad)] == [1, 2]
