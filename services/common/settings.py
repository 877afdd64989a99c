"""Settings of the functions: base and shared parts of the models in ``services/<context>/settings.py``.

The CDK app writes the environment of each function; its model names exactly those variables. It is read once, at cold
start (``common/entry``), and what is missing or wrong is named there.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


def _split(value: Any) -> Any:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


#: Comma separated in the environment.
Listed = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]


class SettingsError(RuntimeError):
    """The environment does not fit the model; the message names each variable, what was expected and what came."""


class FunctionSettings(BaseSettings):
    """Base of the models. A field is the variable of the same name in upper case; an empty one counts as missing."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True, frozen=True)

    @classmethod
    def read(cls) -> Self:
        """From the environment.

        Raises:
            SettingsError: a variable is missing or can't be understood.
        """
        try:
            return cls()
        except ValidationError as error:
            raise SettingsError(f"{cls.__name__}: " + "; ".join(map(_fault, error.errors()))) from None

    @classmethod
    def placeholders(cls) -> Self:
        """Each required value is its own name: for what only describes a function and calls nothing."""
        required = (name for name, field in cls.model_fields.items() if field.is_required())
        return cls.model_construct(None, **{name: name for name in required})


def _fault(error: Any) -> str:
    name = ".".join(str(part) for part in error["loc"]).upper()
    if error["type"] == "missing":
        return f"expected the environment variable {name}, got none"
    return f"{name or 'environment'}: {error['msg']}, got {error['input']!r:.80}"


class CommandSettings(FunctionSettings):
    """Of a function that people call: answers kept for retries, and how often each person may call."""

    table_idempotency: str
    #: Deviations from the quotas of ``common/limits.py``, comma separated: ``posts=30/300`` is 30 in 300 seconds.
    rate_limits: Listed = ()


class QueueSettings(FunctionSettings):
    """Of a function that consumes a queue: where it receives from and where it leaves what it gives up, after how many
    receives; the first retry comes after so many seconds, each further one after four times as many."""

    source_queue: str
    dead_letter_queue: str
    max_receives: int = 3
    retry_seconds: float = 20


class EventSettings(FunctionSettings):
    """Of a function that publishes domain events: the ARN of the topic."""

    topic_events: str


class FrameSettings(FunctionSettings):
    """Of a function that sends frames to people's devices by way of the real-time stream: its name."""

    stream_realtime: str


class MediaLinkSettings(FunctionSettings):
    """Of a function that signs links to media: the parameter with origin, key pair id and distribution, and the secret
    with the private key (PEM)."""

    media_access_parameter: str
    media_signing_secret: str


class Settings(BaseSettings):
    """Names of the resources. An absent one fails when it is first needed, by name (``require``)."""

    model_config = SettingsConfigDict(case_sensitive=False, extra="ignore")

    table_profiles: str = ""
    table_posts: str = ""
    table_timelines: str = ""
    table_media: str = ""
    table_chat: str = ""
    table_calls: str = ""
    table_notifications: str = ""
    table_realtime: str = ""
    table_idempotency: str = ""
    table_moderation: str = ""
    table_accounts: str = ""
    bucket_media: str = ""
    bucket_exports: str = ""
    topic_events: str = ""
    queue_timelines: str = ""
    queue_call_timeouts: str = ""
    queue_chat_arrivals: str = ""
    queue_due: str = ""
    queue_media: str = ""
    queue_moderation: str = ""
    queue_accounts: str = ""
    user_pool_id: str = ""
    #: Deviations from the quotas of ``common/limits.py``, comma separated: ``posts=30/300`` is 30 in 300 seconds.
    rate_limits: str = ""
    stream_realtime: str = ""
    opensearch_endpoint: str = ""
    websocket_callback_url: str = ""
    #: A WebTransport session server beside the WebSocket API; without it there are no WebTransport devices.
    webtransport_callback_url: str = ""
    #: ``redis://`` or ``rediss://host:port[?cluster=true]``: connections are kept there instead of in the table.
    realtime_registry_url: str = ""
    #: Parameter with origin, key pair id and distribution of the media links; secret with the private key (PEM).
    media_access_parameter: str = ""
    media_signing_secret: str = ""
    #: Where browsers and tests send presigned uploads to, when that differs from the S3 endpoint of the function.
    s3_public_endpoint: str = ""
    #: For browsers' calls, comma separated URLs (``stun:host:3478``, ``turn:host:3478?transport=udp``).
    stun_urls: str = ""
    turn_urls: str = ""
    #: Shared with the TURN server (coturn's ``static-auth-secret``); without it there is no TURN.
    turn_secret: str = ""
    #: Of a function that consumes a queue: where it receives from, and where it leaves what it gives up, after how many
    #: receives; the first retry comes after so many seconds, each further one after four times as many.
    source_queue: str = ""
    dead_letter_queue: str = ""
    max_receives: int = 3
    retry_seconds: float = 20
    #: Platform applications of Amazon SNS for pushes to phones, comma separated: ``fcm=arn:…,apns=arn:…``.
    platform_applications: str = ""
    #: An author with so many followers is no longer fanned out, but merged when timelines are read.
    timeline_merge_followers: int = 10_000
    #: Who was not here for so many days is not fanned out to; the timeline is made up for at the next visit.
    timeline_active_days: int = 14
    vapid_private_key: str = ""
    vapid_subject: str = "mailto:admin@example.com"
    #: Hosts that a Web Push subscription may name, comma separated; user-supplied URLs go nowhere else.
    push_allowed_hosts: str = ""

    def require(self, name: str) -> str:
        """The value of ``name``; raises ``RuntimeError`` naming the variable when the deployment gave none."""
        value: str = getattr(self, name)
        if not value:
            raise RuntimeError(f"expected the environment variable {name.upper()}, got none")
        return value

    def listed(self, name: str) -> list[str]:
        """The comma separated entries of ``name``, without empty ones."""
        value: str = getattr(self, name)
        return [entry.strip() for entry in value.split(",") if entry.strip()]


@cache
def settings() -> Settings:
    """Read once per execution environment."""
    return Settings()
