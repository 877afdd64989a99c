"""Connections and tickets against a real DynamoDB API."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest

from services.common.clock import now
from services.realtime import model
from services.realtime.model import Connection, Ticket
from services.realtime.repository import ConnectionTable, TicketTable
from tests.support.aws import Aws
from tests.support.lambdas import new_user

pytestmark = pytest.mark.usefixtures("fresh")


def test_all_devices_of_a_user_and_of_nobody_else() -> None:
    table, ann, bob = ConnectionTable(), new_user(), new_user()
    devices = {f"{uuid4()}=" for _ in range(3)}
    for device in devices:
        table.add(Connection(ann, device, now()))
    table.add(Connection(bob, str(uuid4()), now()))
    assert {connection.device for connection in table.of_user(ann)} == devices
    first = devices.pop()
    table.remove(first)
    table.remove(first, ann)
    assert {connection.device for connection in table.of_user(ann)} == devices
    assert not table.of_user(new_user())


def test_a_connection_past_its_lifetime_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    from services.realtime import repository

    ann = new_user()
    monkeypatch.setattr(repository, "CONNECTION_LIFETIME", timedelta(seconds=-1))
    ConnectionTable().add(Connection(ann, str(uuid4()), now()))
    assert ConnectionTable().of_user(ann) == []


def test_a_ticket_lets_one_in(fresh: Aws) -> None:
    tickets, ticket = TicketTable(), Ticket.issue(new_user())
    tickets.put(ticket)
    stored = fresh.client("dynamodb").scan(TableName="realtime")["Items"]
    assert ticket.secret not in str(stored)
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(tickets.take, [ticket.secret] * 8))
    assert [one for one in taken if one is not None] == [ticket.user_id]


def test_an_expired_ticket_lets_nobody_in_though_the_item_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "TICKET_LIFETIME", timedelta(milliseconds=-1))
    tickets, ticket = TicketTable(), Ticket.issue(new_user())
    tickets.put(ticket)
    assert tickets.take(ticket.secret) is None
    assert tickets.take("never issued") is None
