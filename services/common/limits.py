"""How often one person may do what, and whether they may at all: one conditional write per command.

A person has one item, ``pk=LIMITS#<hash of the user id>``: for each kind of command a counter of the present window,
and ``suspended`` where moderators (or the deletion of the account) have closed the door. The one write counts and
checks, and no command is in flight once the door is closed. Counters of past windows are removed sixteen at a time,
which makes one more write in sixteen windows.

Headers: ``RateLimit-Policy`` and ``RateLimit`` of draft-ietf-httpapi-ratelimit-headers-10 (RFC 9651 fields),
``Retry-After`` of RFC 9110. When the table does not answer within a second, commands go on uncounted: a limiter that is
down must not take the network with it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from services.common.aws import impatient_table
from services.common.dynamo import accepted, is_conditional_failure, plain
from services.common.errors import AccountSuspended, TooManyRequests
from services.common.ids import derived_id
from services.common.observability import logger
from services.common.settings import CommandSettings

#: Kind of command → (quota, window in seconds), where the setting ``RATE_LIMITS`` says nothing else.
DEFAULTS: dict[str, tuple[int, int]] = {
    "posts": (30, 300),
    "follows": (60, 300),
    "messages": (120, 60),
    "media": (60, 300),
    "calls": (20, 300),
    "search": (120, 60),
    "reports": (20, 3600),
    "account": (10, 3600),
    "commands": (300, 300),
}
#: Prefix of ``METHOD /path`` → kind; the first that fits. Reads are free, but for those that cost much.
_KINDS: tuple[tuple[str, str], ...] = (
    ("GET /v1/search", "search"),
    ("POST /v1/posts", "posts"),
    ("PUT /v1/follows", "follows"),
    ("POST /v1/conversations", "messages"),
    ("POST /v1/media", "media"),
    # What ends a call is never used up by the calls before it.
    ("POST /v1/calls/", "commands"),
    ("POST /v1/calls", "calls"),
    ("POST /v1/reports", "reports"),
    ("POST /v1/appeals", "account"),
    ("POST /v1/me/", "account"),
    ("GET ", ""),
)
_ACTIONS = {"chat.send": "messages", "call.start": "calls"}
#: What a suspended person may still do: read, say what they have to say to it, take their data, leave.
_ALWAYS_OPEN = re.compile(
    r"GET /.*|(POST /v1/(appeals|me/.*|realtime/tickets)|PUT /v1/notifications/read|DELETE /v1/push-subscriptions)"
)
_STALE_AT_MOST = 16
#: ``suspended`` of an account that is being deleted: not even what is always open is open then.
CLOSED = "account-deleted"


@dataclass(frozen=True)
class Policy:
    """``quota`` commands of one kind in each window of ``window`` seconds."""

    kind: str
    quota: int
    window: int


@dataclass(frozen=True)
class Admission:
    """How a counted command stands: ``left`` in the window, which ends in ``reset`` seconds."""

    policy: Policy
    left: int
    reset: int

    def headers(self) -> dict[str, str]:
        name = f'"{self.policy.kind}"'
        return {
            "ratelimit-policy": f"{name};q={self.policy.quota};w={self.policy.window}",
            "ratelimit": f"{name};r={self.left};t={self.reset}",
        }


class LimitReached(TooManyRequests):
    """Carries what the headers say."""

    def __init__(self, admission: Admission) -> None:
        super().__init__(
            f"At most {admission.policy.quota} {admission.policy.kind} in {admission.policy.window} seconds; "
            f"again in {admission.reset} seconds."
        )
        self.admission = admission

    def headers(self) -> dict[str, str]:
        return {**self.admission.headers(), "retry-after": str(self.admission.reset)}


def kind_of(method: str, path: str) -> str:
    """The kind that a request counts for; empty for what is not counted."""
    request = f"{method} {path}"
    return next((kind for prefix, kind in _KINDS if request.startswith(prefix)), "commands")


def policies_of(deviations: Iterable[str]) -> dict[str, Policy]:
    """Policy by kind: as ``deviations`` (``posts=30/300``, …) or the defaults have it.

    Raises:
        ValueError: a deviation can't be read.
    """
    found = {kind: Policy(kind, *default) for kind, default in DEFAULTS.items()}
    for entry in deviations:
        match = re.fullmatch(r"(\w+)=(\d+)/(\d+)", entry)
        if match is None or match[1] not in DEFAULTS or not int(match[3]):
            raise ValueError(f"RATE_LIMITS: expected <kind>=<quota>/<seconds>, got {entry!r}")
        found[match[1]] = Policy(match[1], int(match[2]), int(match[3]))
    return found


class CommandLimits:
    """The limiter's items in the table of what commands leave behind (``TABLE_IDEMPOTENCY``)."""

    def __init__(
        self,
        table_name: str,
        deviations: Iterable[str] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        """``deviations``: what ``RATE_LIMITS`` says.

        Raises:
            ValueError: a deviation can't be read.
        """
        self._name, self._policies, self._clock = table_name, policies_of(deviations), clock

    @classmethod
    def of(cls, settings: CommandSettings) -> CommandLimits:
        return cls(settings.table_idempotency, settings.rate_limits)

    @cached_property
    def _table(self) -> Any:
        return impatient_table(self._name)

    def admit_request(self, user_id: str, method: str, path: str) -> Admission | None:
        """Count an HTTP request of a signed-in person; ``None`` for what is not counted.

        Raises: as ``take``.
        """
        kind = kind_of(method, path)
        if not kind:
            return None
        always_open = _ALWAYS_OPEN.fullmatch(f"{method} {path}") is not None
        return self.take(user_id, self._policies[kind], always_open=always_open)

    def admit_action(self, user_id: str, name: str) -> None:
        """Count a socket action; what is not listed is bounded by the gateway's throttle alone.

        Raises: as ``take``.
        """
        if name in _ACTIONS:
            self.take(user_id, self._policies[_ACTIONS[name]])

    def take(self, user_id: str, policy: Policy, *, always_open: bool = False) -> Admission | None:
        """Count one command; ``None`` when the limiter is out of reach.

        Raises:
            LimitReached: the window's quota is used up.
            AccountSuspended: moderators suspended the person, or the account is gone.
        """
        now = self._clock()
        window = int(now // policy.window)
        reset = max(1, int((window + 1) * policy.window - now))
        counter = f"{policy.kind}@{(window + 1) * policy.window}"
        door = "attribute_not_exists(suspended)"
        if always_open:
            door = f"({door} OR suspended <> :closed)"
        values: dict[str, Any] = {":one": 1, ":quota": policy.quota, ":ttl": int(now) + 2 * 24 * 3600}
        try:
            answer = self._table.update_item(
                Key=_key(user_id),
                UpdateExpression="ADD #counter :one SET #ttl = :ttl",
                ConditionExpression=f"{door} AND (attribute_not_exists(#counter) OR #counter < :quota)",
                ExpressionAttributeNames={"#counter": counter, "#ttl": "ttl"},
                ExpressionAttributeValues=values | ({":closed": CLOSED} if always_open else {}),
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except (ClientError, BotoCoreError) as error:
            if not isinstance(error, ClientError) or not is_conditional_failure(error):
                logger.warning("the limiter is out of reach, commands go on", extra={"reason": repr(error)[:200]})
                return None
            refused: Any = error.response
            suspended = refused.get("Item", {}).get("suspended", {}).get("S")
            if suspended and not (always_open and suspended != CLOSED):
                raise AccountSuspended("This account is suspended; GET /v1/me says why.") from error
            raise LimitReached(Admission(policy, 0, reset)) from error
        found = plain(answer["Attributes"])
        self._forget_past(user_id, found, now)
        return Admission(policy, max(0, policy.quota - int(found[counter])), reset)

    def _forget_past(self, user_id: str, item: Mapping[str, Any], now: float) -> None:
        stale = [name for name in item if "@" in name and int(name.rpartition("@")[2]) <= now]
        if len(stale) < _STALE_AT_MOST:
            return
        names = {f"#{at}": name for at, name in enumerate(stale)}
        self._table.update_item(
            Key=_key(user_id), UpdateExpression="REMOVE " + ", ".join(names), ExpressionAttributeNames=names
        )

    def close(self, user_id: str, reason: str, version: int, seconds: int | None = None) -> bool:
        """No more commands; ``False`` when a later decision was applied already.

        Args:
            version: of the decision: only the greatest counts.
            seconds: how long it is kept at most; for ever without it.
        """
        ttl = {":ttl": int(self._clock()) + seconds} if seconds else {}
        update = "SET suspended = :reason, standing = :version" + (", #ttl = :ttl" if ttl else " REMOVE #ttl")
        return self._stand(user_id, update, {":reason": reason, **ttl}, version)

    def open(self, user_id: str, version: int) -> bool:
        """Commands again; ``False`` when a later decision was applied already."""
        values = {":ttl": int(self._clock()) + 400 * 24 * 3600}
        return self._stand(user_id, "SET standing = :version, #ttl = :ttl REMOVE suspended", values, version)

    def _stand(self, user_id: str, update: str, values: dict[str, Any], version: int) -> bool:
        return accepted(
            self._table.update_item,
            Key=_key(user_id),
            UpdateExpression=update,
            ConditionExpression="attribute_not_exists(standing) OR standing <= :version",
            ExpressionAttributeNames={"#ttl": "ttl"},
            ExpressionAttributeValues={**values, ":version": version},
        )


def _key(user_id: str) -> dict[str, str]:
    """By a hash, so that nothing here names a person whose account is gone."""
    return {"pk": f"LIMITS#{derived_id('limits', user_id)}", "sk": "LIMITS"}
