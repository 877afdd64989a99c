"""Rate limits and suspension of people: one conditional write per command.

A person has one item, ``pk=LIMITS#<hash of the user id>``: for each kind of command a counter of the present window,
and ``suspended`` after a suspension (or deletion of the account). One write both counts and checks, so no command
starts after a suspension is stored. Counters of past windows are removed sixteen at a time, which makes one more write
in sixteen windows.

Headers: ``RateLimit-Policy`` and ``RateLimit`` of draft-ietf-httpapi-ratelimit-headers-10 (RFC 9651 fields),
``Retry-After`` of RFC 9110. When the table does not respond within a second, commands go on uncounted: a failing
limiter must not stop the network.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from services.common.aws import impatient_table
from services.common.dynamo import accepted, is_conditional_failure, plain
from services.common.errors import AccountSuspended, SignedOut, TooManyRequests
from services.common.ids import derived_id
from services.common.lazy_dataclasses import dataclass
from services.common.observability import logger
from services.common.settings import CommandSettings
from services.common.standing import is_open_action, is_open_request

#: Kind of command → (quota, window in seconds), where the setting ``RATE_LIMITS`` says nothing else.
DEFAULTS: dict[str, tuple[int, int]] = {
    "posts": (30, 300),
    "follows": (60, 300),
    "messages": (120, 60),
    "media": (60, 300),
    "calls": (20, 300),
    "livechat": (30, 60),
    "search": (120, 60),
    "reports": (20, 3600),
    "account": (10, 3600),
    "commands": (300, 300),
}
#: Reads that give a permit which outlives the session that asks: counted, and thereby refused where it was ended.
_PERMITS = re.compile(r"GET /v1/(?:me/export|calls/ice-servers|conversations/[^/]+/link)")
#: Chat messages of broadcasts.
_LIVE_CHAT = re.compile(r"POST /v1/live/[^/]+/messages")
#: Prefix of ``METHOD /path`` → kind; the first that fits. Other reads are free, except for those that cost much.
_KINDS: tuple[tuple[str, str], ...] = (
    ("GET /v1/search", "search"),
    ("POST /v1/posts", "posts"),
    ("PUT /v1/follows", "follows"),
    ("POST /v1/conversations", "messages"),
    ("POST /v1/media", "media"),
    # Ending a call has a quota of its own, which earlier calls do not use up.
    ("POST /v1/calls/", "commands"),
    ("POST /v1/calls", "calls"),
    ("POST /v1/live/", "commands"),
    ("POST /v1/live", "calls"),
    ("POST /v1/reports", "reports"),
    ("POST /v1/appeals", "account"),
    ("POST /v1/me/", "account"),
    ("GET ", ""),
)
_ACTIONS = {"chat.send": "messages", "call.start": "calls", "room.join": "calls"}
_STALE_AT_MOST = 16
#: How long counters and the end of sign-ins are kept; no token and no window lives longer.
_COUNTS_SECONDS = 2 * 24 * 3600
#: ``keptUntil`` of an item with a decision of moderators: the last second of the year 9999.
_FOREVER = 253_402_300_799
_DECIDED = "standing = :version, keptUntil = :until, #ttl = :until"
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
    """The state of the quota after a command: ``left`` in the window, which ends in ``reset`` seconds.

    ``signed_out_at``: until when sign-ins of the person were ended, in seconds since the epoch.
    """

    policy: Policy
    left: int
    reset: int
    signed_out_at: int = 0

    def headers(self) -> dict[str, str]:
        name = f'"{self.policy.kind}"'
        return {
            "ratelimit-policy": f"{name};q={self.policy.quota};w={self.policy.window}",
            "ratelimit": f"{name};r={self.left};t={self.reset}",
        }


class LimitReached(TooManyRequests):
    """Carries the values of the headers."""

    def __init__(self, admission: Admission) -> None:
        super().__init__(
            f"At most {admission.policy.quota} {admission.policy.kind} in {admission.policy.window} seconds; "
            f"again in {admission.reset} seconds."
        )
        self.admission = admission

    def headers(self) -> dict[str, str]:
        return {**self.admission.headers(), "retry-after": str(self.admission.reset)}


def kind_of(method: str, path: str) -> str:
    """The kind of command that a request counts as; empty for requests that are not counted."""
    request = f"{method} {path}"
    if _PERMITS.fullmatch(request):
        return "commands"
    if _LIVE_CHAT.fullmatch(request):
        return "livechat"
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
    """The limiter's items, in the idempotency table (``TABLE_IDEMPOTENCY``)."""

    def __init__(
        self,
        table_name: str,
        deviations: Iterable[str] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        """``deviations``: the value of ``RATE_LIMITS``.

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

    def admit_request(self, user_id: str, method: str, path: str, signed_in_at: int = 0) -> Admission | None:
        """Count an HTTP request of a signed-in person; ``None`` for requests that are not counted.

        Args:
            path: the decoded one that the routes are matched with: another spelling does not bypass a quota.
            signed_in_at: of the caller's token, in seconds since the epoch; 0 when it does not say.

        Raises: as ``take``; and SignedOut: that sign-in was ended, and the request is one that checks it.
        """
        kind, is_open = kind_of(method, path), is_open_request(method, path)
        admission, ended_at = None, 0
        if kind:
            admission = self.take(user_id, self._policies[kind], always_open=is_open)
            ended_at = admission.signed_out_at if admission else 0
        elif not is_open:
            ended_at = self.check(user_id)
        if 0 < signed_in_at <= ended_at:
            raise SignedOut("This session was ended. Sign in again.")
        return admission

    def admit_action(self, user_id: str, name: str) -> None:
        """Count a socket action; for actions without a kind only the suspension is checked, and the gateway throttles
        them.

        Raises: as ``take``.
        """
        is_open = is_open_action(name)
        if name in _ACTIONS:
            self.take(user_id, self._policies[_ACTIONS[name]], always_open=is_open)
        else:
            self.check(user_id, always_open=is_open)

    def check(self, user_id: str, *, always_open: bool = False) -> int:
        """Check whether the person may act, without counting: one consistent read.

        Returns:
            Until when their sign-ins were ended, in seconds since the epoch.

        Raises:
            AccountSuspended: as ``take``.
        """
        try:
            found = self._table.get_item(
                Key=_key(user_id), ConsistentRead=True, ProjectionExpression="suspended, signedOutAt"
            )
        except (ClientError, BotoCoreError) as error:
            _out_of_reach(error)
            return 0
        item = found.get("Item", {})
        _refuse_suspended(item.get("suspended"), always_open)
        return int(item.get("signedOutAt", 0))

    def take(self, user_id: str, policy: Policy, *, always_open: bool = False) -> Admission | None:
        """Count one command; ``None`` when the limiter is unreachable.

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
        values: dict[str, Any] = {":one": 1, ":quota": policy.quota, ":ttl": int(now) + _COUNTS_SECONDS}
        try:
            answer = self._table.update_item(
                Key=_key(user_id),
                UpdateExpression="ADD #counter :one SET #ttl = if_not_exists(keptUntil, :ttl)",
                ConditionExpression=f"{door} AND (attribute_not_exists(#counter) OR #counter < :quota)",
                ExpressionAttributeNames={"#counter": counter, "#ttl": "ttl"},
                ExpressionAttributeValues=values | ({":closed": CLOSED} if always_open else {}),
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except (ClientError, BotoCoreError) as error:
            if not isinstance(error, ClientError) or not is_conditional_failure(error):
                _out_of_reach(error)
                return None
            refused: Any = error.response
            _refuse_suspended(refused.get("Item", {}).get("suspended", {}).get("S"), always_open)
            raise LimitReached(Admission(policy, 0, reset)) from error
        found = plain(answer["Attributes"])
        self._forget_past(user_id, found, now)
        return Admission(policy, policy.quota - int(found[counter]), reset, int(found.get("signedOutAt", 0)))

    def _forget_past(self, user_id: str, item: Mapping[str, Any], now: float) -> None:
        stale = [name for name in item if "@" in name and int(name.rpartition("@")[2]) <= now]
        if len(stale) < _STALE_AT_MOST:
            return
        names = {f"#{at}": name for at, name in enumerate(stale)}
        self._table.update_item(
            Key=_key(user_id), UpdateExpression="REMOVE " + ", ".join(names), ExpressionAttributeNames=names
        )

    def close(self, user_id: str, reason: str, version: int, seconds: int | None = None) -> bool:
        """Refuse further commands; ``False`` when a later decision was applied already.

        Args:
            version: of the decision: only the greatest counts.
            seconds: how long it is kept at most; forever without it.
        """
        until = int(self._clock()) + seconds if seconds else _FOREVER
        return self._decide(user_id, f"SET suspended = :reason, {_DECIDED}", {":reason": reason}, version, until)

    def open(self, user_id: str, version: int) -> bool:
        """Allow commands again; ``False`` when a later decision was applied already. The version stays, because an
        earlier decision may come late, from a dead-letter queue."""
        return self._decide(user_id, f"REMOVE suspended SET {_DECIDED}", {}, version, _FOREVER)

    def sign_out(self, user_id: str, moment: int) -> None:
        """End all sign-ins up to ``moment`` (seconds since the epoch); an earlier moment changes nothing."""
        accepted(
            self._table.update_item,
            Key=_key(user_id),
            UpdateExpression="SET signedOutAt = :moment, #ttl = if_not_exists(keptUntil, :ttl)",
            ConditionExpression="attribute_not_exists(signedOutAt) OR signedOutAt < :moment",
            ExpressionAttributeNames={"#ttl": "ttl"},
            ExpressionAttributeValues={":moment": moment, ":ttl": int(self._clock()) + _COUNTS_SECONDS},
        )

    def _decide(self, user_id: str, update: str, values: dict[str, Any], version: int, until: int) -> bool:
        return accepted(
            self._table.update_item,
            Key=_key(user_id),
            UpdateExpression=update,
            ConditionExpression="attribute_not_exists(standing) OR standing <= :version",
            ExpressionAttributeNames={"#ttl": "ttl"},
            ExpressionAttributeValues={**values, ":version": version, ":until": until},
        )


def _out_of_reach(error: Exception) -> None:
    logger.warning("the limiter is out of reach, commands go on", extra={"reason": repr(error)[:200]})


def _refuse_suspended(suspended: object, always_open: bool) -> None:
    if suspended and not (always_open and suspended != CLOSED):
        raise AccountSuspended("This account is suspended; GET /v1/me says why.")


def _key(user_id: str) -> dict[str, str]:
    """The partition, by a hash, so that no item names a person whose account was deleted."""
    return {"pk": f"LIMITS#{derived_id('limits', user_id)}", "sk": "LIMITS"}
