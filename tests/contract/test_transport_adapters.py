"""The guarantees of the transport port (``services/realtime/transport.py``), on both adapters, with real devices.

The transport runs in the test process, as it does in a function, against the running stack; devices connect to the
public addresses with their own tickets.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, cast

import pytest
import urllib3

from infra.constants import WEBSOCKET_STAGE
from kit.client import Account, Device, Endpoints, Fleet
from kit.client.api import Api, wait_for
from kit.client.links import Kind, Refused
from kit.settings import Settings
from services.common import aws as services_aws
from services.realtime import adapter, model, sessions
from services.realtime.adapter import RegistryTransport
from services.realtime.repository import ConnectionTable, TicketTable
from services.realtime.transport import MAX_FRAME_BYTES, Delivery, FrameTooLarge
from tests.support.people import Town


@pytest.fixture(scope="module")
def endpoints() -> Endpoints:
    return Endpoints.load()


@pytest.fixture(scope="module", params=["websocket", "webtransport"])
def kind(request: pytest.FixtureRequest, endpoints: Endpoints) -> Kind:
    if request.param == "webtransport" and not endpoints.document.get("webTransport"):
        pytest.skip("this deployment has no WebTransport server (the embedded target has)")
    return cast(Kind, request.param)


@pytest.fixture
def transport(endpoints: Endpoints, monkeypatch: pytest.MonkeyPatch) -> Iterator[RegistryTransport]:
    """The transport of the fan-out function: the deployed table, ``@connections``, the session server."""
    local = Settings.load()
    environment = local.aws_environment() | {
        "TABLE_REALTIME": endpoints.document["tables"]["realtime"],
        "WEBSOCKET_CALLBACK_URL": (
            f"{local.url('emulator')}/_aws/execute-api/{endpoints.document['apis']['websocket']}/{WEBSOCKET_STAGE}"
        ),
        "WEBTRANSPORT_CALLBACK_URL": local.url("webtransport"),
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    _forget()
    yield RegistryTransport(ConnectionTable(environment["TABLE_REALTIME"]), adapter.frame_senders)
    _forget()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Longer timeouts, so that no device is dropped because the machine is busy. Requested before ``transport``."""
    monkeypatch.setattr(adapter, "POST_TIMEOUT", 60)
    monkeypatch.setattr(adapter, "_CONNECT_TIMEOUT", 60)
    monkeypatch.setattr(sessions, "_TIMEOUT", urllib3.Timeout(60))


def _forget() -> None:
    caches: list[Any] = [services_aws.client, services_aws.table, adapter.frame_senders, adapter._management_api]
    for cached in caches:
        cached.cache_clear()


@pytest.fixture
def fleet(endpoints: Endpoints, kind: Kind) -> Iterator[Fleet]:
    with Fleet(endpoints, kind) as made:
        yield made


@pytest.fixture
def town(endpoints: Endpoints) -> Iterator[Town]:
    made = Town(endpoints)
    yield made
    made.close()


def person(town: Town) -> Account:
    account = town.stranger().account
    assert account is not None
    return account


def numbers(device: Device) -> list[int]:
    return [frame["n"] for frame, _ in device.frames if frame.get("type") == "test"]


def await_numbers(device: Device, expected: list[int]) -> None:
    found = wait_for(
        lambda: numbers(device), until=lambda got: len(got) >= len(expected), what=f"{len(expected)} frames"
    )
    assert found == expected


def frames(users: list[str], start: int, count: int, size: int = 0) -> list[Delivery]:
    return [Delivery(users, {"type": "test", "n": n, "x": "x" * size}) for n in range(start, start + count)]


def test_a_device_is_present_from_its_ticket_until_it_closes(
    transport: RegistryTransport, fleet: Fleet, town: Town
) -> None:
    ann, eve = person(town), person(town)
    assert not transport.present(ann.user_id)
    (device,) = fleet.open([ann])
    asked = device.send("ping")
    frame, _ = device.wait(lambda one: one.get("id") == asked)
    assert frame == {"type": "pong", "id": asked, "data": {}}
    assert transport.present(ann.user_id)
    assert transport.present_among([ann.user_id, eve.user_id, "nobody"]) == {ann.user_id}
    fleet.close(device)
    wait_for(lambda: transport.present(ann.user_id), until=lambda there: not there, what="the device to be forgotten")


