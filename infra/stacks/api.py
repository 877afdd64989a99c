"""The API: command functions that write one context each, and the query function that reads them all."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.constants import (
    ACCOUNTS,
    AUDIT,
    CALLS,
    CHAT,
    IDEMPOTENCY,
    LIVE,
    MEDIA,
    MODERATION,
    NOTIFICATIONS,
    POSTS,
    PROFILES,
    QUEUE_TIMELINES,
    TIMELINES,
)
from infra.constructs.functions import python_function
from infra.constructs.http_api import GatedApi
from infra.constructs.stack import AppStack
from infra.constructs.uses import (
    accepts_uploads,
    appends,
    asks_media_server,
    behind_cloudfront,
    counts_commands,
    idempotent,
    makes_turn_credentials,
    publishes,
    publishes_pictures,
    pushes_frames,
    pushes_to_phones,
    puts,
    reads,
    searches,
    sends,
    signs_media,
    writes,
)
from infra.routes import OPEN_ROUTE, ROUTES
from infra.stacks.accounts import AccountsStack
from infra.stacks.auth import AuthStack
from infra.stacks.data import DataStack
from infra.stacks.media import MediaStack
from infra.stacks.messaging import MessagingStack
from infra.stacks.realtime import RealtimeStack
from infra.stacks.search import SearchStack
from infra.targets import Target

_RATE, _BURST = 1000, 2000
#: Routes that cost more, or that nobody needs often.
_SLOWER = {"POST /v1/media": (50, 100), "POST /v1/realtime/{proxy+}": (200, 400)}


@dataclass(frozen=True)
class Below:
    """The stacks that the API stands on."""

    auth: AuthStack
    data: DataStack
    media: MediaStack
    search: SearchStack
    realtime: RealtimeStack
    messaging: MessagingStack
    accounts: AccountsStack


class ApiStack(AppStack):
    """HTTP API, JWT authorizer, routes, and the functions that have no other home."""

    def __init__(self, scope: Construct, target: Target, below: Below) -> None:
        super().__init__(scope, "api", target)
        self._tables, self._messaging = below.data.tables, below.messaging
        self.functions: dict[str, lambda_.Function] = {
            "profile": self._build_profile(below.media),
            "post": self._build_post(below.media),
            "notification": self._build_notification(),
            "account": below.accounts.account_function,
            "live": self._build_live(),
            "moderation": self._build_moderation(below.accounts, below.auth),
            "query": self._build_query(below.search, below.accounts),
            "chat": below.realtime.chat,
            "call": below.realtime.call,
            "realtime": below.realtime.realtime,
        }
        self.gate = GatedApi(self, issuer=below.auth.issuer, audience=below.auth.client.user_pool_client_id)
        for name, keys in ROUTES.items():
            for key in keys:
                self.gate.route(key, self.functions[name])
        self.gate.route(OPEN_ROUTE, self.functions["query"], is_open=True)
        self.gate.deploy(rate=_RATE, burst=_BURST, slower=_SLOWER)
        self.output("HttpApiId", self.gate.api_id)

    @property
    def domain_name(self) -> str:
        """Host of the HTTP API."""
        return f"{self.gate.api_id}.execute-api.{self.region}.amazonaws.com"

    def _build_profile(self, media: MediaStack) -> lambda_.Function:
        tables = self._tables
        return python_function(
            self,
            "profile",
            "profiles.handler.handler",
            uses=[
                *writes(tables[PROFILES]),
                *reads(tables[MEDIA], tables[POSTS]),
                *idempotent(tables[IDEMPOTENCY], self.target),
                *behind_cloudfront(self),
                *publishes_pictures(media.bucket_name, media.bucket_arn),
            ],
        )

    def _build_post(self, media: MediaStack) -> lambda_.Function:
        tables = self._tables
        return python_function(
            self,
            "post",
            "posts.handler.handler",
            uses=[
                *writes(tables[POSTS], tables[MEDIA], tables[TIMELINES]),
                *reads(tables[PROFILES]),
                *puts(tables[TIMELINES]),
                *idempotent(tables[IDEMPOTENCY], self.target),
                *behind_cloudfront(self),
                *accepts_uploads(self.target, media.bucket_name, media.bucket_arn),
                *signs_media(self),
            ],
            layers=["signing"],
        )

    def _build_notification(self) -> lambda_.Function:
        tables = self._tables
        return python_function(
            self,
            "notification",
            "notifications.handler.handler",
            uses=[
                *writes(tables[NOTIFICATIONS]),
                *reads(tables[POSTS], tables[PROFILES]),
                *idempotent(tables[IDEMPOTENCY], self.target),
                *behind_cloudfront(self),
                *pushes_frames(self._messaging.stream),
                *publishes(self._messaging.topic),
                *pushes_to_phones(self.target),
            ],
            environment={"PUSH_ALLOWED_HOSTS": self.target.push_hosts},
        )

    def _build_moderation(self, accounts: AccountsStack, auth: AuthStack) -> lambda_.Function:
        tables = self._tables
        return python_function(
            self,
            "moderation",
            "moderation.handler.handler",
            uses=[
                *writes(tables[MODERATION]),
                *appends(tables[AUDIT]),
                *reads(tables[POSTS], tables[PROFILES], tables[CHAT], tables[LIVE]),
                *idempotent(tables[IDEMPOTENCY], self.target),
                *behind_cloudfront(self),
                *sends(accounts.queue),
                *auth.knows_staff(),
            ],
        )

    def _build_live(self) -> lambda_.Function:
        tables = self._tables
        return python_function(
            self,
            "live",
            "live.handler.handler",
            uses=[
                *writes(tables[LIVE]),
                *reads(tables[PROFILES]),
                *idempotent(tables[IDEMPOTENCY], self.target),
                *behind_cloudfront(self),
                *asks_media_server(self, self.target),
            ],
        )

    def _build_query(self, search: SearchStack, accounts: AccountsStack) -> lambda_.Function:
        contexts = (
            PROFILES,
            POSTS,
            TIMELINES,
            MEDIA,
            CHAT,
            CALLS,
            LIVE,
            NOTIFICATIONS,
            MODERATION,
            ACCOUNTS,
            AUDIT,
        )
        return python_function(
            self,
            "query",
            "query.handler.handler",
            uses=[
                *reads(*(self._tables[name] for name in contexts)),
                *searches(search.endpoint, search.domain_arn),
                *accounts.links_exports(),
                *counts_commands(self._tables[IDEMPOTENCY], self.target),
                *behind_cloudfront(self),
                # Not to write: that somebody came to read is told to the fan-out, which notes it.
                *sends(self._messaging.queues[QUEUE_TIMELINES]),
                *signs_media(self),
                *makes_turn_credentials(self, self.target.ice),
            ],
            layers=["search", "signing"],
            memory=1024,
            environment={**self.target.ice, **({"SFU_URL": self.target.sfu_url} if self.target.sfu_url else {})},
        )
