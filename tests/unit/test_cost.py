"""The cost model: tiered prices, costs that scale with users, and the generated pages."""

from __future__ import annotations

import pytest

from loadtests.cost import fanout, page
from loadtests.cost.model import SIZES, Deployed, Model, load, price

HERE = Deployed(alarms=110, functions=33, secrets=3, shards=2, search_gb=10)


@pytest.fixture(scope="module")
def model() -> Model:
    return Model.load(HERE)


@pytest.mark.parametrize(("units", "usd"), [(0, 0), (5, 0), (10, 0), (15, 10), (40, 60 + 10)])
def test_price_tiers_apply_step_by_step(units: float, usd: float) -> None:
    assert price([[10, 0], [30, 3], [None, 1]], units) == pytest.approx({15: 15, 40: 70}.get(int(units), usd))


def test_every_habit_is_measured(model: Model) -> None:
    assert set(model.habits["actions"]) == set(model.measured)
    assert all(row["invocations"] >= 1 for row in model.measured.values())
    assert model.measured["publish a post"]["write units"] > 1
    assert model.measured["read the home timeline"].get("write units", 0) < 5


def test_every_price_is_used_and_has_its_page(model: Model) -> None:
    used = {key for size in SIZES for key, units in model.units(size).items() if units}
    priced = {(service, unit) for service, units in model.prices.items() for unit in units}
    assert used == priced
    assert len(load("prices")["sources"]) >= len(model.prices)


def test_an_idle_month_costs_the_fixed_resources_and_more_people_cost_more(model: Model) -> None:
    months = [sum(model.month(size).values()) for size in SIZES]
    assert 50 < months[0] < 120
    assert months == sorted(months)
    assert model.month(0)["OpenSearch"] == pytest.approx(730 * 0.036 + 10 * 0.122)


def test_many_people_need_more_shards_and_nodes(model: Model) -> None:
    assert model.shards(1_000) == HERE.shards < model.shards(10_000_000)
    assert model.search_nodes(1_000) == 0
    assert model.search_nodes(10_000_000) >= 3


def test_a_lower_threshold_writes_less_and_reads_more() -> None:
    counts = fanout.followers(5_000)
    assert counts == sorted(counts, reverse=True)
    found = fanout.simulate(counts, 0.5, 15)
    assert [one.writes_usd for one in found] == sorted(one.writes_usd for one in found)
    assert [one.reads_usd for one in found] == sorted((one.reads_usd for one in found), reverse=True)
    assert [one.slowest_seconds for one in found] == sorted(one.slowest_seconds for one in found)


def test_the_page_and_its_chart_match_the_data(model: Model) -> None:
    """Alarm and function counts come from the templates (``make cost``); all else is compared here."""
    made = page.files(model)
    assert made["cost.svg"].startswith("<svg") and "CloudFront" in made["cost.svg"]
    kept = (page.DOCS / "cost.md").read_text("utf-8")
    for line in made["cost.md"].splitlines():
        if line.startswith(("| DynamoDB", "| Lambda", "| publish a post", "| 10,000 |")):
            assert line in kept, "run `make cost`"