@pytest.mark.parametrize("what", ["used", "garbage", "empty", "expired"])
def test_a_used_expired_or_invalid_ticket_is_refused(
    what: str, fleet: Fleet, town: Town, endpoints: Endpoints, transport: RegistryTransport,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    ann = person(town)
    if what == "used":
        with Api(endpoints, ann) as api:
            ticket = api.post("/v1/realtime/tickets")["ticket"]
        fleet.open([ann], tickets=[ticket])
    elif what == "expired":
        monkeypatch.setattr(model, "TICKET_LIFETIME", timedelta(seconds=-1))
        issued = model.Ticket.issue(ann.user_id)
        TicketTable(endpoints.document["tables"]["realtime"]).put(issued)
        ticket = issued.secret
    else:
        ticket = {"garbage": "no%ticket ü", "empty": ""}[what]
    with pytest.raises(Refused) as refused:
        fleet.open([ann], tickets=[ticket])
    assert refused.value.status in (401, 403)


def test_a_ticket_connects_as_the_person_who_requested_it(
    fleet: Fleet, town: Town, endpoints: Endpoints, transport: RegistryTransport
) -> None:
    """A connection belongs to the ticket's user, no matter who opens it; afterwards the ticket cannot be used again."""
    ann, eve = person(town), person(town)
    with Api(endpoints, ann) as api:
        ticket = api.post("/v1/realtime/tickets")["ticket"]
    fleet.open([eve], tickets=[ticket])
    assert transport.present_among([ann.user_id, eve.user_id]) == {ann.user_id}
    with pytest.raises(Refused):
        fleet.open([ann], tickets=[ticket])


def test_frames_reach_every_device_of_the_named_users_in_order_and_no_other_user(
    patient: None, transport: RegistryTransport, fleet: Fleet, town: Town
) -> None:
    ann, bob, eve = person(town), person(town), person(town)
    *receiving, other = fleet.open([ann, ann, bob, eve])
    for start in range(0, 60, 20):
        outcome = transport.send(frames([ann.user_id, bob.user_id], start, 20))
        assert (outcome.delivered, outcome.gone, outcome.disconnected) == (60, 0, 0)
    for device in receiving:
        await_numbers(device, list(range(60)))
    assert numbers(other) == []


def test_the_largest_frame_passes_and_a_larger_one_is_not_sent(
    transport: RegistryTransport, fleet: Fleet, town: Town
) -> None:
    ann = person(town)
    (device,) = fleet.open([ann])
    frame = {"type": "test", "n": 1, "x": ""}
    room = MAX_FRAME_BYTES - len(json.dumps(frame, separators=(",", ":")))
    transport.send([Delivery([ann.user_id], frame | {"x": "x" * room})])
    await_numbers(device, [1])
    with pytest.raises(FrameTooLarge):
        transport.send([Delivery([ann.user_id], frame | {"x": "x" * (room + 1)})])
    transport.send([Delivery([ann.user_id], {"type": "test", "n": 2})])
    await_numbers(device, [1, 2])


def test_a_frame_above_the_limit_closes_only_the_senders_connection(fleet: Fleet, town: Town) -> None:
    big, small = fleet.open([person(town), person(town)])
    big.send("ping", {"x": "x" * MAX_FRAME_BYTES})
    wait_for(lambda: big.is_closed, until=bool, what="the connection to be ended")
    asked = small.send("ping")
    small.wait(lambda one: one.get("id") == asked)


def test_a_device_that_disconnected_silently_is_forgotten(
    transport: RegistryTransport, fleet: Fleet, town: Town, endpoints: Endpoints
) -> None:
    name = endpoints.document["tables"]["realtime"]
    ann = person(town)
    gone, stays = fleet.open([ann, ann])
    table = ConnectionTable(name)
    before = {one.device for one in table.of_users([ann.user_id])[ann.user_id]}
    # Older than the handshake's grace period, so that a 410 counts.
    _age(name, ann.user_id)
    fleet.close(gone)
    wait_for(lambda: gone.is_closed, until=bool, what="the device to be closed")

    def known() -> int:
        transport.send([Delivery([ann.user_id], {"type": "other"})])
        return len(table.of_users([ann.user_id])[ann.user_id])

    assert len(before) == 2
    wait_for(known, until=lambda count: count == 1, what="the device to be forgotten")
    transport.send(frames([ann.user_id], 0, 1))
    await_numbers(stays, [0])


def _age(name: str, user_id: str) -> None:
    dynamodb = services_aws.table(name)
    for one in ConnectionTable(name).of_users([user_id])[user_id]:
        dynamodb.update_item(
            Key={"pk": f"USER#{user_id}", "sk": "DEVICES"},
            UpdateExpression="ADD #device :younger",
            ExpressionAttributeNames={"#device": f"CONN#{one.device}"},
            ExpressionAttributeValues={":younger": -60_000},
        )


def test_a_device_that_never_reads_delays_no_other_and_resumes_without_a_gap(
    transport: RegistryTransport, fleet: Fleet, town: Town
) -> None:
    """The client then fetches missed frames by cursor: here, the list of sent frames stands for the log."""
    ann, bob = person(town), person(town)
    fleet.open([ann], reads=False)
    others = fleet.open([bob] * 50)
    sent, size = 0, 30_000
    deadline = time.monotonic() + 120
    cut = 0
    # Send frames to the slow device until the transport disconnects it; all others still receive theirs
    while not cut:
        assert time.monotonic() < deadline, "the stuck device was never cut off"
        burst = 20
        cut = transport.send(frames([ann.user_id], sent, burst, size)).disconnected
        sent += burst
    started = time.monotonic()
    waiting = threading.Event()

    def last(device: Device, frame: dict[str, Any], at: float) -> None:
        if all(one.received for one in others):
            waiting.set()

    for one in others:
        one.on_frame = last
    outcome = transport.send(frames([bob.user_id, ann.user_id], sent, 1))
    assert outcome.delivered >= 50
    assert waiting.wait(60), f"{sum(not one.received for one in others)} of 50 got nothing"
    taken = time.monotonic() - started
    assert not transport.present(ann.user_id), "the stuck device was not forgotten"
    # After it reconnects, it receives new frames; the missed ones are a closed range that it can request
    (back,) = fleet.open([ann])
    transport.send(frames([ann.user_id], sent + 1, 3))
    await_numbers(back, [sent + 1, sent + 2, sent + 3])
    print(f"50 devices after {taken:.2f} s; the stuck one was given up after {sent} frames of {size} bytes")
