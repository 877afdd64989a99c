"""The transport over API Gateway's WebSocket API: a registry of connections and ``@connections``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from services.common.clock import now
from services.common.observability import logger
from services.common.settings import settings
from services.realtime.model import Connection, Connections
from services.realtime.transport import Delivery, Frame, Outcome, TransportDown, encode

#: Devices that are posted to at the same time; one that hangs costs a slot for ``_POST_TIMEOUT`` once, then is cut off.
_WORKERS = 32
_POST_TIMEOUT = 2
#: What says "this connection", as opposed to "this API": codes of PostToConnection.
#: https://docs.aws.amazon.com/apigatewaymanagementapi/latest/api/  (410 Gone, 413, 429 per connection)
_GONE = "GoneException"
_CANNOT_KEEP_UP = {"LimitExceededException", "PayloadTooLargeException"}


class Gone(Exception):
    """The connection does not exist (any more)."""


class Stuck(Exception):
    """The connection exists but does not take frames."""


class Carrier(Protocol):
    """What the transport needs of API Gateway: the two calls of ``@connections``."""

    def post(self, device: str, data: bytes) -> None:
        """Raises ``Gone``, ``Stuck`` or ``TransportDown``."""

    def cut(self, device: str) -> None:
        """End the connection; best effort."""


class ManagementApi:
    """``Carrier`` by the API Gateway Management API at ``WEBSOCKET_CALLBACK_URL``."""

    def __init__(self, endpoint_url: str) -> None:
        config = Config(
            connect_timeout=1,
            read_timeout=_POST_TIMEOUT,
            retries={"mode": "standard", "total_max_attempts": 2},
            max_pool_connections=_WORKERS,
        )
        self._client: Any = boto3.client("apigatewaymanagementapi", endpoint_url=endpoint_url, config=config)

    def post(self, device: str, data: bytes) -> None:
        try:
            self._client.post_to_connection(ConnectionId=device, Data=data)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == _GONE or error.response["ResponseMetadata"]["HTTPStatusCode"] == 410:
                raise Gone(device) from error
            if code in _CANNOT_KEEP_UP:
                raise Stuck(device) from error
            raise TransportDown(str(error)) from error
        except (ReadTimeoutError, ConnectionClosedError) as error:
            raise Stuck(device) from error
        except Exception as error:
            raise TransportDown(str(error)) from error

    def cut(self, device: str) -> None:
        try:
            self._client.delete_connection(ConnectionId=device)
        except Exception as error:
            logger.info("a connection could not be ended", extra={"reason": repr(error)[:200]})


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_WORKERS, thread_name_prefix="devices")


@cache
def _management_api() -> Carrier:
    return ManagementApi(settings().require("websocket_callback_url"))


class ApiGatewayTransport:
    """``Transport`` on a registry of connections and a carrier."""

    def __init__(self, connections: Connections, carrier: Callable[[], Carrier] = _management_api) -> None:
        self._connections = connections
        self._carrier = carrier

    def open(self, user_id: str, device: str) -> None:
        self._connections.add(Connection(user_id, device, now()))

    def close(self, device: str, user_id: str | None = None) -> None:
        self._connections.remove(device, user_id)

    def present(self, user_id: str) -> bool:
        return bool(self._connections.of_user(user_id))

    def reply(self, device: str, frame: Frame) -> None:
        try:
            self._carrier().post(device, encode(frame))
        except Gone:
            logger.info("the asker is gone")
        except Exception as error:
            logger.warning("an answer was lost", extra={"reason": repr(error)[:200]})

    def send(self, deliveries: Iterable[Delivery]) -> Outcome:
        encoded = [(delivery, encode(delivery.frame)) for delivery in deliveries]
        users = list(dict.fromkeys(user for delivery, _ in encoded for user in delivery.users))
        queues: list[tuple[Connection, list[bytes]]] = []
        for user, connections in zip(users, _pool().map(self._connections.of_user, users), strict=True):
            queues += [(connection, frames_for(connection, user, encoded)) for connection in connections]
        work = [_pool().submit(self._drain, connection, frames) for connection, frames in queues if frames]
        outcome, down = Outcome(), None
        for future in work:
            try:
                outcome += future.result()
            except TransportDown as error:
                down = error
        if down is not None:
            raise down
        return outcome

    def _drain(self, connection: Connection, frames: Sequence[bytes]) -> Outcome:
        """Post the frames of one device one after the other, which is what keeps their order."""
        carrier = self._carrier()
        for done, data in enumerate(frames):
            try:
                carrier.post(connection.device, data)
            except Gone:
                if not connection.is_opening(now()):
                    self.close(connection.device, connection.user_id)
                return Outcome(delivered=done, gone=1)
            except Stuck:
                # It comes back with a fresh connection and resumes; waiting for it would hold up everyone else.
                self.close(connection.device, connection.user_id)
                carrier.cut(connection.device)
                return Outcome(delivered=done, cut_off=1)
        return Outcome(delivered=len(frames))


def frames_for(connection: Connection, user: str, encoded: Sequence[tuple[Delivery, bytes]]) -> list[bytes]:
    """What of ``encoded`` goes to this device of ``user``, in order."""
    return [data for delivery, data in encoded if user in delivery.users and delivery.leave_out != connection.device]
