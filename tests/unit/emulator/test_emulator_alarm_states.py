"""The state of an alarm by the values of its periods: "Alarm evaluation", "How alarms treat missing data"."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from emulation.emulator.alarm_states import breaches, state_of, values_of


def alarm(**changes: Any) -> dict[str, Any]:
    return {
        "ComparisonOperator": "GreaterThanOrEqualToThreshold", "Threshold": 1.0, "EvaluationPeriods": 3,
        "StateValue": "ALARM",
    } | changes  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "values", "state"),
    [
        ({}, [1.0, 2.0, 3.0], "ALARM"),
        ({}, [0.0, 2.0, 3.0], "OK"),
        ({"DatapointsToAlarm": 2}, [0.0, 2.0, 3.0], "ALARM"),
        ({"DatapointsToAlarm": 2, "TreatMissingData": "notBreaching"}, [None, None, 3.0], "OK"),
        ({"DatapointsToAlarm": 2, "TreatMissingData": "breaching"}, [None, 0.0, 3.0], "ALARM"),
        ({"TreatMissingData": "notBreaching"}, [None, None, None], "OK"),
        ({"TreatMissingData": "breaching"}, [None, None, None], "ALARM"),
        ({"TreatMissingData": "ignore"}, [None, None, None], "ALARM"),
        ({"TreatMissingData": "ignore", "StateValue": "OK"}, [None, None, None], "OK"),
        ({}, [None, None, None], "INSUFFICIENT_DATA"),
    ],
)
def test_the_state_of_an_alarm_follows_from_its_last_periods(
    changes: dict[str, Any], values: list[float | None], state: str
) -> None:
    assert state_of(alarm(**changes), values) == state


@pytest.mark.parametrize(
    ("operator", "breaching"),
    [
        ("GreaterThanOrEqualToThreshold", [5.0, 6.0]),
        ("GreaterThanThreshold", [6.0]),
        ("LessThanOrEqualToThreshold", [4.0, 5.0]),
        ("LessThanThreshold", [4.0]),
    ],
)
def test_the_operator_decides_which_side_of_the_threshold_breaches(operator: str, breaching: list[float]) -> None:
    row = alarm(ComparisonOperator=operator, Threshold=5.0)
    assert [value for value in (4.0, 5.0, 6.0) if breaches(row, value)] == breaching


def test_only_points_of_the_last_periods_count() -> None:
    """By the index of points, as by a look through all of them; also a point that came late."""
    now, key = 1_800_000_017.0, ("app", "Calls", ())
    points = [{"Timestamp": now - age, "Value": age} for age in (*range(4_000, 0, -7), 65)]
    cloudwatch = SimpleNamespace(
        _dims_from_list=lambda _: {}, _dims_key=lambda _: (), _metrics={key: points}, _calc_stats=list,
        _stat_value=lambda found, *_: max(one["Value"] for one in found),
    )  # fmt: skip
    watched = {"Namespace": "app", "MetricName": "Calls", "Period": 60, "EvaluationPeriods": 3}
    inside = [
        [one["Value"] for one in points if low < one["Value"] <= high]
        for low, high in ((-1, 60), (60, 120), (120, 180))
    ]
    assert values_of(cloudwatch, watched, now) == [max(of_period) for of_period in inside]
    assert values_of(cloudwatch, {**watched, "MetricName": "Errors"}, now) == [None] * 3
    assert values_of(cloudwatch, {**watched, "Period": 10_000}, now) == [
        max(one["Value"] for one in points),
        None,
        None,
    ]
