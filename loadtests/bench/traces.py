"""The cost of tracing for functions: processor time per invocation with no traces, with the sampling of the stage
``prod``, and with all traces, in turns, in one run.

Requests go to the gateway itself, with CloudFront's secret: there ``Sampled`` of the header decides. All that follows a
request is in it: the emulator's meter counts the processor time of each function's invocations, in the function.
"""

from __future__ import annotations

import os
import secrets
import statistics
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from infra.constants import ORIGIN_HEADER, ORIGIN_SECRET
from infra.stages import PROD
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

_NONE, _SHIPPED, _ALL = 0.0, PROD.traced_share, 1.0
#: Names of the figures.
_WORDS: Final = {_SHIPPED: f"{_SHIPPED:.0%} sampled (stage prod)", _ALL: "all sampled"}

#: Milliseconds of an invocation by function.
Costs = dict[str, float]


def run(crowd: Crowd) -> list[Figure]:
    """Medians of the rounds and of their ratios: by function, and of all work that an action causes."""
    bench = _Bench.of(crowd)
    bench.round(_NONE)
    rounds = [_each(bench, number) for number in range(_ROUNDS)]
    figures = _by_function(rounds)
    # Seen also when what follows fails.
    show(figures)
    return [*figures, *_cold_starts(bench)]


@dataclass
class _Bench:
    #: Of an action's number; the first is sampled.
    acted = 0
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

    def round(self, traced: float) -> dict[str, Any]:
        """Some of each action, and all that follows; ``traced``: the share that is sampled."""
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

    def _mark(self, traced: float) -> None:
        """Every tenth action at a share of a tenth, whichever action it is."""
        self.acted += 1
        is_sampled = int(self.acted * traced) > int((self.acted - 1) * traced)
        root = f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"
        for api in self.people:
            api.trace = f"Root={root};Parent={secrets.token_hex(8)};Sampled={int(is_sampled)}"

    def cold_start(self, function: str, traced: float) -> float:
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


def _each(bench: _Bench, number: int) -> dict[float, Costs]:
    """One round of each share, another one first each time."""
    shares = (_NONE, _SHIPPED, _ALL)
    order = [shares[(number + place) % len(shares)] for place in range(len(shares))]
    return {share: _costs(bench.round(share)) for share in order}


def _costs(found: dict[str, Any]) -> Costs:
    calls, spent = found["warm"], found["warm_processor"]
    costs = {name: spent[name] / count for name, count in calls.items() if count >= _FEWEST}
    # Of all functions, per action: batches differ from round to round, and with them the number of invocations.
    costs["all functions, an action with all that follows"] = sum(spent.values()) / (4 * _TIMES)
    return costs


def _by_function(rounds: list[dict[float, Costs]]) -> list[Figure]:
    common = [set.intersection(*(set(costs) for costs in one.values())) for one in rounds]
    counted = Counter(name for names in common for name in names)
    return [
        figure
        for name, count in counted.most_common()
        if count > len(rounds) // 2
        for figure in _figures(name, [one for one in rounds if name in common[rounds.index(one)]])
    ]


def _figures(name: str, rounds: list[dict[float, Costs]]) -> list[Figure]:
    plain = statistics.median(one[_NONE][name] for one in rounds)
    figures = [Figure(_SUITE, f"{name}: none sampled", plain, "ms", note="ms of processor per invocation")]
    for share, words in _WORDS.items():
        ratios = [100 * (one[share][name] / one[_NONE][name] - 1) for one in rounds if share in one]
        if ratios:
            low, middle, high = statistics.quantiles(ratios, n=4)
            note = f"median of {len(ratios)} rounds' ratios, quartiles {low:.1f} and {high:.1f}"
            figures.append(Figure(_SUITE, f"{name}: more with {words}", middle, "%", _AIM, note))
    return figures


def _cold_starts(bench: _Bench) -> list[Figure]:
    figures = []
    for function in _COLD:
        name, rounds = f"{function}, cold start", []
        for number in range(_COLD_ROUNDS):
            order = (_ALL, _NONE) if number % 2 else (_NONE, _ALL)
            rounds.append({share: {name: bench.cold_start(function, share)} for share in order})
        figures += _figures(name, rounds)
    return figures
