"""Work after the response: projections of streams, and consumers of domain events."""

from __future__ import annotations

from constructs import Construct

from infra.constants import (
    IDEMPOTENCY,
    LIVE,
    MEDIA,
    MODERATION,
    NOTIFICATIONS,
    POSTS,
    PROFILES,
    QUEUE_DUE,
    QUEUE_INAPP,
    QUEUE_LIVE,
    QUEUE_LIVE_LOOKS,
    QUEUE_MOBILE,
    QUEUE_MODERATION,
    QUEUE_PUSH,
    QUEUE_TIMELINES,
    TIMELINES,
    physical,
)
from infra.constructs.clock import every_minute
from infra.constructs.functions import CONSUMER_TIMEOUT, python_function
from infra.constructs.registry import ConnectionRegistry
from infra.constructs.stack import AppStack
from infra.constructs.triggers import QueueTrigger, changes_of
from infra.constructs.uses import (
    Use,
    asks_media_server,
    closes_accounts,
    publishes,
    pushes_frames,
    pushes_to_phones,
    puts,
    reads,
    sends,
    signs_pushes,
    writes,
)
from infra.keys import push_public_key
from infra.stacks.data import DataStack
from infra.stacks.messaging import MessagingStack
from infra.targets import Target


class BackgroundStack(AppStack):
    """Projectors, timelines, notifications."""

    def __init__(
        self,
        scope: Construct,
        target: Target,
        data: DataStack,
        messaging: MessagingStack,
        registry: ConnectionRegistry,
    ) -> None:
        super().__init__(scope, "background", target)
        self._registry = registry
        self._tables, self._messaging = data.tables, messaging
        self._build_projector("post-projector", "posts.handler.projector", POSTS)
        self._build_projector("profile-projector", "profiles.handler.projector", PROFILES)
        self._build_sweeper()
        self._build_due()
        self._build_projector("moderation-projector", "moderation.handler.projector", MODERATION)
        self._build_applier()
        self._build_timeline()
        self._build_live()
        self._build_notifier()
        self._build_pusher()
        self._build_mobile_pusher()

    def _build_projector(self, name: str, entry: str, table: str) -> None:
        """Counters of its own table, and domain events."""
        python_function(
            self,
            name,
            entry,
            uses=[*writes(self._tables[table]), *publishes(self._messaging.topic)],
            triggers=[changes_of(self._tables[table])],
            timeout=CONSUMER_TIMEOUT,
        )

    def _build_sweeper(self) -> None:
        """Scheduled posts and ends of polls: a sweep every minute sends a message that is due to the second."""
        tables, queue = self._tables, self._messaging.queues[QUEUE_DUE]
        sweeper = python_function(
            self,
            "post-sweeper",
            "posts.handler.sweeper",
            uses=[*reads(tables[POSTS]), *sends(queue)],
            timeout=CONSUMER_TIMEOUT,
            asynchronous=True,
        )
        every_minute(self, physical("post-sweeper"), sweeper)

    def _build_due(self) -> None:
        """Executes due messages, each once."""
        tables, queue = self._tables, self._messaging.queues[QUEUE_DUE]
        python_function(
            self,
            "post-due",
            "posts.handler.due",
            uses=[
                *writes(tables[POSTS]),
                *reads(tables[PROFILES], tables[MEDIA]),
                *puts(tables[TIMELINES]),
                *sends(queue),
                *publishes(self._messaging.topic),
            ],
            triggers=[QueueTrigger(queue)],
            timeout=CONSUMER_TIMEOUT,
        )

    def _build_applier(self) -> None:
        """Applies decisions of moderators to posts, people and the limiter of commands."""
        queue = self._messaging.queues[QUEUE_MODERATION]
        self.applier = python_function(
            self,
            "moderation-applier",
            "moderation.handler.applier",
            uses=[
                *writes(self._tables[POSTS], self._tables[PROFILES]),
                *closes_accounts(self._tables[IDEMPOTENCY]),
                *sends(queue),
            ],
            triggers=[QueueTrigger(queue)],
            timeout=CONSUMER_TIMEOUT,
        )

    def _build_timeline(self) -> None:
        queue = self._messaging.queues[QUEUE_TIMELINES]
        self.timeline = python_function(
            self,
            "timeline",
            "timelines.handler.fanout",
            uses=[
                *writes(self._tables[TIMELINES]),
                *reads(self._tables[PROFILES]),
                *sends(queue),
                *pushes_frames(self._messaging.stream),
            ],
            triggers=[QueueTrigger(queue)],
            timeout=CONSUMER_TIMEOUT,
        )

    def _build_live(self) -> None:
        """Broadcasts: projects their changes, polls the media server, ends them on events of other contexts."""
        tables, messaging = self._tables, self._messaging
        looks = messaging.queues[QUEUE_LIVE_LOOKS]
        python_function(
            self,
            "live-projector",
            "live.handler.projector",
            uses=[
                *reads(tables[LIVE], tables[PROFILES]),
                *sends(looks),
                *pushes_frames(messaging.stream),
                *publishes(messaging.topic),
            ],
            triggers=[changes_of(tables[LIVE])],
            timeout=CONSUMER_TIMEOUT,
        )
        python_function(
            self,
            "live-timer",
            "live.handler.timer",
            uses=[*writes(tables[LIVE]), *sends(looks), *asks_media_server(self, self.target)],
            triggers=[QueueTrigger(looks)],
            timeout=CONSUMER_TIMEOUT,
        )
        python_function(
            self,
            "live-listener",
            "live.handler.listener",
            uses=writes(tables[LIVE]),
            triggers=[QueueTrigger(messaging.queues[QUEUE_LIVE])],
            timeout=CONSUMER_TIMEOUT,
        )

    def _build_notifier(self) -> None:
        self.notifier = python_function(
            self,
            "notifier",
            "notifications.handler.notifier",
            uses=[
                *self._reads_of_notifications(),
                *pushes_frames(self._messaging.stream),
                *publishes(self._messaging.topic),
            ],
            triggers=[QueueTrigger(self._messaging.queues[QUEUE_INAPP])],
            placement=self._registry.placement,
            timeout=CONSUMER_TIMEOUT,
        )

    def _build_pusher(self) -> None:
        """Web Push. Phones have a function and a queue of their own, so that they do not wait for a browser's service
        that is down."""
        self.pusher = python_function(
            self,
            "pusher",
            "notifications.handler.pusher",
            uses=[*self._reads_of_notifications(), *signs_pushes(self)],
            triggers=[QueueTrigger(self._messaging.queues[QUEUE_PUSH])],
            placement=self._registry.placement,
            layers=["push"],
            timeout=CONSUMER_TIMEOUT,
            environment={"PUSH_ALLOWED_HOSTS": self.target.push_hosts},
        )
        self.output("VapidPublicKey", push_public_key(self))

    def _build_mobile_pusher(self) -> None:
        self.mobile_pusher = python_function(
            self,
            "mobile-pusher",
            "notifications.handler.mobile_pusher",
            uses=[*self._reads_of_notifications(), *pushes_to_phones(self.target)],
            triggers=[QueueTrigger(self._messaging.queues[QUEUE_MOBILE])],
            placement=self._registry.placement,
            timeout=CONSUMER_TIMEOUT,
        )

    def _reads_of_notifications(self) -> list[Use]:
        """Reads its own items, profiles and follows, posts, and connections."""
        tables = self._tables
        return [
            *writes(tables[NOTIFICATIONS]),
            *reads(tables[PROFILES], tables[POSTS]),
            *self._registry.read(),
        ]
