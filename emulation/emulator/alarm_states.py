"""Evaluates each alarm on its own metric, period by period.

MiniStack merges the points of all dimensions, so that one dead-letter queue with a message sets the alarms of all of
them; it merges all periods, and keeps an alarm's state when there are no data.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from emulation.emulator import seams
from emulation.emulator.metric_index import MINUTE
from emulation.emulator.metric_queries import INDEX

#: How a period without data counts; in others it is ignored.
_MISSING: Final[Mapping[str, bool]] = {"breaching": True, "notBreaching": False}
_ABOVE, _BELOW = ("GreaterThanThreshold", "GreaterThanUpperThreshold"), ("LessThanThreshold", "LessThanLowerThreshold")

Alarm = dict[str, Any]


def evaluate_by_metric() -> None:
    """Replace MiniStack's evaluation of one alarm. Alarms on expressions keep their state, as in MiniStack."""
    cloudwatch = seams.module("services.cloudwatch")

    def evaluate(alarm: Alarm) -> None:
        if alarm.get("Namespace") and alarm.get("MetricName"):
            values = values_of(cloudwatch, alarm, time.time())
            _change(cloudwatch, alarm, state_of(alarm, values), values)

    cloudwatch._evaluate_alarm = evaluate


def state_of(alarm: Mapping[str, Any], values: Sequence[float | None]) -> str:
    """The state from the values of the last periods, ``None`` for a period without data."""
    treated = str(alarm.get("TreatMissingData") or "missing")
    filled = [_MISSING.get(treated) if value is None else breaches(alarm, value) for value in values]
    known = [one for one in filled if one is not None]
    if not known:
        return str(alarm["StateValue"]) if treated == "ignore" else "INSUFFICIENT_DATA"
    wanted = int(alarm.get("DatapointsToAlarm") or alarm.get("EvaluationPeriods") or 1)
    return "ALARM" if sum(known) >= wanted else "OK"


def breaches(alarm: Mapping[str, Any], value: float) -> bool:
    """Whether a value is on the wrong side of the threshold."""
    threshold, operator = float(alarm.get("Threshold") or 0), str(alarm.get("ComparisonOperator") or "")
    if operator == "GreaterThanOrEqualToThreshold":
        return value >= threshold
    if operator == "LessThanOrEqualToThreshold":
        return value <= threshold
    return (operator in _ABOVE and value > threshold) or (operator in _BELOW and value < threshold)


def values_of(cloudwatch: Any, alarm: Alarm, now: float) -> list[float | None]:
    """The last complete periods, the newest first."""
    name = cloudwatch._dims_key(cloudwatch._dims_from_list(alarm.get("Dimensions") or []))
    points = cloudwatch._metrics.get((alarm["Namespace"], alarm["MetricName"], name))
    if not points:
        return [None] * int(alarm.get("EvaluationPeriods") or 1)
    period, count = float(alarm.get("Period") or 60), int(alarm.get("EvaluationPeriods") or 1)
    # Alarms are evaluated whenever a metric is put, and a busy metric has an hour of points.
    recent = [one for _, found in INDEX.between([points], MINUTE, now - count * period, None) for one in found.points]
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
    found: list[float | None] = []
    for number in range(count):
        ended = now - number * period
        within = [
            one for one in recent if ended - period <= one["Timestamp"] and (not number or one["Timestamp"] < ended)
        ]
        found.append(cloudwatch._stat_value(cloudwatch._calc_stats(within), statistic, within) if within else None)
    return found


def _change(cloudwatch: Any, alarm: Alarm, state: str, values: Sequence[float | None]) -> None:
    before = alarm["StateValue"]
    if state == before:
        return
    shown = ", ".join("no data" if value is None else f"{value:g}" for value in values)
    what = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
    reason = f"{what} of the last {len(values)} periods of {alarm.get('Period') or 60} s: {shown}; "
    reason += f"{alarm.get('ComparisonOperator')} {float(alarm.get('Threshold') or 0):g}"
    alarm.update(StateValue=state, StateReason=reason, StateUpdatedTimestamp=int(time.time()))
    cloudwatch._record_history(alarm["AlarmName"], before, state, reason)
    cloudwatch._dispatch_alarm_actions(alarm, before, state, reason)
    cloudwatch._evaluate_parent_alarms(alarm)
