"""The transport on a registry of connections and what sends frames to them: ``@connections``, or a session server."""

from __future__ import annotations

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
from services.realtime.frame_sender import ConnectionGone, FrameSender, SlowConsumer
from services.realtime.model import Connection, Connections
from services.realtime.settings import FrameSenderSettings, RegistrySettings
from services.realtime.transport import Delivery, Frame, Outcome, TransportDown, encode
from services.realtime.workers import WORKERS, pool

__all__ = ["ConnectionGone", "FrameSender", "RegistryTransport", "SlowConsumer", "frame_senders", "registry"]

#: Seconds that one device may take for one frame.
POST_TIMEOUT = 2
_CONNECT_TIMEOUT = 1
#: What says "this connection", as opposed to "this API": codes of PostToConnection.
#: https://docs.aws.amazon.com/apigatewaymanagementapi/latest/api/  (410 Gone, 413, 429 per connection)
_GONE = "GoneException"
_CANNOT_KEEP_UP = {"LimitExceededException", "PayloadTooLargeException"}


class ManagementApi:
    """``FrameSender`` by the API Gateway Management API at ``WEBSOCKET_CALLBACK_URL``.

    A frame is posted by ``wire``: a group's message is as many posts as it has devices. What is neither taken nor gone
    goes the usual way, with botocore's retries and errors.
    """

    def __init__(self, endpoint_url: str) -> None:
        config = Config(
            connect_timeout=_CONNECT_TIMEOUT,
            read_timeout=POST_TIMEOUT,
            retries={"mode": "standard", "total_max_attempts": 2},
            max_pool_connections=WORKERS,
        )
        self._client: Any = boto3.client("apigatewaymanagementapi", endpoint_url=endpoint_url, config=config)
        self._http = wire.session(_CONNECT_TIMEOUT, POST_TIMEOUT, WORKERS)

    def post(self, device: str, data: bytes) -> None:
        status = self._posted(device, data)
        if status == 410:
            raise ConnectionGone(device)
        if status != 200:
            self._post_with_retries(device, data)

    def _posted(self, device: str, data: bytes) -> int | None:
        """What one try is answered with; ``None`` where there was no answer."""
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
        users = list(dict.fromkeys(user for delivery, _ in encoded for user in delivery.users))
        queues: list[tuple[Connection, list[bytes]]] = []
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

    def _drain(self, connection: Connection, frames: Sequence[bytes]) -> Outcome:
        """Post the frames of one device one after the other, which is what keeps their order."""
        frame_sender = self._frame_sender()
        for done, data in enumerate(frames):
            try:
                frame_sender.post(connection.device, data)
            except ConnectionGone:
                if not connection.is_opening(now()):
                    self.close(connection.device, connection.user_id)
                return Outcome(delivered=done, gone=1)
            except SlowConsumer:
                # It comes back with a fresh connection and resumes; waiting for it would hold up everyone else.
                self.close(connection.device, connection.user_id)
                frame_sender.disconnect(connection.device)
                return Outcome(delivered=done, disconnected=1)
        return Outcome(delivered=len(frames))


def frames_for(connection: Connection, user: str, encoded: Sequence[tuple[Delivery, bytes]]) -> list[bytes]:
    """What of ``encoded`` goes to this device of ``user``, in order."""
    return [data for delivery, data in encoded if user in delivery.users and delivery.leave_out != connection.device]
