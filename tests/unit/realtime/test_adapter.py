"""The API Gateway adapter: order per device, a slow device delays no other, gone connections are removed."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Collection
from datetime import timedelta

import pytest

from services.common.clock import now
from services.realtime.adapter import RegistryTransport
from services.realtime.model import Connection
from services.realtime.sessions import ByKind
from services.realtime.transport import MAX_FRAME_BYTES, Delivery, FrameTooLarge, TransportDown
from tests.support.transport import FakeFrameSender


class FakeConnections:
    def __init__(self) -> None:
        self.by_user: dict[str, dict[str, Connection]] = defaultdict(dict)

    def add(self, connection: Connection) -> None:
        self.by_user[connection.user_id][connection.device] = connection

    def remove(self, device: str, user_id: str | None = None) -> None:
        for devices in self.by_user.values():
            devices.pop(device, None)

    def restore(self, connection: Connection) -> bool:
        is_new = connection.device not in self.by_user[connection.user_id]
        self.add(connection)
        return is_new

    def of_users(self, user_ids: Collection[str]) -> dict[str, list[Connection]]:
        return {user: list(self.by_user[user].values()) for user in user_ids}

    def present(self, user_ids: Collection[str]) -> set[str]:
        return {user for user in user_ids if self.by_user[user]}


@pytest.fixture
def sender() -> FakeFrameSender:
    return FakeFrameSender()


@pytest.fixture
def connections() -> FakeConnections:
    found = FakeConnections()
    for user, device in [("ann", "ann-phone"), ("ann", "ann-desk"), ("bob", "bob-phone")]:
        found.add(Connection(user, device, now() - timedelta(minutes=1)))
    return found


@pytest.fixture
def transport(connections: FakeConnections, sender: FakeFrameSender) -> RegistryTransport:
    return RegistryTransport(connections, lambda: sender)


def frames(count: int) -> list[Delivery]:
    return [Delivery(["ann", "bob"], {"type": "t", "n": number}) for number in range(count)]


def test_every_device_gets_every_frame_in_order(transport: RegistryTransport, sender: FakeFrameSender) -> None:
    outcome = transport.send(frames(20))
    assert outcome.delivered == 60
    for device in ("ann-phone", "ann-desk", "bob-phone"):
        assert [frame["n"] for frame in sender.sent[device]] == list(range(20))


def test_a_frame_leaves_out_the_device_it_came_from(transport: RegistryTransport, sender: FakeFrameSender) -> None:
    transport.send([Delivery(["ann"], {"type": "t"}, leave_out="ann-desk")])
    assert list(sender.sent) == ["ann-phone"]


def test_a_device_that_is_gone_is_forgotten(
    transport: RegistryTransport, sender: FakeFrameSender, connections: FakeConnections
) -> None:
    sender.gone.add("ann-phone")
    outcome = transport.send(frames(3))
    assert (outcome.gone, outcome.delivered) == (1, 6)
    assert list(connections.by_user["ann"]) == ["ann-desk"]


def test_a_device_still_shaking_hands_is_not_forgotten(
    transport: RegistryTransport, sender: FakeFrameSender, connections: FakeConnections
) -> None:
    transport.open("ann", "ann-new")
    sender.gone.add("ann-new")
    transport.send(frames(1))
    assert "ann-new" in connections.by_user["ann"]


def test_a_slow_device_delays_no_other_and_is_disconnected(
    transport: RegistryTransport, sender: FakeFrameSender, connections: FakeConnections
) -> None:
    release = sender.slow["ann-phone"] = threading.Event()
    sending = threading.Thread(target=transport.send, args=(frames(5),))
    sending.start()
    try:
        others = ("ann-desk", "bob-phone")
        deadline = now() + timedelta(seconds=60)
        while now() < deadline and any(len(sender.sent[device]) < 5 for device in others):
            threading.Event().wait(0.005)
        assert [len(sender.sent[device]) for device in others] == [5, 5]
        assert sending.is_alive()
    finally:
        release.set()
        sending.join(60)
    assert sender.disconnected == ["ann-phone"]
    assert "ann-phone" not in connections.by_user["ann"]


def test_a_transport_that_is_down_fails_the_call_and_forgets_no_connection(
    transport: RegistryTransport, sender: FakeFrameSender, connections: FakeConnections
) -> None:
    sender.down = True
    with pytest.raises(TransportDown):
        transport.send(frames(1))
    assert len(connections.by_user["ann"]) == 2


def test_a_frame_above_the_limit_is_refused_before_anything_is_sent(
    transport: RegistryTransport, sender: FakeFrameSender
) -> None:
    with pytest.raises(FrameTooLarge):
        transport.send([Delivery(["ann"], {"a": 1}), Delivery(["ann"], {"a": "あ" * MAX_FRAME_BYTES})])
    assert not sender.sent


def test_a_lost_reply_raises_no_error(transport: RegistryTransport, sender: FakeFrameSender) -> None:
    sender.gone.add("ann-phone")
    transport.reply("ann-phone", {"type": "ack"})
    sender.down = True
    transport.reply("ann-desk", {"type": "ack"})
    assert not sender.sent


def test_presence_is_read_for_many_people_at_once(transport: RegistryTransport) -> None:
    assert transport.present_among(["ann", "eve"]) == {"ann"}
    assert transport.present_among([]) == set()


def test_a_forgotten_device_is_registered_again_when_seen(
    transport: RegistryTransport, connections: FakeConnections
) -> None:
    assert not transport.seen("ann", "ann-phone")
    transport.close("ann-phone", "ann")
    assert transport.seen("ann", "ann-phone")
    assert "ann-phone" in connections.by_user["ann"]


def test_each_lost_device_is_announced_to_the_others(connections: FakeConnections, sender: FakeFrameSender) -> None:
    told: list[tuple[str, str]] = []
    transport = RegistryTransport(connections, lambda: sender, lambda user, device: told.append((user, device)))
    sender.gone.add("ann-phone")
    sender.stuck.add("bob-phone")
    transport.send(frames(1))
    transport.close("ann-desk", "ann")
    transport.close("nobody-knows-whose")
    assert sorted(told) == [("ann", "ann-desk"), ("ann", "ann-phone"), ("bob", "bob-phone")]
    assert not transport.is_open("ann", "ann-desk")


def test_each_kind_of_device_has_its_frame_sender() -> None:
    sessions, sockets = FakeFrameSender(), FakeFrameSender()
    both = ByKind(sessions, lambda: sockets)
    for device in ("wt.abc", "L0SM9cOFvHcCIhw="):
        both.post(device, b"{}")
        both.disconnect(device)
    assert (list(sessions.sent), list(sockets.sent)) == (["wt.abc"], ["L0SM9cOFvHcCIhw="])
    assert (sessions.disconnected, sockets.disconnected) == (["wt.abc"], ["L0SM9cOFvHcCIhw="])


def test_a_named_device_gets_its_frame_without_a_registry_lookup(
    transport: RegistryTransport, connections: FakeConnections, sender: FakeFrameSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "of_users", lambda users: pytest.fail("the registry was asked"))
    assert transport.send([Delivery(["ann"], {"n": 1}, only="ann-desk")]).delivered == 1
    assert dict(sender.sent) == {"ann-desk": [{"n": 1}]}


def test_a_gone_named_device_is_forgotten_unless_it_has_just_connected(
    transport: RegistryTransport, connections: FakeConnections, sender: FakeFrameSender
) -> None:
    sender.gone = {"ann-desk", "ann-tab"}
    connections.add(Connection("ann", "ann-tab", now()))
    for device in ("ann-desk", "ann-tab", "nobody's"):
        sender.gone.add(device)
        assert transport.send([Delivery(["ann"], {"n": 1}, only=device)]).gone == 1
    assert set(connections.by_user["ann"]) == {"ann-phone", "ann-tab"}


def test_a_named_device_that_does_not_keep_up_is_disconnected(
    transport: RegistryTransport, connections: FakeConnections, sender: FakeFrameSender
) -> None:
    sender.stuck = {"bob-phone"}
    assert transport.send([Delivery(["bob"], {"n": 1}, only="bob-phone")]).disconnected == 1
    assert (sender.disconnected, connections.by_user["bob"]) == (["bob-phone"], {})
