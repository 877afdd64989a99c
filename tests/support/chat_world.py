"""A small world for the guarantee of chat: reconnecting devices, crashing functions, duplicate records.

Everything of ``services`` is real, on a real DynamoDB API and a real Kinesis stream; one seeded random generator
simulates what AWS does between them (event sources, sockets), so that a failing seed fails again.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from services.chat import handler as chat
from services.chat.commands import ChatCommands
from services.chat.model import direct_id
from services.chat.privacy import ChatPrivacy
from services.chat.settings import CommandsSettings
from services.chat.socket_api import build_actions
from services.chat.views import message_resource
from services.common import outbox
from services.common.cursors import Cursor
from services.common.errors import NotFound, Unprocessable
from services.common.ids import new_id
from services.common.limits import CommandLimits
from services.realtime import commands as realtime
from services.realtime.adapter import ConnectionGone, RegistryTransport, SlowConsumer
from services.realtime.repository import ConnectionTable
from services.realtime.transport import TransportDown
from tests.support.aws import Aws
from tests.support.chat_device import Device
from tests.support.directory import FakePeople
from tests.support.lambdas import Context, new_user, socket_event

_RETRIES = 3
_BATCH = 10


class Crash(Exception):
    """A function crashes after its work and before its answer."""


class Source:
    """An event source: batches in order; failed batches are retried (whole or from the failure), then dead-lettered."""

    def __init__(self, read: Callable[[], list[dict[str, Any]]], run: Callable[[list[dict[str, Any]]], set[str]],
                 name: Callable[[dict[str, Any]], str]) -> None:  # fmt: skip
        self._read, self._run, self._name = read, run, name
        self._waiting: list[dict[str, Any]] = []
        self._tries, self._busy = 0, False
        self.given_up = 0

    def step(self, size: int) -> bool:
        """Deliver one batch; returns whether there was one. Not during another delivery: a shard has one reader."""
        if self._busy:
            return False
        self._busy = True
        try:
            return self._deliver(size)
        finally:
            self._busy = False

    def _deliver(self, size: int) -> bool:
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
    """A conversation of two and a group with changing members, their devices, and the infrastructure in between."""

    #: Probability that a socket is blocked, so that its device is disconnected before it has received everything.
    stuck = 0.03
    #: Weights of the steps: send, change, change membership, connect, drop, and a delivery by each event source.
    weights = (24, 24, 3, 14, 9, 20, 20)
    #: Probability that a change's frame arrives before an answer that was requested earlier.
    overtakes = 0.3
    #: Changes affect one of this many newest messages.
    recent = 6

    def __init__(self, aws: Aws, seed: int, devices_each: int = 2, client: type[Device] = Device) -> None:
        """``client`` is the class of all devices: a faulty one shows what the check detects."""
        self._client = client
        self.random = random.Random(seed)
        self.aws = aws
        self.wire: dict[str, Device] = {}
        self.sent: dict[str, set[tuple[str, str]]] = {}
        self.erased: dict[str, set[int]] = {}
        self.owner: dict[str, str] = {}
        self.replies: list[dict[str, Any]] = []
        self._number = 0
        self._faults, self._overtaking = True, False
        self.devices: list[Device] = []
        people = FakePeople()
        ports = chat.build_ports(CommandsSettings.read())
        self.ports = replace(ports, people=people, privacy=ChatPrivacy(ports.settings, people))
        self.commands = ChatCommands(self.ports)
        self.actions = build_actions(self.commands)
        ann, bob = new_user(), new_user()
        pair, _ = self.ports.chat.open_direct(direct_id(ann, bob), ann, bob)
        self._settle_in(pair.id, ann, [ann, bob], devices_each)
        members = [new_user() for _ in range(4)]
        made, _ = self.commands.groups.create(members[0], f"seed{seed}-{new_id()}", "G", members[1:3], None)
        self._settle_in(made.conversation.id, members[0], members, devices_each)
        self.transport = RegistryTransport(ConnectionTable("realtime"), lambda: self)
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

    def _settle_in(self, conversation: str, owner: str, users: list[str], devices_each: int) -> None:
        self.sent[conversation], self.erased[conversation] = set(), set()
        self.owner[conversation] = owner
        for device in [self._client(user, conversation) for user in users for _ in range(devices_each)]:
            device.meanwhile = partial(self._overtake, device)
            self.devices.append(device)

    # API Gateway: the ``FrameSender`` of the transport.

    def post(self, device: str, data: bytes) -> None:
        found = self.wire.get(device)
        if found is None:
            raise ConnectionGone(device)
        if self._maybe(self.stuck):
            raise SlowConsumer(device)
        found.take(json.loads(data))

    def disconnect(self, device: str) -> None:
        found = self.wire.pop(device, None)
        if found:
            found.connection = None

    def reply(self, _: str, frame: Any) -> None:
        """Collects the answers to actions."""
        self.replies.append(dict(frame))

    # Functions and their failures.

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

    def _overtake(self, device: Device) -> None:
        """While a device waits for an answer, a change is made, and its frame arrives first."""
        if self._overtaking or device.connection is None or not self._maybe(self.overtakes):
            return
        self._overtaking = True
        try:
            self.change(device)
            for _ in range(3):
                self.relay.step(_BATCH)
                self.fanout.step(_BATCH)
        finally:
            self._overtaking = False

    def _maybe(self, chance: float) -> bool:
        return self._faults and self.random.random() < chance

    # Actions of people.

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
        """Disconnect with or without ``$disconnect``, which is best effort."""
        if device.connection is None:
            return
        self.check_live_order(device)
        self.wire.pop(device.connection, None)
        if self._maybe(0.5):
            self.transport.close(device.connection, device.user)
        device.connection = None

    def send(self, device: Device) -> None:
        """Send a message; sometimes retry with the same client id, as after a lost answer."""
        self._number += 1
        client_id = f"m{self._number}"
        data = {"conversationId": device.conversation, "clientMessageId": client_id, "text": f"text {self._number}"}
        event = socket_event(
            "MESSAGE", user=device.user, device="asker", body={"action": "chat.send", "id": "1", "data": data}
        )
        for _ in range(2 if self._maybe(0.3) else 1):
            self.actions.dispatch(event, self, CommandLimits("idempotency"))
            answer = self.replies[-1]
            if answer["type"] == "error" and answer["error"]["status"] == 404 and self._is_out(device):
                return
            assert answer["type"] == "ack", answer
        self.sent[device.conversation].add((device.user, client_id))

    def _is_out(self, device: Device) -> bool:
        return self.ports.chat.membership(device.conversation, device.user) is None

    def change(self, device: Device) -> None:
        """A sender edits or deletes their own message, or anybody reacts to one; deleted messages are tried too."""
        head = self.ports.chat.conversation(device.conversation)
        assert head is not None
        written = [one for one in self.ports.chat.messages_at(head.id, range(1, head.seq + 1)) if not one.system]
        if not written:
            return
        message = self.random.choice(written[-self.recent :])
        kind = self.random.choice(["edit", "edit", "erase", "react", "react", "unreact"])
        self._number += 1
        try:
            if kind == "edit":
                text = f"edited {self._number}"
                self.commands.messages.edit(message.sender_id, head.id, message.seq, text)
            elif kind == "erase":
                self.commands.messages.delete_for_all(message.sender_id, head.id, message.seq)
                self.erased[head.id].add(message.seq)
            else:
                emoji = self.random.choice("👍🎉👀") if kind == "react" else None
                self.commands.messages.react(device.user, head.id, message.seq, emoji)
        except (NotFound, Unprocessable):
            return

    def move(self, device: Device) -> None:
        """A member is added, is removed, or leaves."""
        owner = self.owner[device.conversation]
        if device.user == owner or device.conversation == self.devices[0].conversation:
            return
        if self._is_out(device):
            self.commands.groups.add_members(owner, device.conversation, [device.user])
        elif self.random.random() < 0.5:
            self.commands.groups.remove_member(owner, device.conversation, device.user)
        else:
            self.commands.groups.leave(device.user, device.conversation)

    def step(self) -> None:
        device = self.random.choice(self.devices)
        self.random.choices(
            [
                lambda: self.send(device),
                lambda: self.change(device),
                lambda: self.move(device),
                lambda: self.connect(device),
                lambda: self.drop(device),
                lambda: self.relay.step(self.random.randint(1, _BATCH)),
                lambda: self.fanout.step(self.random.randint(1, _BATCH)),
            ],
            weights=self.weights,
        )[0]()

    def settle(self) -> None:
        """End the faults: everything is delivered, and all devices reconnect and resume."""
        self._faults = False
        while self.relay.step(_BATCH) or self.fanout.step(_BATCH):
            pass
        for device in self.devices:
            self.drop(device)
            self.connect(device)

    def disturb(self) -> None:
        """Start the faults again after the network has settled."""
        self._faults = True

    def changes(self) -> int:
        """The number of edits, deletions and reactions: without any, a run would not test them."""
        heads = self.ports.chat.heads(list(self.sent))
        return sum(head.rev for head in heads.values())

    # The guarantee.

    def check_live_order(self, device: Device) -> None:
        assert device.live == sorted(device.live), f"out of order on one connection: {device.live}"

    def check(self) -> None:
        """Check that every device shows the log's messages in their current state: each once, in order, without gaps.

        A member who joined later shows the log from then on; a former member shows nothing.
        """
        for conversation, sent in self.sent.items():
            log = self._log(conversation)
            assert [one["seq"] for one in log] == list(range(1, len(log) + 1))
            said = {(one["senderId"], one["clientMessageId"]) for one in log if one["system"] is None}
            assert said == sent
            for seq in self.erased[conversation]:
                assert (log[seq - 1]["deleted"], log[seq - 1]["text"]) == (True, ""), f"{seq} was shown again"
            for device in self.devices:
                if device.conversation == conversation:
                    mine = self.ports.chat.membership(conversation, device.user)
                    expected = log[mine.since - 1 :] if mine else []
                    assert [device.shown[seq] for seq in sorted(device.shown)] == expected

    def _log(self, conversation: str) -> list[dict[str, Any]]:
        """The messages in the table."""
        cursor, found = Cursor("", "newer", "MSG#"), list[dict[str, Any]]()
        while rows := self.ports.chat.messages(conversation, cursor, 50)[:50]:
            found += [message_resource(message) for _, message in rows]
            cursor = Cursor("", "newer", rows[-1][0])
        return found
