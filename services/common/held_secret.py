"""A secret of Secrets Manager, read at first use and again from time to time, because secrets are rotated."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache

from services.common.aws import client
from services.common.observability import logger

RELOAD_SECONDS = 300


class HeldSecret:
    """If it can't be read again, the cached value stays in use."""

    def __init__(self, name: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._name, self._clock = name, clock
        self._held: tuple[float, str] | None = None

    def read(self) -> str:
        """The secret; empty without a configured name. The first read raises the errors of Secrets Manager."""
        if not self._name:
            return ""
        if self._held is None or self._clock() - self._held[0] >= RELOAD_SECONDS:
            self._held = self._clock(), self._load()
        return self._held[1]

    def _load(self) -> str:
        try:
            return str(client("secretsmanager").get_secret_value(SecretId=self._name)["SecretString"])
        except Exception:
            if self._held is None:
                raise
            logger.exception("the secret %s could not be read again", self._name)
            return self._held[1]


@cache
def held_secret(name: str) -> HeldSecret:
    """One for each execution environment."""
    return HeldSecret(name)
