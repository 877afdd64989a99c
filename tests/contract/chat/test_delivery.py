"""A member who seems connected but has not received a message is notified after a delay; others are not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.chat import delivery
from services.chat import handler as functions
from services.chat.delivery import PendingDelivery
from services.chat.model import RECEIPTS_LIMIT
from services.chat.repository import ChatRepository
from services.common.events import ChatMessageUnreceived
from tests.support.aws import Aws
from tests.support.chat_room import Room
from tests.support.lambdas import Context


class Network:
    """Runs the relay over changes, and reads the delivery checks that it puts on the queue."""

    def __init__(self, aws: Aws, room: Room) -> None:
        self._aws, self._changes, self.room = aws, aws.new_changes("chat"), room
        self._changes()
        self._queue = aws.environment["QUEUE_CHAT_ARRIVALS"]
        self.asked()

    def asked(self) -> list[dict[str, Any]]:
        """The delivery checks since the last call, after one run of the relay over the changes since."""
        assert functions.relay({"Records": self._changes()}, Context()) == {"batchItemFailures": []}
        found, client = [], self._aws.client("sqs")
        while batch := client.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages"):
            for one in batch:
                client.delete_message(QueueUrl=self._queue, ReceiptHandle=one["ReceiptHandle"])
                found.append(json.loads(one["Body"]))
        return found

    def told(self, conversation: str, seq: int, *users: str) -> ChatMessageUnreceived | None:
        """The event that one delivery check produces; repeating the check produces the same event."""
        pending = delivery.parse(json.dumps(PendingDelivery(conversation, seq, users).to_message()))
        first, again = (delivery.undelivered(ChatRepository("chat"), pending) for _ in range(2))
        assert first == again
        return first


def sqs_record(body: str) -> dict[str, Any]:
    return {
        "messageId": "m1", "receiptHandle": "r1", "body": body, "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {}, "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:us-east-1:0:q",
    }  # fmt: skip


@pytest.fixture
def network(fresh: Aws, room: Room) -> Network:
    return Network(fresh, room)


def test_absent_readers_are_notified_at_once_and_connected_ones_are_checked_later(network: Network, fresh: Aws) -> None:
    room = network.room
    ann, bob, cid = (room.person() for _ in range(3))
    for one in (ann, bob):
        room.transport.open(one, "laptop")
    group = room.group(ann, bob, cid)
    sent = room.say(ann, group)
    room.do(ann, "PUT", f"/{group}/messages/2", {"text": "edited"})
    assert network.asked() == [{"conversationId": group, "seq": 2, "userIds": [bob]}]
    (event,) = fresh.published(lambda one: one["data"].get("messageId") == sent["id"] and "sent" in one["type"], 1)
    assert (event["data"]["recipientIds"], event["data"]["mentionIds"]) == ([cid], [])


def test_a_mentioned_person_is_notified_at_once_even_when_connected(network: Network, fresh: Aws) -> None:
    room = network.room
    ann, bob = room.person(), room.person()
    room.people.known["bob"] = bob
    room.transport.open(bob, "laptop")
    pair = room.pair(ann, bob)
    room.do(bob, "PUT", f"/{pair}/mute", {"hours": 1})
    sent = room.say(ann, pair, "@bob are you there")
    assert network.asked() == [{"conversationId": pair, "seq": 1, "userIds": [bob]}]
    (event,) = fresh.published(lambda one: one["data"].get("messageId") == sent["id"], 1)
    assert (event["data"]["recipientIds"], event["data"]["mentionIds"]) == ([bob], [bob])


def test_a_message_without_people_to_notify_is_not_checked_later(network: Network) -> None:
    room = network.room
    ann, bob = room.person(), room.person()
    room.transport.open(bob, "laptop")
    pair = room.pair(ann, bob)
    room.say(ann, pair)
    assert len(network.asked()) == 1
    room.do(bob, "PUT", f"/{pair}/mute", {"hours": 1})
    room.say(ann, pair)
    assert network.asked() == []


def test_delivery_is_not_checked_in_large_groups(network: Network) -> None:
    room = network.room
    ann, *others = (room.person() for _ in range(RECEIPTS_LIMIT + 1))
    for one in others:
        room.transport.open(one, "laptop")
    small, large = room.group(ann, *others[1:]), room.group(ann, *others)
    for one in (small, large):
        room.say(ann, one)
    assert [one["conversationId"] for one in network.asked()] == [small]


def test_only_people_without_a_receipt_are_notified(network: Network) -> None:
    room = network.room
    ann, *others = (room.person() for _ in range(6))
    bob, cid, dan, eve, _ = others
    group = room.group(ann, *others)
    room.say(ann, group)
    room.do(bob, "PUT", f"/{group}/delivered", {"seq": 2})
    room.do(cid, "PUT", f"/{group}/read", {"seq": 2})
    room.do(dan, "PUT", f"/{group}/delivered", {"seq": 1})
    told = network.told(group, 2, bob, cid, dan, eve)
    assert told
    assert sorted(told.recipient_ids) == sorted([dan, eve])
    assert (told.sender_id, told.preview) == (ann, "hello")


def test_the_function_publishes_undelivered_messages(network: Network, fresh: Aws) -> None:
    room = network.room
    ann, bob = room.person(), room.person()
    pair = room.pair(ann, bob)
    sent = room.say(ann, pair)
    record = sqs_record(json.dumps(PendingDelivery(pair, 1, (bob,)).to_message()))
    assert functions.arrival({"Records": [record]}, Context()) == {"batchItemFailures": []}
    (event,) = fresh.published(lambda one: one["type"] == "chat.message_unreceived", 1)
    assert (event["data"]["messageId"], event["data"]["recipientIds"]) == (sent["id"], [bob])


def test_a_message_that_reached_everyone_is_not_notified(network: Network) -> None:
    room = network.room
    ann, bob = room.person(), room.person()
    pair = room.pair(ann, bob)
    room.say(ann, pair)
    assert network.told(pair, 1, bob)
    room.say(bob, pair, "my own marks what was before it")
    assert network.told(pair, 1, bob) is None


def test_deleted_messages_and_departed_members_are_not_notified(network: Network) -> None:
    room = network.room
    ann, bob, cid = (room.person() for _ in range(3))
    pair, group = room.pair(ann, bob), room.group(ann, bob, cid)
    room.say(ann, pair)
    assert network.told(pair, 1, bob)
    room.do(ann, "DELETE", f"/{pair}/messages/1", query_text="for=all")
    assert network.told(pair, 1, bob) is None
    room.say(ann, group)
    room.do(bob, "DELETE", f"/{group}/members/{bob}")
    told = network.told(group, 2, bob, cid)
    assert told
    assert told.recipient_ids == (cid,)
    assert network.told(pair, 99, bob) is None


def test_a_message_request_is_notified_and_reveals_no_receipt_to_the_sender(network: Network) -> None:
    room = network.room
    ann, bob = room.person(), room.person()
    room.people.strangers.add((bob, ann))
    pair = room.pair(ann, bob)
    room.say(ann, pair)
    told = network.told(pair, 1, bob)
    assert told
    assert told.request_ids == told.recipient_ids == (bob,)
    room.say(ann, pair)
    room.do(bob, "PUT", f"/{pair}/delivered", {"seq": 2})
    assert network.told(pair, 2, bob) is None
    assert all(one.get("deliveredSeq") is None for one in room.do(ann, "GET", f"/{pair}")["members"])


@pytest.mark.parametrize(
    "body",
    ["{}", '{"conversationId": "a", "seq": 1}', '{"conversationId": "a", "seq": null, "userIds": []}', "[]", "x"],
)
def test_an_invalid_check_fails_and_names_the_expected_shape(body: str) -> None:
    with pytest.raises(ValueError, match=r"expected \{conversationId, seq, userIds\}|Expecting value"):
        delivery.parse(body)
