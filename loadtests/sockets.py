"""Base of those who have a device open: latency is from the sender's clock to the arrival."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, ClassVar

import httpx
from locust import User, constant_pacing

from kit.client import Account, Api, Endpoints, Socket
from kit.client.api import Problem
from kit.client.socket import Frame, SocketError
from loadtests.browsing import people_of


class SocketPerson(User):
    """Base of the socket scenarios: latency is from the sender's clock in the payload to the arrival."""

    abstract = True
    wait_time = constant_pacing(2)
    host_not_needed: ClassVar[bool] = True

    def on_start(self) -> None:
        self.endpoints: Endpoints = people_of(self.environment).endpoints
        self.sockets: list[Socket] = []
        self.apis: list[Api] = []

    def on_stop(self) -> None:
        for socket in self.sockets:
            with suppress(OSError):
                socket.close()
        for api in self.apis:
            api.close()

    def open(self, account: Account) -> tuple[Api, Socket]:
        api = Api(self.endpoints, account)
        self.apis.append(api)
        begun = time.time()
        socket = Socket(self.endpoints, api)
        self.report("connect", begun, time.time())
        self.sockets.append(socket)
        return api, socket

    def report(self, name: str, begun: float, ended: float, error: Exception | None = None) -> None:
        self.environment.events.request.fire(
            request_type="WS", name=name, response_time=(ended - begun) * 1000, response_length=0, exception=error
        )

    def arrival(self, socket: Socket, kind: str, fits: Any, name: str, begun: float) -> Frame | None:
        """Wait for an event, report its latency by the socket's arrival time, and forget what has arrived."""
        try:
            frame = socket.wait(kind, fits, seconds=10)
        except TimeoutError as error:
            self.report(name, begun, time.time(), error)
            return None
        arrived = next(at for at, one in socket.events if one is frame)
        socket.events.clear()
        self.report(name, begun, arrived)
        return frame

    def awaited(self, name: str, begun: float, act: Callable[[], object]) -> bool:
        """Report how long after ``begun`` ``act`` ended, or that it failed; whether it did not."""
        try:
            act()
        except (Problem, SocketError, TimeoutError, OSError, RuntimeError, httpx.HTTPError) as error:
            self.report(name, begun, time.time(), error)
            return False
        self.report(name, begun, time.time())
        return True
