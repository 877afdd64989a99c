"""Tickets against a real DynamoDB API."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from services.realtime import model
from services.realtime.model import Ticket
from services.realtime.repository import TicketTable
from tests.support.aws import Aws
from tests.support.lambdas import new_user

pytestmark = pytest.mark.usefixtures("fresh")


def test_a_ticket_admits_one_of_many_concurrent_takers(fresh: Aws) -> None:
    tickets, ticket = TicketTable("realtime"), Ticket.issue(new_user())
    tickets.put(ticket)
    stored = fresh.client("dynamodb").scan(TableName="realtime")["Items"]
    assert ticket.secret not in str(stored)
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(tickets.take, [ticket.secret] * 8))
    assert [one for one in taken if one is not None] == [ticket.user_id]


def test_an_expired_ticket_is_refused_while_its_item_still_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "TICKET_LIFETIME", timedelta(milliseconds=-1))
    tickets, ticket = TicketTable("realtime"), Ticket.issue(new_user())
    tickets.put(ticket)
    assert tickets.take(ticket.secret) is None
    assert tickets.take("never issued") is None
