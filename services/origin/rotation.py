"""A new origin secret without a refused request: functions take a value before CloudFront sends it, and after.

https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Protocol

_BYTES = 36


class SecretVersions(Protocol):
    """The secret, whose versions have staging labels."""

    def stages(self, version: str) -> list[str]: ...
    def pending(self, version: str) -> str | None:
        """The value of this version, which is to be the next."""

    def propose(self, version: str, value: str) -> None: ...
    def finish(self, version: str) -> None:
        """Make this version the current one, and the current one the former."""


class OriginHeader(Protocol):
    """The header that CloudFront adds to requests to the API."""

    def values(self) -> set[str]: ...
    def send(self, value: str) -> None: ...


class Rotation:
    """The four steps that Secrets Manager asks for, in order; each may be asked for again."""

    def __init__(self, secret: SecretVersions, header: OriginHeader, new: Callable[[], str] | None = None) -> None:
        self._secret, self._header = secret, header
        self._new = new or (lambda: secrets.token_urlsafe(_BYTES))
        self._steps = {
            "createSecret": self._create,
            "setSecret": self._set,
            "testSecret": self._test,
            "finishSecret": secret.finish,
        }

    def run(self, step: str, version: str) -> None:
        """Raises: ValueError: an unknown step. RuntimeError: CloudFront does not send the new value."""
        if step not in self._steps:
            raise ValueError(f"Step: expected one of {', '.join(self._steps)}, got {step!r}")
        if "AWSCURRENT" not in self._secret.stages(version):
            self._steps[step](version)

    def _create(self, version: str) -> None:
        if self._secret.pending(version) is None:
            self._secret.propose(version, self._new())

    def _set(self, version: str) -> None:
        self._header.send(self._value(version))

    def _test(self, version: str) -> None:
        """There is no need to wait for edge locations that still send the former value: it stays valid until the next
        rotation."""
        if self._header.values() != {self._value(version)}:
            raise RuntimeError("the distribution does not send the new origin secret")

    def _value(self, version: str) -> str:
        value = self._secret.pending(version)
        if value is None:
            raise RuntimeError(f"version {version} of the origin secret has no value: createSecret comes first")
        return value
