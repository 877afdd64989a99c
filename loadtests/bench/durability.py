"""The cost of durability: three emulators of their own, side by side and in turns, in one run.

One as ``make up`` starts it, one with ``ASYNCSNS_FSYNC=yes``, one that keeps everything in memory.
"""

from __future__ import annotations

import statistics
import subprocess
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import boto3

from emulation.settings import DEFAULT_CREDENTIALS, REGION
from kit.system import processor_nanoseconds
from loadtests.bench.own_emulator import emulator_of
from loadtests.bench.report import Figure

_ROUNDS, _CLIENTS, _REQUESTS = 15, 4, 15
_KINDS = {
    "memory only": ("loadtests.bench.without_durability", {}),
    "durable": ("emulation.emulator", {}),
    "durable, fsync": ("emulation.emulator", {"EMULATION_FSYNC": "yes"}),
}
_BASE = "memory only"
#: One request of each, as a post with its effects has them.
_TABLE, _QUEUE, _STREAM = "bench", "bench", "bench"


@dataclass(frozen=True)
class _Emulator:
    process: subprocess.Popen[bytes]
    clients: list[dict[str, Any]]
    queue: str

    def measure(self) -> tuple[float, float]:
        """Seconds, and seconds of processor time, for a round of requests by all clients at once."""
        cpu, begun = processor_nanoseconds(self.process.pid), time.perf_counter()
        with ThreadPoolExecutor(_CLIENTS) as pool:
            list(pool.map(self._work, self.clients))
        return time.perf_counter() - begun, (processor_nanoseconds(self.process.pid) - cpu) / 1e9

    def _work(self, client: dict[str, Any]) -> None:
        for _ in range(_REQUESTS):
            for write in self._writes(client):
                write()

    def _writes(self, client: dict[str, Any]) -> list[Callable[[], Any]]:
        name = uuid.uuid4().hex
        key = {"pk": {"S": name}}
        return [
            lambda: client["dynamodb"].put_item(TableName=_TABLE, Item=key | {"text": {"S": "x" * 300}}),
            lambda: client["dynamodb"].get_item(TableName=_TABLE, Key=key),
            lambda: client["dynamodb"].query(
                TableName=_TABLE, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": name}}
            ),
            lambda: client["sqs"].send_message(QueueUrl=self.queue, MessageBody="x" * 300),
            lambda: client["kinesis"].put_record(StreamName=_STREAM, Data=b"x" * 300, PartitionKey=name),
        ]


def run() -> list[Figure]:
    """Medians of the rounds, and of the ratios to the one in memory within a round."""
    with ExitStack() as stack:
        emulators = {
            name: _prepared(*stack.enter_context(emulator_of(module, **variables)))
            for name, (module, variables) in _KINDS.items()
        }
        for emulator in emulators.values():
            emulator.measure()
        rounds = [_round(emulators, number) for number in range(_ROUNDS)]
    return [figure for name in _KINDS for figure in _figures(name, rounds)]


def _round(emulators: dict[str, _Emulator], number: int) -> dict[str, tuple[float, float]]:
    """Each in turn, another one first each time."""
    names = list(emulators)
    shift = number % len(names)
    return {name: emulators[name].measure() for name in names[shift:] + names[:shift]}


def _figures(name: str, rounds: list[dict[str, tuple[float, float]]]) -> list[Figure]:
    count = _CLIENTS * _REQUESTS * 5
    note = f"median of {len(rounds)} rounds of {count} requests"
    figures = []
    for place, what in enumerate(("rate", "processor time")):
        values = [one[name][place] for one in rounds]
        value = count / statistics.median(values) if place == 0 else statistics.median(values) / count * 1e6
        figures.append(Figure("durability", f"{what}, {name}", value, "/s" if place == 0 else "µs", note=note))
        if name != _BASE:
            ratios = [100 * (one[name][place] / one[_BASE][place] - 1) for one in rounds]
            low, _, high = statistics.quantiles(ratios, n=4)
            aim = "≤ 5" if name == "durable" else ""
            spread = f"median of the rounds' ratios, quartiles {low:.0f} and {high:.0f}"
            more = "time" if place == 0 else "processor time"
            figures.append(Figure("durability", f"more {more}, {name}", statistics.median(ratios), "%", aim, spread))
    return figures


def _prepared(process: subprocess.Popen[bytes], url: str) -> _Emulator:
    clients = [_clients(url) for _ in range(_CLIENTS)]
    first = clients[0]
    first["dynamodb"].create_table(
        TableName=_TABLE,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    first["kinesis"].create_stream(StreamName=_STREAM, ShardCount=1)
    queue = first["sqs"].create_queue(QueueName=_QUEUE)["QueueUrl"]
    return _Emulator(process, clients, queue)


def _clients(url: str) -> dict[str, Any]:
    session: Any = boto3.session.Session()
    names = ("dynamodb", "sqs", "kinesis")
    keys = DEFAULT_CREDENTIALS.for_boto3()
    return {name: session.client(name, region_name=REGION, endpoint_url=url, **keys) for name in names}
