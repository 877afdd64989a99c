"""A small world for the guarantee of chat: devices that come and go, functions that fail, records that come twice.

Everything of ``services`` is real, on a real DynamoDB API and a real Kinesis stream; only what AWS does between them
(event sources, sockets) is played here, by one seeded random generator, so that a failing seed fails again.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from services.chat import handler as chat
from services.chat import queries
from services.chat.model import direct_id
from services.chat.repository import ChatRepository
from services.common import outbox
from services.realtime import commands as realtime
from services.realtime.adapter import ApiGatewayTransport, Gone, Stuck
from services.realtime.repository import ConnectionTable
from services.realtime.transport import TransportDown
from tests.support.aws import Aws
from tests.support.lambdas import Context, new_user, socket_event

_RETRIES = 3
_BATCH = 10


class Crash(Exception):
    """A function dies after its work and before its answer."""


@dataclass
class Device:
    """A client as it should be written: shows messages in order, asks for what it lacks."""

    user: str
    conversation: str
    connection: str | None = None
    shown: list[dict[str, Any]] = field(default_factory=list)
    cursor: str | None = None
    known: set[str] = field(default_factory=set)
    live: list[int] = field(default_factory=list)
    gaps: int = 0

    def take(self, frame: dict[str, Any]) -> None:
        """A frame came; repeated ones are recognised by ``eventId``."""
        if frame["type"] != "chat.message" or frame["eventId"] in self.known:
            return
        self.known.add(frame["eventId"])
        message = frame["data"]["message"]
        self.live.append(message["seq"])
        last = self.shown[-1]["seq"] if self.shown else 0
        if message["seq"] == last + 1:
            self.shown.append(message)
        elif message["seq"] > last + 1:
            self.gaps += 1
            self.resume()

    def resume(self) -> None:
        """Everything after the last that was shown, by cursor."""
        while True:
            page = queries.list_messages(self.user, self.conversation, self.cursor, 5)
            items = [message.to_wire() for message in reversed(page.items)]
            if self.cursor is None and page.older:
                # The first page is the newest: walk back to the beginning once.
                older: str | None = page.older
                while older:
                    before = queries.list_messages(self.user, self.conversation, older, 5)
                    items = [message.to_wire() for message in reversed(before.items)] + items
                    older = before.older
            last = self.shown[-1]["seq"] if self.shown else 0
            self.shown += [message for message in items if message["seq"] > last]
            self.cursor = page.newer or self.cursor
            if not page.items or self.cursor is None:
                return


class Source:
    """An event source: batches in order; a failed batch again, whole or from its first failure on, then given up."""

    def __init__(self, read: Callable[[], list[dict[str, Any]]], run: Callable[[list[dict[str, Any]]], set[str]],
                 name: Callable[[dict[str, Any]], str]) -> None:  # fmt: skip
        self._read, self._run, self._name = read, run, name
        self._waiting: list[dict[str, Any]] = []
        self._tries = 0
        self.given_up = 0

    def step(self, size: int) -> bool:
        """Deliver one batch; whether there was one."""
        self._waiting += self._read()
        batch = self._waiting[:size]
        if not batch:
            return False
        try:
            failed = self._run(batch)
        except (Crash, TransportDown):
            failed = {self._name(batch[0])}
        first = next((number for number, one in enumerate(batch) if self._name(one) in failed), len(batch))
        self._tries = self._tries + 1 if first == 0 else 0
        if self._tries > _RETRIES:
            first, self._tries = 1, 0
            self.given_up += 1
        del self._waiting[:first]
        return True


class World:
    """Conversations of two with devices, and everything between them."""

    def __init__(self, aws: Aws, seed: int, pairs: int = 2, devices_each: int = 2) -> None:
        self.random = random.Random(seed)
        self.aws = aws
        self.wire: dict[str, Device] = {}
        self.sent: dict[str, set[tuple[str, str]]] = {}
        self.replies: list[dict[str, Any]] = []
        self._number = 0
        self._faults = True
        self.devices: list[Device] = []
        for _ in range(pairs):
            ann, bob = new_user(), new_user()
            conversation, _ = ChatRepository().open_direct(direct_id(ann, bob), ann, bob)
            self.sent[conversation.id] = set()
            self.devices += [Device(user, conversation.id) for user in (ann, bob) for _ in range(devices_each)]
        self.transport = ApiGatewayTransport(ConnectionTable(), lambda: self)
        partitions = {f"CONV#{name}" for name in self.sent}
        table, frames = aws.new_changes("chat"), aws.new_stream_records()
        self.relay = Source(
            lambda: [one for one in table() if one["dynamodb"]["Keys"]["pk"]["S"] in partitions],
            self._relay,
            lambda one: str(one["dynamodb"]["SequenceNumber"]),
        )
        self.fanout = Source(
            lambda: [one for one in frames() if one["kinesis"]["partitionKey"] in self.sent],
            self._fan_out,
            lambda one: str(one["kinesis"]["sequenceNumber"]),
        )

    # What API Gateway does: the ``Carrier`` of the transport.

    def post(self, device: str, data: bytes) -> None:
        import json

        found = self.wire.get(device)
        if found is None:
            raise Gone(device)
        if self._maybe(0.03):
            raise Stuck(device)
        found.take(json.loads(data))

    def cut(self, device: str) -> None:
        found = self.wire.pop(device, None)
        if found:
            found.connection = None

    def reply(self, _: str, frame: Any) -> None:
        """Answers to actions."""
        self.replies.append(dict(frame))

    # What functions do, and how they fail.

    def _relay(self, batch: list[dict[str, Any]]) -> set[str]:
        put = outbox.put

        def flaky(stream: str, outgoing: Any) -> None:
            if self._maybe(0.1):
                raise RuntimeError("Kinesis refused 1 of 1 frames")
            put(stream, outgoing)

        outbox.put = flaky
        try:
            answer = chat.relay({"Records": batch}, Context())
        finally:
            outbox.put = put
        if self._maybe(0.1):
            raise Crash
        return {entry["itemIdentifier"] for entry in answer["batchItemFailures"]}

    def _fan_out(self, batch: list[dict[str, Any]]) -> set[str]:
        if self._maybe(0.05):
            raise TransportDown
        failed = set(realtime.fan_out(self.transport, batch))
        if self._maybe(0.1):
            raise Crash
        return failed

    def _maybe(self, chance: float) -> bool:
        return self._faults and self.random.random() < chance

    # What people do.

    def connect(self, device: Device) -> None:
        if device.connection:
            return
        self._number += 1
        device.connection = f"{self._number}-{device.user}="
        device.live.clear()
        self.transport.open(device.user, device.connection)
        self.wire[device.connection] = device
        if self._maybe(0.5):
            self.fanout.step(_BATCH)
        if device.connection:
            device.resume()

    def drop(self, device: Device) -> None:
        """With or without ``$disconnect``, which is best effort."""
        if device.connection is None:
            return
        self.check_live_order(device)
        self.wire.pop(device.connection, None)
        if self._maybe(0.5):
            self.transport.close(device.connection, device.user)
        device.connection = None

    def send(self, device: Device) -> None:
        """Send a message, and once more with the same client id when the answer seems lost."""
        self._number += 1
        client_id = f"m{self._number}"
        data = {"conversationId": device.conversation, "clientMessageId": client_id, "text": f"text {self._number}"}
        event = socket_event(
            "MESSAGE", user=device.user, device="asker", body={"action": "chat.send", "id": "1", "data": data}
        )
        for _ in range(2 if self._maybe(0.3) else 1):
            chat.api.actions.dispatch(event, self)
            assert self.replies[-1]["type"] == "ack", self.replies[-1]
        self.sent[device.conversation].add((device.user, client_id))

    def step(self) -> None:
        device = self.random.choice(self.devices)
        self.random.choices(
            [
                lambda: self.send(device),
                lambda: self.connect(device),
                lambda: self.drop(device),
                lambda: self.relay.step(self.random.randint(1, _BATCH)),
                lambda: self.fanout.step(self.random.randint(1, _BATCH)),
            ],
            weights=[30, 15, 10, 25, 25],
        )[0]()

    def settle(self) -> None:
        """No more faults: everything is delivered, everyone comes back and resumes."""
        self._faults = False
        while self.relay.step(_BATCH) or self.fanout.step(_BATCH):
            pass
        for device in self.devices:
            self.drop(device)
            self.connect(device)

    # The guarantee.

    def check_live_order(self, device: Device) -> None:
        assert device.live == sorted(device.live), f"out of order on one connection: {device.live}"

    def check(self) -> None:
        """Every device shows the same: all that was sent, each once, in one order without a gap."""
        for conversation, sent in self.sent.items():
            shown = [device.shown for device in self.devices if device.conversation == conversation]
            for history in shown:
                assert [message["seq"] for message in history] == list(range(1, len(sent) + 1))
                assert {(message["senderId"], message["clientMessageId"]) for message in history} == sent
                assert history == shown[0]
