"""The transport on a registry of connections and a sender of frames: ``@connections``, or a session server."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache
from typing import Any
from urllib.parse import quote

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectionClosedError, ReadTimeoutError

from services.common import wire
from services.common.clock import now
from services.common.observability import logger
from services.common.traced_clients import traced
from services.common.tracing import told
from services.realtime.frame_sender import ConnectionGone, FrameSender, SlowConsumer
from services.realtime.model import Connection, Connections
from services.realtime.settings import FrameSenderSettings, RegistrySettings
from services.realtime.transport import Delivery, Frame, Outcome, TransportDown, encode
from services.realtime.workers import WORKERS, pool

__all__ = ["ConnectionGone", "FrameSender", "RegistryTransport", "SlowConsumer", "frame_senders", "registry"]

#: Seconds that one device may take for one frame.
POST_TIMEOUT = 2
_CONNECT_TIMEOUT = 1
#: Error codes of PostToConnection about the connection, as opposed to the API.
#: https://docs.aws.amazon.com/apigatewaymanagementapi/latest/api/  (410 Gone, 413, 429 per connection)
_GONE = "GoneException"
#: A frame at a device, in its trace.
_NODE, _ORIGIN = "socket", "AWS::ApiGatewayV2::Connection"
_CANNOT_KEEP_UP = {"LimitExceededException", "PayloadTooLargeException"}


Encoded = tuple[Delivery, bytes]


class ManagementApi:
    """``FrameSender`` by the API Gateway Management API at ``WEBSOCKET_CALLBACK_URL``.

    A frame is posted by ``wire``: a message to a group is one post per device. After any response except success and
    410, the post goes to botocore, with its retries and errors.
    """

    def __init__(self, endpoint_url: str) -> None:
        config = Config(
            connect_timeout=_CONNECT_TIMEOUT,
            read_timeout=POST_TIMEOUT,
            retries={"mode": "standard", "total_max_attempts": 2},
            max_pool_connections=WORKERS,
        )
        self._client: Any = traced(boto3.client("apigatewaymanagementapi", endpoint_url=endpoint_url, config=config))
        self._http = wire.session(_CONNECT_TIMEOUT, POST_TIMEOUT, WORKERS)

    def post(self, device: str, data: bytes) -> None:
        status = self._posted(device, data)
        if status == 410:
            raise ConnectionGone(device)
        if status != 200:
            self._post_with_retries(device, data)

    def _posted(self, device: str, data: bytes) -> int | None:
        """The response to one try; ``None`` without a response."""
        url = f"{self._client.meta.endpoint_url}/@connections/{quote(device, safe='')}"
        headers = {"Content-Type": "application/octet-stream"}
        try:
            return wire.post(self._http, self._client, "execute-api", url, data, headers).status_code
        except ReadTimeoutError as error:
            raise SlowConsumer(device) from error
        except BotoCoreError as error:
            logger.info("a frame was not posted, now with retries", extra={"reason": repr(error)[:200]})
            return None

    def _post_with_retries(self, device: str, data: bytes) -> None:
        try:
            self._client.post_to_connection(ConnectionId=device, Data=data)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == _GONE or error.response["ResponseMetadata"]["HTTPStatusCode"] == 410:
                raise ConnectionGone(device) from error
            if code in _CANNOT_KEEP_UP:
                raise SlowConsumer(device) from error
            raise TransportDown(str(error)) from error
        except (ReadTimeoutError, ConnectionClosedError) as error:
            raise SlowConsumer(device) from error
        except Exception as error:
            raise TransportDown(str(error)) from error

    def disconnect(self, device: str) -> None:
        try:
            self._client.delete_connection(ConnectionId=device)
        except Exception as error:
            logger.info("a connection could not be ended", extra={"reason": repr(error)[:200]})


@cache
def _management_api() -> FrameSender:
    return ManagementApi(FrameSenderSettings.read().websocket_callback_url)


@cache
def frame_senders() -> FrameSender:
    """API Gateway's, and a session server's beside it where there is one (``WEBTRANSPORT_CALLBACK_URL``)."""
    url = FrameSenderSettings.read().webtransport_callback_url
    if not url:
        return _management_api()
    from services.realtime.sessions import ByKind, SessionServer

    return ByKind(SessionServer(url), _management_api)


@cache
def registry() -> Connections:
    """The table, or Redis where ``REALTIME_REGISTRY_URL`` names one."""
    found = RegistrySettings.read()
    if found.realtime_registry_url:
        from services.realtime.redis_registry import redis_connections

        return redis_connections(found.realtime_registry_url)
    from services.realtime.repository import ConnectionTable

    return ConnectionTable(found.table_realtime)


class RegistryTransport:
    """``Transport`` on a registry of connections and a frame sender."""

    def __init__(
        self,
        connections: Connections,
        frame_sender: Callable[[], FrameSender] = _management_api,
        tell_left: Callable[[str, str], None] = lambda user_id, device: None,
    ) -> None:
        self._connections = connections
        self._frame_sender = frame_sender
        self._tell_left = tell_left

    def open(self, user_id: str, device: str) -> None:
        self._connections.add(Connection(user_id, device, now()))

    def close(self, device: str, user_id: str | None = None) -> None:
        self._connections.remove(device, user_id)
        if user_id:
            self._tell_left(user_id, device)

    def end(self, user_id: str) -> int:
        connections = self._connections.of_users([user_id])[user_id]
        for connection in connections:
            self.close(connection.device, user_id)
            self._frame_sender().disconnect(connection.device)
        return len(connections)

    def seen(self, user_id: str, device: str) -> bool:
        return self._connections.restore(Connection(user_id, device, now()))

    def is_open(self, user_id: str, device: str) -> bool:
        return any(one.device == device for one in self._connections.of_users([user_id])[user_id])

    def present(self, user_id: str) -> bool:
        return bool(self._connections.of_users([user_id])[user_id])

    def present_among(self, user_ids: Collection[str]) -> set[str]:
        return self._connections.present(user_ids) if user_ids else set()

    def reply(self, device: str, frame: Frame) -> None:
        try:
            self._frame_sender().post(device, encode(frame))
        except ConnectionGone:
            logger.info("the asker is gone")
        except Exception as error:
            logger.warning("an answer was lost", extra={"reason": repr(error)[:200]})

    def send(self, deliveries: Iterable[Delivery]) -> Outcome:
        encoded = [(delivery, encode(delivery.frame)) for delivery in deliveries]
        if len(encoded) == 1 and encoded[0][0].only is not None and len(encoded[0][0].users) == 1:
            return self._send_to_device(*encoded[0])
        users = list(dict.fromkeys(user for delivery, _ in encoded for user in delivery.users))
        queues: list[tuple[Connection, list[Encoded]]] = []
        for user, connections in (self._connections.of_users(users) if users else {}).items():
            queues += [(connection, frames_for(connection, user, encoded)) for connection in connections]
        work = [pool().submit(self._drain, connection, frames) for connection, frames in queues if frames]
        outcome, down = Outcome(), None
        for future in work:
            try:
                outcome += future.result()
            except TransportDown as error:
                down = error
        if down is not None:
            raise down
        return outcome

    def _send_to_device(self, delivery: Delivery, data: bytes) -> Outcome:
        """The caller that names a device knows its user: the registry is read only when the device is gone."""
        (user,), device = delivery.users, delivery.only
        assert device is not None
        try:
            self._post(device, delivery, data)
        except ConnectionGone:
            known = [one for one in self._connections.of_users([user])[user] if one.device == device]
            if known and not known[0].is_opening(now()):
                self.close(device, user)
            return Outcome(gone=1)
        except SlowConsumer:
            self.close(device, user)
            self._frame_sender().disconnect(device)
            return Outcome(disconnected=1)
        return Outcome(delivered=1)

    def _post(self, device: str, delivery: Delivery, data: bytes) -> None:
        began = time.time()
        self._frame_sender().post(device, data)
        if header := delivery.frame.get("trace"):
            told(_NODE, _ORIGIN, began, header, device=device)

    def _drain(self, connection: Connection, frames: Sequence[Encoded]) -> Outcome:
        """Post the frames of one device one after the other, to keep their order."""
        for done, (delivery, data) in enumerate(frames):
            try:
                self._post(connection.device, delivery, data)
            except ConnectionGone:
                if not connection.is_opening(now()):
                    self.close(connection.device, connection.user_id)
                return Outcome(delivered=done, gone=1)
            except SlowConsumer:
                # It comes back with a fresh connection and resumes; waiting for it would hold up everyone else.
                self.close(connection.device, connection.user_id)
                self._frame_sender().disconnect(connection.device)
                return Outcome(delivered=done, disconnected=1)
        return Outcome(delivered=len(frames))


def frames_for(connection: Connection, user: str, encoded: Sequence[Encoded]) -> list[Encoded]:
    """The frames of ``encoded`` for this device of ``user``, in order."""
    return [one for one in encoded if one[0].is_for(user, connection.device)]
