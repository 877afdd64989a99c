"""Signing out everywhere: which parts of a session end, and who may end whose sessions."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.accounts import handler as accounts
from services.accounts.adapter import UserPool
from services.moderation import handler as moderation
from services.query import handler as query
from services.realtime import handler as realtime
from services.realtime.public import outbox
from tests.support.aws import Aws
from tests.support.lambdas import Answer, Context, call_http, new_user
from tests.support.social import Network

Jobs = list[dict[str, Any]]


@pytest.fixture
def network(fresh: Aws) -> Network:
    return Network(fresh)


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> Jobs:
    """The jobs on the queue of accounts; the fixture also records revoked tokens and ended connections."""
    found: Jobs = []
    monkeypatch.setattr(accounts.queues, "send", lambda url, job, delay_seconds=0: found.append(dict(job)))
    monkeypatch.setattr(UserPool, "sign_out", lambda self, user_id: bool(found.append({"revoked": user_id})) or True)
    ending = lambda stream, records: found.extend(json.loads(one.to_record()["Data"]) for one in records)  # noqa: E731
    monkeypatch.setattr(outbox, "put", ending)
    return found


def _work(job: dict[str, Any]) -> Any:
    return accounts.worker({"Records": [{"messageId": "1", "body": json.dumps(job)}]}, Context())


def _ticket(user: str, signed_in_at: int) -> Answer:
    return call_http(realtime.handler, "POST", "/v1/realtime/tickets", user=user, body={}, signed_in_at=signed_in_at)


def _admits(ticket: str) -> bool:
    event = {"type": "REQUEST", "methodArn": "arn:aws:execute-api:x", "queryStringParameters": {"ticket": ticket}}
    answer: Any = realtime.authorizer(event, Context())
    return str(answer["policyDocument"]["Statement"][0]["Effect"]) == "Allow"


def test_a_sign_out_ends_earlier_sessions_and_allows_later_ones(network: Network, done: Jobs) -> None:
    person, other, before = network.person(), network.person(), int(time.time()) - 5
    early = [_ticket(one, before).body["ticket"] for one in (person, other)]
    asked = call_http(accounts.handler, "POST", "/v1/me/sign-out", user=person, signed_in_at=before)
    assert (asked.status, asked.body) == (202, {"state": "signing-out"})
    for _ in range(2):
        assert _work(done[0]) == {"batchItemFailures": []}
    assert done[1:] == [{"revoked": person}, {"end": person}] * 2
    refused = _ticket(person, before)
    assert (refused.status, refused.body["type"]) == (401, "signed-out")
    block = call_http(accounts.handler, "POST", "/v1/me/export", user=person, signed_in_at=before)
    assert block.status == 401
    assert [_admits(one) for one in early] == [False, True]
    again = _ticket(person, int(time.time()) + 1)
    assert again.status == 201
    assert _ticket(other, before).status == 201


@pytest.mark.parametrize(
    "path", ["/v1/me/export", "/v1/calls/ice-servers", "/v1/conversations/01ARZ3NDEKTSV4RRFFQ69G5FAV/link"]
)
def test_reads_that_grant_access_check_for_a_sign_out(network: Network, done: Jobs, path: str) -> None:
    person, before = network.person(), int(time.time()) - 5

    def read(at: str, signed_in_at: int, groups: str = "") -> int:
        return call_http(query.handler, "GET", at, user=person, signed_in_at=signed_in_at, groups=groups).status

    open_to_them, cases = read(path, before), "/v1/moderation/cases"
    assert (open_to_them in (200, 404), read(cases, before, "[moderators]")) == (True, 200)
    _work({"job": "sign-out", "userId": person, "at": datetime.now(UTC).isoformat()})
    assert [read(path, before), read(cases, before, "[moderators]")] == [401, 401]
    assert read(path, int(time.time()) + 1) == open_to_them


def test_a_late_sign_out_job_does_not_end_sessions_that_began_later(network: Network, done: Jobs) -> None:
    person, asked = network.person(), datetime.now(UTC) - timedelta(hours=1)
    assert _work({"job": "sign-out", "userId": person, "at": asked.isoformat()}) == {"batchItemFailures": []}
    assert _ticket(person, int(asked.timestamp())).status == 401
    fresh = _ticket(person, int(asked.timestamp()) + 1)
    assert fresh.status == 201
    assert _admits(fresh.body["ticket"])


def test_staff_can_sign_other_people_out(network: Network, done: Jobs) -> None:
    person, staff = network.person(), new_user()
    path = f"/v1/moderation/people/{person}/sign-out"

    def ask(user: str | None, groups: str = "", at: str = path) -> int:
        return call_http(moderation.handler, "POST", at, user=user, groups=groups).status

    assert [ask(None), ask(person), ask(staff), ask(staff, "[developers]")] == [403] * 4
    assert ask(staff, "[moderators]", "/v1/moderation/people/nobody/sign-out") == 404
    assert done == []
    assert [ask(staff, "[moderators]"), ask(staff, "[administrators]")] == [202, 202]
    assert [job["userId"] for job in done] == [person, person]
    logged = call_http(query.handler, "GET", "/v1/moderation/log", user=staff, groups="[moderators]").body["items"]
    entries = [(one["action"], one["moderator"]["id"], one["reason"]) for one in logged if one["subjectId"] == person]
    assert entries == [("sign-out", staff, None)] * 2


def test_a_sign_out_by_staff_is_always_logged(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    person, staff = network.person(), new_user()

    def no_answer(*_: Any, **__: Any) -> None:
        raise TimeoutError

    monkeypatch.setattr(accounts.queues, "send", no_answer)
    path = f"/v1/moderation/people/{person}/sign-out"
    assert call_http(moderation.handler, "POST", path, user=staff, groups="[moderators]").status == 500
    logged = call_http(query.handler, "GET", "/v1/moderation/log", user=staff, groups="[moderators]").body["items"]
    assert [one["action"] for one in logged if one["subjectId"] == person] == ["sign-out"]
