"""``docs/cost.md`` between its marks, and its chart."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from loadtests.cost import fanout
from loadtests.cost.chart import stacked
from loadtests.cost.model import SIZES, Model, is_busy, load

DOCS: Final = Path(__file__).resolve().parents[2] / "docs"
BEGIN, END = "<!-- figures: written by `make cost` -->", "<!-- end of the figures -->"
#: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
_NEW_SOCKETS, _LAMBDA, _PARTITION_WRITES, _HTTP = 500, 1_000, 1_000, 10_000


def files(model: Model) -> dict[str, str]:
    """Name below ``docs/`` → content.

    Raises:
        ValueError: the page has no marks.
    """
    page = (DOCS / "cost.md").read_text("utf-8")
    before, found, rest = page.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not found or not ended:
        raise ValueError(f"docs/cost.md: expected the marks {BEGIN!r} and {END!r}")
    return {"cost.md": f"{before}{BEGIN}\n\n{_figures(model)}\n{END}{after}", "cost.svg": _chart(model)}


def _figures(model: Model) -> str:
    return "\n".join([*_bill(model), "", *_consumption(model), "", *_limits(model), "", *_simulation()])


def _bill(model: Model) -> list[str]:
    months = {size: model.month(size) for size in SIZES}
    largest = months[SIZES[-1]]
    rows = [
        f"| {service} | " + " | ".join(_usd(months[size][service]) for size in SIZES) + " |"
        for service in sorted(largest, key=lambda one: -largest[one])
    ]
    sums = " | ".join(f"**{_usd(sum(months[size].values()))}**" for size in SIZES)
    each = " | ".join(_each(sum(months[size].values()), size) for size in SIZES)
    return [
        f"USD a month in {load('prices')['region']}, prices as of {load('prices')['as_of']}, by daily users:",
        "",
        "| | " + " | ".join(f"{size:,}" if size else "none (idle)" for size in SIZES) + " |",
        "|---|" + "---:|" * len(SIZES),
        *rows, f"| **all** | {sums} |", f"| per daily user | {each} |", "",
        "![Shares of the services in the bill, by daily users](cost.svg)",
    ]  # fmt: skip


def _consumption(model: Model) -> list[str]:
    names = ("read units", "write units", "invocations", "GB seconds", "publishes", "queue requests", "frames")
    measured = load("measured")
    rows = [
        f"| {name} | {model.habits['actions'][name]:g} | "
        + " | ".join(f"{values.get(what, 0.0):.4g}" for what in names) + " |"
        for name, values in model.measured.items()
    ]  # fmt: skip
    return [
        f"Measured on {measured['measured_at'][:10]} ({measured['machine']}, mean of {measured['times']} each, "
        f"{measured['followers']} followers), with all that follows in the background. " + _of_seconds(measured, model),
        "",
        "| One time | a day and user | " + " | ".join(names) + " |",
        "|---|---:|" + "---:|" * len(names),
        *rows,
        *(["", measured["note"]] if "note" in measured else []),
    ]


def _of_seconds(measured: Mapping[str, Any], model: Model) -> str:
    if not is_busy(measured):
        return "GB seconds are those of this machine:"
    return (
        f"The machine was busy (load {measured['load']} on {measured['processors']} processors), so its GB seconds say "
        f"nothing: {model.habits['GB seconds per invocation']} for each invocation are assumed (60 ms at 512 MB):"
    )


def _limits(model: Model) -> list[str]:
    def row(what: str, limit: float, at: dict[int, float], then: str) -> str:
        cells = " | ".join(f"**{value:,.0f}**" if value > limit else f"{value:,.0f}" for value in at.values())
        return f"| {what} | {limit:,.0f} | {cells} | {then} |"

    sizes = SIZES[1:]
    calls = {size: model.per_second("GB seconds", size) / 0.5 for size in sizes}
    return [
        "What bends first: load of the busiest hour beside the limit; bold is above it.",
        "",
        "| What | Limit | " + " | ".join(f"{size:,}" for size in sizes) + " | What to change then |",
        "|---|---:|" + "---:|" * len(sizes) + "---|",
        row("new sockets a second", _NEW_SOCKETS, {n: model.actions_per_second("open the app", n) for n in sizes},
            "ask for the quota to be raised; spread reconnects (the UI waits a random time)"),
        row("HTTP requests a second", _HTTP, {n: sum(model.actions_per_second(a, n) for a in model.habits["actions"])
            for n in sizes}, "raise API Gateway's quota, and `_RATE` in `infra/stacks/api.py`"),
        row("executions of functions at once", _LAMBDA, calls,
            "raise the quota, then `RESERVED` and `QUEUE_CONCURRENCY` in `infra/constants.py`"),
        row("frames a second, of the shards deployed", 1_000 * model.deployed.shards,
            {n: model.per_second("frames", n) for n in sizes}, "`shards` in `infra/stages.py`, or on-demand mode"),
        row("writes a second of one author's partition", _PARTITION_WRITES,
            {n: 0.001 * model.actions_per_second("like a post", n) for n in sizes},
            "one post that gets every thousandth like of all: count likes in several items"),
        row("data nodes of search", 1, {n: float(model.search_nodes(n)) for n in sizes},
            "three nodes in three zones, then more; indexes by month"),
    ]  # fmt: skip


def _simulation() -> list[str]:
    found = fanout.simulate(fanout.followers(), posts_a_day=0.5, pages_a_day=15)
    rows = [
        f"| {one.threshold:,} | {one.merged_authors:,} | {one.writes_usd:,.2f} | {one.reads_usd:,.2f} | "
        f"{one.usd:,.2f} | {one.slowest_seconds:,.1f} | {one.queries_per_page:,.2f} |"
        for one in found
    ]
    return [
        "Fan-out or merge: a day of 200,000 authors, by the number of followers from which an author is merged.",
        "",
        "| Merged from | authors merged | USD of writes | USD of reads | USD | "
        "seconds to the last follower of the largest author below | "
        "queries more per page |",
        "|---:|---:|---:|---:|---:|---:|---:|",
        *rows,
    ]


def _chart(model: Model) -> str:
    rows = []
    for size in SIZES:
        month = model.month(size)
        name = f"{size:,} users" if size else "idle"
        ordered = dict(sorted(month.items(), key=lambda one: -model.month(SIZES[-1])[one[0]]))
        rows.append((name, f"{_usd(sum(month.values()))} USD", ordered))
    return stacked("Shares of a month's bill, by daily users", rows)


def _usd(value: float) -> str:
    return f"{value:,.2f}" if value < 10 else f"{value:,.0f}"


def _each(total: float, size: int) -> str:
    return f"{total / size:.3f}" if size else "–"
