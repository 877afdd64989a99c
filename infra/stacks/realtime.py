"""RTC: the WebSocket API, chat and calls, and the fan-out of frames from Kinesis to people's devices."""

from __future__ import annotations

from constructs import Construct

from infra.constants import (
    CALLS,
    CHAT,
    IDEMPOTENCY,
    MEDIA,
    PROFILES,
    QUEUE_CALL_TIMEOUTS,
    QUEUE_CALLS,
    QUEUE_CHAT_ARRIVALS,
    REALTIME,
    WEBSOCKET_STAGE,
)
from infra.constructs.functions import CONSUMER_TIMEOUT, python_function
from infra.constructs.registry import ConnectionRegistry
from infra.constructs.stack import AppStack
from infra.constructs.triggers import QueueTrigger, changes_of, records_of
from infra.constructs.uses import (
    Use,
    behind_cloudfront,
    idempotent,
    makes_media_tokens,
    publishes,
    publishes_pictures,
    pushes_frames,
    reads,
    sends,
    signs_media,
    talks,
    writes,
)
from infra.constructs.websocket import SocketApi, access_log_group
from infra.stacks.data import DataStack
from infra.stacks.media import MediaStack
from infra.stacks.messaging import MessagingStack
from infra.targets import Target

CHAT_ACTIONS = ("chat.send", "chat.read", "chat.delivered", "chat.typing", "chat.presence")
CALL_ACTIONS = (
    "call.current", "call.start", "call.accept", "call.decline", "call.hangup", "call.here", "call.leave",
    "call.signal", "room.read", "room.join", "room.here", "room.leave", "room.signal",
)  # fmt: skip
REALTIME_ROUTES = ("$connect", "$disconnect", "$default", "ping")
_RATE, _BURST = 500, 1000


