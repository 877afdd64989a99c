"""Goes on as the browser does when a token is refused: fetch a new one once, then ask again.

A server whose clock went back refuses tokens that begin in its future, as API Gateway does.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator

import httpx

from kit.client import Account


class Refreshing(httpx.Auth):
    """The session of one person, shared by several threads.

    Args:
        refresh: new tokens for an account. What it raises ends the request.
    """

    def __init__(self, account: Account, refresh: Callable[[Account], Account]) -> None:
        self._account, self._refresh = account, refresh
        self._lock = threading.Lock()

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        sent = self._account
        request.headers["authorization"] = f"Bearer {sent.access_token}"
        answer = yield request
        if answer.status_code != httpx.codes.UNAUTHORIZED:
            return
        with self._lock:
            if self._account is sent:
                self._account = self._refresh(sent)
        request.headers["authorization"] = f"Bearer {self._account.access_token}"
        yield request
