"""Sums over traces stay those of a fresh sum, whatever comes and goes."""

from __future__ import annotations

import json
import random
import statistics
from typing import Any

import pytest

from emulation.console.totals import Followed, Graph, TableCalls, quantile
from emulation.console.traces import Trace, TraceStore
from emulation.console.xray_api import service_graph


def document(chance: random.Random, number: int) -> str:
    """A function of one of twelve traces that calls some tables."""
    at, took = float(number), chance.random()
    calls: list[dict[str, Any]] = [
        {"id": f"{number:08x}{call:08x}", "name": chance.choice(["DynamoDB", "dynamodb", "SNS"]), "namespace": "aws",
         "start_time": at, "end_time": at + took, "fault": chance.random() < 0.2, "throttle": chance.random() < 0.2,
         "error": chance.random() < 0.2,
         "aws": {"operation": chance.choice(["GetItem", "PutItem"]), "table_name": chance.choice("ab")}}
        for call in range(chance.randrange(4))
    ]  # fmt: skip
    return json.dumps(
        {"trace_id": f"1-00000000-{chance.randrange(12):024x}", "id": f"{number % 20:016x}", "start_time": at,
         "name": f"f{chance.randrange(3)}", "end_time": at + took, "subsegments": calls,
         "parent_id": f"{chance.randrange(20):016x}"}
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_a_followed_sum_is_that_of_the_traces(seed: int) -> None:
    chance, store = random.Random(seed), TraceStore(limit=8)
    graph, calls = Graph(), TableCalls()
    edges, tables = Followed(Trace.edges, graph), Followed(Trace.table_calls, calls)
    for number in range(200):
        store.add(document(chance, number))
        if chance.random() < 0.3:
            shown = store.between(chance.randrange(number + 1), number + 1)
            assert edges.over(shown, graph.services) == service_graph(shown)
            fresh = TableCalls()
            for call in (call for trace in shown for call in trace.table_calls()):
                fresh.add(call)
            found, wanted = tables.over(shown, calls.by_table), fresh.by_table()
            assert {name: _by_operation(rows) for name, rows in found.items()} == {
                name: _by_operation(rows) for name, rows in wanted.items()
            }


def _by_operation(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those with as many calls come in any order."""
    return sorted(rows, key=lambda row: str(row["operation"]))


@pytest.mark.parametrize("count", [2, 3, 10, 101, 250])
def test_quantiles_are_those_of_the_standard_library(count: int) -> None:
    chance = random.Random(count)
    values = sorted(chance.random() for _ in range(count))
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    for percent in (50, 95, 99):
        assert quantile(values, percent) == pytest.approx(cuts[percent - 1])
    assert quantile([3.0], 95) == 3.0


def test_the_map_lists_services_by_name_so_that_it_does_not_jump() -> None:
    chance, store = random.Random(0), TraceStore()
    for number in range(50):
        store.add(document(chance, number))
    names = [one["Name"] for one in service_graph(store.between(0, 100))]
    assert names == sorted(names)