class RealtimeStack(AppStack):
    """Chat and call functions serve both APIs: their sockets here, their HTTP routes in the API stack."""

    def __init__(
        self, scope: Construct, target: Target, data: DataStack, messaging: MessagingStack, media: MediaStack
    ) -> None:
        super().__init__(scope, "realtime", target)
        self._tables, self._messaging = data.tables, messaging
        self._media_bucket = media.bucket_name, media.bucket_arn
        self.sockets = SocketApi(self)
        self.registry = ConnectionRegistry(self, self._tables[REALTIME])
        self._build_connections()
        self._build_chat()
        self._build_chat_relay()
        self._build_chat_arrivals()
        self._build_call()
        self._build_call_projector()
        self._build_call_timeout()
        self._build_call_listener()
        self._build_routes()
        self.output("WebSocketApiId", self.sockets.api_id)

    def talks(self) -> list[Use]:
        """The rights to send to sockets, to read connections, and to publish that one is gone."""
        sockets = self.sockets
        return [
            *self.registry.written(),
            *talks(self.target, sockets.api_id, sockets.arn, WEBSOCKET_STAGE),
            *publishes(self._messaging.topic),
        ]

    def _build_connections(self) -> None:
        """Open, close and authorize connections; carry frames to them."""
        table, placement = self._tables[REALTIME], self.registry.placement
        self.realtime = python_function(
            self,
            "realtime",
            "realtime.handler.handler",
            uses=[
                *self.talks(),
                *writes(table),
                *idempotent(self._tables[IDEMPOTENCY], self.target),
                *behind_cloudfront(self),
            ],
            placement=placement,
        )
        self.authorizer = python_function(
            self, "realtime-authorizer", "realtime.handler.authorizer", uses=writes(table)
        )
        self.fanout = python_function(
            self,
            "realtime-fanout",
            "realtime.handler.fanout",
            uses=self.talks(),
            triggers=[records_of("frames", self._messaging.stream)],
            timeout=CONSUMER_TIMEOUT,
            placement=placement,
        )

    def _build_chat(self) -> None:
        tables = self._tables
        self.chat = python_function(
            self,
            "chat",
            "chat.handler.handler",
            uses=[
                *writes(tables[CHAT]),
                *reads(tables[PROFILES], tables[MEDIA]),
                *idempotent(tables[IDEMPOTENCY], self.target),
                *behind_cloudfront(self),
                *self.talks(),
                *publishes_pictures(*self._media_bucket),
                *signs_media(self),
            ],
            layers=["signing"],
            placement=self.registry.placement,
        )

    def _build_chat_relay(self) -> None:
        tables, messaging = self._tables, self._messaging
        self.chat_relay = python_function(
            self,
            "chat-relay",
            "chat.handler.relay",
            uses=[
                *writes(tables[CHAT]),
                *reads(tables[PROFILES]),
                *pushes_frames(messaging.stream),
                *publishes(messaging.topic),
                *sends(messaging.queues[QUEUE_CHAT_ARRIVALS]),
                *self.registry.read(),
                *signs_media(self),
            ],
            layers=["signing"],
            placement=self.registry.placement,
            triggers=[changes_of(tables[CHAT])],
            timeout=CONSUMER_TIMEOUT,
        )

    def _build_chat_arrivals(self) -> None:
        tables, messaging = self._tables, self._messaging
        self.chat_arrivals = python_function(
            self,
            "chat-arrivals",
            "chat.handler.arrival",
            uses=[*reads(tables[CHAT]), *publishes(messaging.topic)],
            triggers=[QueueTrigger(messaging.queues[QUEUE_CHAT_ARRIVALS])],
            timeout=CONSUMER_TIMEOUT,
        )

    def _build_call(self) -> None:
        tables = self._tables
        self.call = python_function(
            self,
            "call",
            "calls.handler.handler",
            uses=[
                *writes(tables[CALLS]),
                *reads(tables[PROFILES], tables[CHAT]),
                *idempotent(tables[IDEMPOTENCY], self.target),
                *behind_cloudfront(self),
                *self.talks(),
                *makes_media_tokens(self, self.target.sfu_url),
            ],
            placement=self.registry.placement,
        )

    def _build_call_projector(self) -> None:
        messaging = self._messaging
        self.call_projector = python_function(
            self,
            "call-projector",
            "calls.handler.projector",
            uses=[
                *sends(messaging.queues[QUEUE_CALL_TIMEOUTS]),
                *pushes_frames(messaging.stream),
                *publishes(messaging.topic),
            ],
            triggers=[changes_of(self._tables[CALLS])],
            timeout=CONSUMER_TIMEOUT,
        )

    def _build_call_timeout(self) -> None:
        """Ends unanswered calls, and checks the parties' devices repeatedly, by delayed messages to itself."""
        timeouts = self._messaging.queues[QUEUE_CALL_TIMEOUTS]
        self.call_timeout = python_function(
            self,
            "call-timeout",
            "calls.handler.timeout",
            uses=[*writes(self._tables[CALLS]), *self.talks(), *sends(timeouts)],
            triggers=[QueueTrigger(timeouts)],
            timeout=CONSUMER_TIMEOUT,
            placement=self.registry.placement,
        )

    def _build_call_listener(self) -> None:
        self.call_listener = python_function(
            self,
            "call-listener",
            "calls.handler.listener",
            uses=writes(self._tables[CALLS]),
            triggers=[QueueTrigger(self._messaging.queues[QUEUE_CALLS])],
            timeout=CONSUMER_TIMEOUT,
        )

    def _build_routes(self) -> None:
        ticket = self.sockets.authorize_connections(self.authorizer)
        self.sockets.route(self.realtime, REALTIME_ROUTES, ticket)
        self.sockets.route(self.chat, CHAT_ACTIONS)
        self.sockets.route(self.call, CALL_ACTIONS)
        self.sockets.deploy(access_log_group(self, "realtime"), rate=_RATE, burst=_BURST)
