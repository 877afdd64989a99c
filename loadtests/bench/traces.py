"""What tracing costs the functions: processor time of an invocation, all sampled and none, in turns, in one run.

Requests go to the gateway itself, with CloudFront's secret: there ``Sampled`` of the header decides. All that follows a
request is in it: the emulator's meter counts the processor time of each function's invocations, in the function.
"""

from __future__ import annotations

import os
import secrets
import statistics
import time
import uuid
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from infra.constants import ORIGIN_HEADER, ORIGIN_SECRET
from kit.client import Account, Api
from kit.deploy.resources import Aws
from kit.settings import Settings
from loadtests.bench.meter import Meter
from loadtests.bench.people import Crowd
from loadtests.bench.report import Figure, show

_SUITE: Final = "traces"
_ROUNDS, _TIMES, _COLD_ROUNDS = 7, 8, 7
#: Fewer invocations in a round say nothing about a function.
_FEWEST: Final = 6
_AIM: Final = "≤ 5"
#: Of each kind one: asked by people, by a table's stream, by a queue.
_COLD: Final = ("asyncsns-query", "asyncsns-post")

#: Milliseconds of an invocation by function.
Costs = dict[str, float]


def run(crowd: Crowd) -> list[Figure]:
    """Medians of the rounds and of their ratios: by function, and of all that an action sets in motion."""
    bench = _Bench.of(crowd)
    bench.round("none")
    rounds = [_both(bench, number) for number in range(_ROUNDS)]
    figures = _by_function(rounds)
    # Seen also when what follows fails.
    show(figures)
    return [*figures, *_cold_starts(bench)]


@dataclass(frozen=True)
class _Bench:
    meter: Meter
    aws: Aws
    people: tuple[Api, Api]
    talk: str

    @classmethod
    def of(cls, crowd: Crowd) -> _Bench:
        os.environ.update(Settings.load().aws_environment())
        aws = Aws(crowd.endpoints.region)
        secret = aws.client("secretsmanager").get_secret_value(SecretId=ORIGIN_SECRET)["SecretString"]

        def behind(account: Account) -> Api:
            api = Api(crowd.endpoints, account, crowd.endpoints.gateway_api_url)
            api.http.headers[ORIGIN_HEADER] = secret
            return api

        # Each follows the next two: Ann hears of Bob, and Bob's message to Ann waits for no permission.
        ann, bob = crowd.accounts[:2]
        people = behind(ann), behind(bob)
        talk = people[1].post("/v1/conversations", {"memberId": ann.user_id})["id"]
        return cls(Meter(), aws, people, talk)

    def round(self, traced: str) -> dict[str, Any]:
        """Some of each action, and all that follows; ``traced``: ``all`` or ``none``."""
        self.meter.begin(traced)
        self.meter.wait_until_quiet()
        self.meter.begin(traced)
        for _ in range(_TIMES):
            for act in self._actions():
                self._mark(traced)
                act()
        self.meter.wait_until_quiet()
        return self.meter.end()

    def _actions(self) -> list[Callable[[], Any]]:
        ann, bob = self.people
        text = "朝の散歩 a bench post #bench"

        def like() -> None:
            post = ann.get("/v1/timelines/home", limit=1)["items"][0]["id"]
            bob.put(f"/v1/posts/{post}/like")
            bob.delete(f"/v1/posts/{post}/like")

        def say() -> None:
            body = {"clientMessageId": uuid.uuid4().hex, "text": "hello"}
            bob.post(f"/v1/conversations/{self.talk}/messages", body)

        return [
            lambda: ann.get("/v1/timelines/home", limit=20),
            lambda: bob.post("/v1/posts", {"clientPostId": uuid.uuid4().hex, "text": text}),
            like,
            say,
        ]

    def _mark(self, traced: str) -> None:
        root = f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"
        for api in self.people:
            api.trace = f"Root={root};Parent={secrets.token_hex(8)};Sampled={int(traced == 'all')}"

    def cold_start(self, function: str, traced: str) -> float:
        """Milliseconds of processor time of a start with its first invocation."""
        client = self.aws.client("lambda")
        variables = client.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
        # Another configuration ends the environments of the former.
        changed = {**variables, "BENCH": uuid.uuid4().hex}
        client.update_function_configuration(FunctionName=function, Environment={"Variables": changed})
        try:
            self.meter.begin(traced)
            self._mark(traced)
            read, post = self._actions()[:2]
            (read if function == "asyncsns-query" else post)()
            found = self.meter.end()
        finally:
            client.update_function_configuration(FunctionName=function, Environment={"Variables": variables})
        if not found["cold"].get(function):
            raise RuntimeError(f"{function}: expected a cold start, the emulator kept an environment")
        return float(found["cold_processor"][function] / found["cold"][function])


def _both(bench: _Bench, number: int) -> dict[str, Costs]:
    """One of each, another one first each time."""
    order = ("all", "none") if number % 2 else ("none", "all")
    return {traced: _costs(bench.round(traced)) for traced in order}


def _costs(found: dict[str, Any]) -> Costs:
    calls, spent = found["warm"], found["warm_processor"]
    costs = {name: spent[name] / count for name, count in calls.items() if count >= _FEWEST}
    # Of all functions, per action: batches differ from round to round, and with them the number of invocations.
    costs["all functions, an action with all that follows"] = sum(spent.values()) / (4 * _TIMES)
    return costs


def _by_function(rounds: list[dict[str, Costs]]) -> list[Figure]:
    pairs: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for one in rounds:
        for name in one["all"].keys() & one["none"].keys():
            pairs[name].append((one["none"][name], one["all"][name]))
    return [
        figure
        for name, values in sorted(pairs.items(), key=lambda row: -len(row[1]))
        if len(values) > len(rounds) // 2
        for figure in _figures(name, values, "ms of processor per invocation")
    ]


def _figures(name: str, values: list[tuple[float, float]], unit: str) -> list[Figure]:
    ratios = [100 * (sampled / plain - 1) for plain, sampled in values]
    low, middle, high = statistics.quantiles(ratios, n=4)
    note = f"median of {len(values)} rounds' ratios, quartiles {low:.1f} and {high:.1f}"
    plain = statistics.median(one for one, _ in values)
    return [
        Figure(_SUITE, f"{name}: none sampled", plain, "ms", note=unit),
        Figure(_SUITE, f"{name}: more with all sampled", middle, "%", _AIM, note),
    ]


def _cold_starts(bench: _Bench) -> list[Figure]:
    figures = []
    for function in _COLD:
        values = []
        for number in range(_COLD_ROUNDS):
            order = ("all", "none") if number % 2 else ("none", "all")
            found = {traced: bench.cold_start(function, traced) for traced in order}
            values.append((found["none"], found["all"]))
        figures += _figures(f"{function}, cold start", values, "ms of processor: start and first invocation")
    return figures
