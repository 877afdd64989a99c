"""In `make crash`, a session whose token is refused gets a new one and continues, as the browser does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest

from kit.client import Account
from loadtests.crash.session import Refreshing

_FIRST = Account("u1", "a@example.com", "old", "id", "refresh")


def _client(taken: Callable[[], str], refreshed: list[Account]) -> httpx.Client:
    def answer(request: httpx.Request) -> httpx.Response:
        is_good = request.headers["authorization"] == f"Bearer {taken()}"
        return httpx.Response(200 if is_good else 401, text=request.content.decode())

    def refresh(account: Account) -> Account:
        refreshed.append(account)
        return replace(account, access_token=f"new{len(refreshed)}")

    auth = Refreshing(_FIRST, refresh)
    return httpx.Client(base_url="http://a.example", auth=auth, transport=httpx.MockTransport(answer))


@pytest.mark.parametrize(("good", "refreshes"), [("old", 0), ("new1", 1)])
def test_a_refused_token_is_renewed_once_and_the_request_sent_again(good: str, refreshes: int) -> None:
    refreshed: list[Account] = []
    with _client(lambda: good, refreshed) as client:
        for _ in range(2):
            answer = client.post("/v1/posts", content="body")
            assert (answer.status_code, answer.text) == (200, "body")
    assert len(refreshed) == refreshes


def test_a_refused_person_refreshes_the_token_only_once() -> None:
    refreshed: list[Account] = []
    with _client(lambda: "none", refreshed) as client:
        assert client.get("/v1/me").status_code == 401
    assert len(refreshed) == 1
