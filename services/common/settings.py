"""Settings of the functions: base and shared parts of the models in ``services/<context>/settings.py``.

The CDK app writes the environment of each function; its model names exactly those variables. It is read once, at cold
start (``common/entry``), and what is missing or wrong is named there.
"""

from __future__ import annotations

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
    """Settings of a function that people call: answers kept for retries, how often each person may call, and the secret
    that CloudFront sends with each request (its name)."""

    table_idempotency: str
    origin_secret: str
    #: Deviations from the quotas of ``common/limits.py``, comma separated: ``posts=30/300`` is 30 in 300 seconds.
    rate_limits: Listed = ()


class QueueSettings(FunctionSettings):
    """Settings of a function that consumes a queue: where it receives from and where it leaves what it gives up, after
    how many receives; the first retry comes after so many seconds, each further one after four times as many."""

    source_queue: str
    dead_letter_queue: str
    max_receives: int = 3
    retry_seconds: float = 20


class EventSettings(FunctionSettings):
    """Settings of a function that publishes domain events: the ARN of the topic."""

    topic_events: str


class FrameSettings(FunctionSettings):
    """Settings of a function that sends frames to people's devices by way of the real-time stream: its name."""

    stream_realtime: str


class MediaLinkSettings(FunctionSettings):
    """Settings of a function that signs links to media: the parameter with origin, key pair id and distribution, and
    the secret with the private key (PEM)."""

    media_access_parameter: str
    media_signing_secret: str
