"""The result of a rule, and the queries that rules may make about the account."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

#: Properties of a resource, as CloudFormation names them, with every reference resolved.
Properties = Mapping[str, Any]


@dataclass(frozen=True)
class Refused:
    """AWS's error."""

    code: str
    message: str
    status: int = 400


class Account(Protocol):
    """The account that a resource is put into."""

    def log_role(self) -> str:
        """ARN of the role by which API Gateway writes logs; empty: none is set."""

    def api_protocol(self, api: str) -> str:
        """``HTTP`` or ``WEBSOCKET``; empty: no such API."""

    def visibility_seconds(self, queue_arn: str) -> int | None:
        """None: no such queue."""

    def timeout_seconds(self, function: str) -> int | None:
        """The timeout of a function by name or ARN, with or without a qualifier. None: unknown function."""

    def unzipped_bytes(self, function: Properties) -> int:
        """Code and layers of ``AWS::Lambda::Function`` together, as far as they are known here."""

    def reserved_elsewhere(self, function: str) -> int:
        """Concurrent executions that other functions reserve."""

    def inline_characters(self, role: str, *, without: str) -> int:
        """Size of a role's inline policies but one."""


Rule = Callable[[Properties, Account], Iterator[Refused]]
