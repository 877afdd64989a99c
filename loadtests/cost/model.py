"""USD a month by service: fixed parts, and what daily users consume by the measurement and their habits."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from infra.constants import ANALYSIS_BYTES

_FOLDER: Final = Path(__file__).parent
#: https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html: records a second of a shard
SHARD_RECORDS: Final = 1_000
SIZES: Final = (0, 1_000, 100_000, 10_000_000)
_DAYS, _HOURS = 30, 730
#: Posts that a data node of this size indexes and serves: an assumption, to be replaced by ``make bench-search``.
_POSTS_PER_NODE: Final = 30_000_000

Json = dict[str, Any]


def load(name: str) -> Json:
    """``prices``, ``habits`` or ``measured``."""
    loaded: Json = json.loads((_FOLDER / f"{name}.json").read_text("utf-8"))
    return loaded


def is_busy(measured: Mapping[str, Any]) -> bool:
    """Whether functions waited for a processor during the measurement, which makes their durations meaningless."""
    return float(measured["load"]) > float(measured["processors"])


def price(steps: Iterable[Iterable[float | None]], units: float) -> float:
    """USD of so many units, each step at its own price."""
    total, below = 0.0, 0.0
    for upto, each in steps:
        top = units if upto is None else min(units, upto)
        total += max(0.0, top - below) * (each or 0.0)
        below = max(below, top)
    return total


@dataclass(frozen=True)
class Deployed:
    """Resources that cost money when idle, as the templates for AWS define them."""

    alarms: int
    functions: int
    secrets: int
    shards: int
    search_gb: int


@dataclass(frozen=True)
class Model:
    """The data, once."""

    prices: Mapping[str, Mapping[str, Any]]
    habits: Mapping[str, Any]
    measured: Mapping[str, Mapping[str, float]]
    deployed: Deployed

    @classmethod
    def load(cls, deployed: Deployed) -> Model:
        habits, measured = load("habits"), load("measured")
        rows = measured["actions"]
        if is_busy(measured):
            each = float(habits["GB seconds per invocation"])
            rows = {name: {**row, "GB seconds": row["invocations"] * each} for name, row in rows.items()}
        return cls(load("prices")["prices"], habits, rows, deployed)

    def month(self, daily_users: int) -> dict[str, float]:
        """USD by service."""
        used = self.units(daily_users)
        return {
            service: sum(price(steps, used.get((service, unit), 0.0)) for unit, steps in units.items())
            for service, units in self.prices.items()
        }

    def units(self, daily_users: int) -> dict[tuple[str, str], float]:
        """(service, unit) → how many in a month."""
        return {**self._fixed(daily_users), **self._used(daily_users)}

    def per_second(self, what: str, daily_users: int) -> float:
        """The rate of a measured quantity in the busiest hour."""
        share = float(self.habits["share of the day's actions in its busiest hour"])
        return self._a_day(what) * daily_users * share / 3600

    def actions_per_second(self, name: str, daily_users: int) -> float:
        share = float(self.habits["share of the day's actions in its busiest hour"])
        return float(self.habits["actions"][name]) * daily_users * share / 3600

    def sockets(self, daily_users: int) -> float:
        """Open at once in the busiest hour."""
        share = float(self.habits["share of the day's actions in its busiest hour"])
        return daily_users * float(self.habits["socket minutes"]) * share / 60

    def shards(self, daily_users: int) -> int:
        return max(self.deployed.shards, math.ceil(self.per_second("frames", daily_users) / (SHARD_RECORDS / 2)))

    def search_nodes(self, daily_users: int) -> int:
        """0: the small node of the template is enough."""
        posts = float(self.habits["actions"]["publish a post"]) * daily_users * _DAYS * self.habits["months of data"]
        return 0 if posts < _POSTS_PER_NODE / 10 else max(3, math.ceil(posts / _POSTS_PER_NODE))

    def _a_day(self, what: str) -> float:
        """One user's, by all actions."""
        actions: Mapping[str, float] = self.habits["actions"]
        return sum(times * self.measured[name].get(what, 0.0) for name, times in actions.items())

    def _asked_tb(self, requests: float) -> float:
        """Read by the month's questions: each reads all lines that are kept, a month's, until Athena cancels it."""
        kept_tb = requests * float(self.habits["KB of access logs per request, compressed"]) / 1_000_000_000
        return float(self.habits["questions to the access logs a day"]) * _DAYS * min(kept_tb, ANALYSIS_BYTES / 1e12)

    def _fixed(self, daily_users: int) -> dict[tuple[str, str], float]:
        here, nodes = self.deployed, self.search_nodes(daily_users)
        instance = "r7g.large.search" if nodes else "t3.small.search"
        # Polls of an idle system: five pollers for each of the queues, 20 seconds each, and the sweeper every minute.
        polls = 11 * 5 * _HOURS * 3600 / 20
        return {
            ("OpenSearch", f"{instance} hour"): max(1, nodes) * _HOURS,
            ("OpenSearch", "GB month"): here.search_gb * max(1, nodes) * (10 if nodes else 1),
            ("Kinesis", "shard hour"): self.shards(daily_users) * _HOURS,
            ("WAF", "ACL month"): 1,
            ("WAF", "rule month"): 4,
            ("CloudWatch", "alarm month"): here.alarms,
            # A metric costs in the hours in which it gets a value: on an idle system only the sweeper's does.
            ("CloudWatch", "metric month"): 3 * (here.functions if daily_users else 1),
            ("Secrets Manager", "secret month"): here.secrets,
            ("SQS", "request"): polls,
        }  # fmt: skip

    def _used(self, daily_users: int) -> dict[tuple[str, str], float]:
        habits, times = self.habits, daily_users * _DAYS
        actions: Mapping[str, float] = habits["actions"]
        calls = self._a_day("invocations") * times
        requests = (sum(actions.values()) + 2 * actions["open the app"]) * times
        pictures = habits["pictures seen"] * times
        sent_gb = (
            pictures * habits["KB per picture"] + requests * habits["KB per answer of the API"]
        ) / 1_000_000 + habits["MB of the UI a day"] * times / 1_000
        kept = times * habits["months of data"]
        table_gb = actions["publish a post"] * kept * habits["KB kept per post in tables"] / 1_000_000
        users = daily_users * habits["monthly users per daily user"]
        access_log_gb = requests * habits["KB of the API's access log per request"] / 1_000_000
        return {
            ("DynamoDB", "write unit"): self._a_day("write units") * times,
            ("DynamoDB", "read unit"): self._a_day("read units") * times,
            ("DynamoDB", "GB month"): table_gb,
            ("DynamoDB", "GB month of recovery"): table_gb,
            ("Lambda", "invocation"): calls,
            ("Lambda", "GB second"): self._a_day("GB seconds") * times,
            ("API Gateway", "HTTP request"): requests,
            ("API Gateway", "socket message"): habits["frames by socket"] * times,
            ("API Gateway", "socket minute"): habits["socket minutes"] * times,
            ("CloudFront", "request"): requests + pictures,
            # Each cache behaviour has a viewer-request function.
            ("CloudFront", "function call"): requests + pictures,
            ("CloudFront", "GB"): sent_gb,
            ("S3", "write request"): self._a_day("S3 writes") * times,
            ("S3", "read request"): self._a_day("S3 reads") * times + pictures * 0.1,
            ("S3", "GB month"): actions["upload a photo"] * kept * habits["MB kept per photo"] / 1_000,
            ("SNS", "publish"): self._a_day("publishes") * times,
            ("SQS", "request"): 11 * 5 * _HOURS * 3600 / 20 + 3 * self._a_day("queue requests") * times
            + 3 * self._a_day("publishes") * times,
            ("Kinesis", "put unit"): self._a_day("frames") * times,
            ("Cognito", "monthly user"): users,
            ("WAF", "request"): requests + pictures,
            ("CloudWatch", "GB of logs"): calls * habits["KB of logs per invocation"] / 1_000_000 + access_log_gb,
            ("Firehose", "GB"): access_log_gb,
            ("Athena", "TB"): self._asked_tb(requests + pictures),
            ("CloudWatch", "trace"): requests * habits["share traced"],
        }  # fmt: skip
