"""What the console asks of CloudWatch when the page of metrics is loaded again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from emulation.console.kept_values import KeptValues, Statistic

MINUTE, HOUR = 60, 3600
#: Not at the start of a period.
NOW = 1_800_000_017.0
CALLS = Statistic("AWS/Lambda", "Invocations", (("FunctionName", "post"),), "Sum", MINUTE)
ERRORS = Statistic("AWS/Lambda", "Errors", (("FunctionName", "post"),), "Sum", 5 * MINUTE)


class CloudWatch:
    """A fake CloudWatch: ``values`` by the start of the minute, of every metric; a period has their sum."""

    def __init__(self, values: dict[float, float]) -> None:
        self.values = values
        #: The begin of each question, and how many metrics it had.
        self.asked: list[tuple[float, int]] = []

    def get_metric_data(self, **asked: Any) -> dict[str, Any]:
        begin, end = asked["StartTime"].timestamp(), asked["EndTime"].timestamp()
        self.asked.append((begin, len(asked["MetricDataQueries"])))
        return {"MetricDataResults": [self._result(one, begin, end) for one in asked["MetricDataQueries"]]}

    def _result(self, query: dict[str, Any], begin: float, end: float) -> dict[str, Any]:
        period = query["MetricStat"]["Period"]
        found: dict[float, float] = {}
        for at, value in self.values.items():
            if begin <= at < end:
                found[at // period * period] = found.get(at // period * period, 0) + value
        times = [datetime.fromtimestamp(at, UTC) for at in sorted(found, reverse=True)]
        return {"Id": query["Id"], "Timestamps": times, "Values": [found[one.timestamp()] for one in times]}


def minutes_before(now: float, count: int) -> dict[float, float]:
    first = now // MINUTE * MINUTE
    return {first - MINUTE * back: float(back + 1) for back in range(count)}


def test_a_reloaded_page_requests_only_the_last_minutes() -> None:
    cloudwatch = CloudWatch(minutes_before(NOW, 90))
    kept = KeptValues(cloudwatch)
    first = kept.of([CALLS, CALLS], NOW - HOUR, NOW)[CALLS]
    assert (len(first), first[-1]) == (61, (NOW // MINUTE * MINUTE, 1.0))
    later = NOW + 10
    cloudwatch.values[NOW // MINUTE * MINUTE] = 7.0
    again = kept.of([CALLS], later - HOUR, later)[CALLS]
    assert again == [*first[:-1], (NOW // MINUTE * MINUTE, 7.0)]
    (begin, count), (second, _) = cloudwatch.asked
    assert (count, NOW - HOUR - MINUTE < begin <= NOW - HOUR) == (1, True)
    assert second >= NOW - 6 * MINUTE


def test_cached_values_equal_freshly_loaded_ones() -> None:
    """Windows that grow and shrink, a pause longer than each of them, a metric that is new to the page."""
    cloudwatch = CloudWatch(minutes_before(NOW + 3 * HOUR, 9 * 60))
    kept = KeptValues(cloudwatch)
    for at, window, asked in (
        (0, HOUR, [CALLS]), (30, HOUR // 2, [CALLS, ERRORS]), (61, 3 * HOUR, [CALLS, ERRORS]), (700, HOUR, [ERRORS]),
        (2 * HOUR, HOUR // 2, [CALLS, ERRORS]), (2 * HOUR + 5, 3 * HOUR, [ERRORS, CALLS]),
    ):  # fmt: skip
        now = NOW + at
        alone = KeptValues(cloudwatch).of(asked, now - window, now)
        assert kept.of(asked, now - window, now) == alone, at


def test_metrics_that_no_page_shows_are_forgotten() -> None:
    cloudwatch = CloudWatch(minutes_before(NOW, 5))
    kept = KeptValues(cloudwatch)
    kept.of([CALLS], NOW - HOUR, NOW)
    later = NOW + 25 * HOUR
    kept.of([ERRORS], later - HOUR, later)
    assert kept.count() == 1


def test_a_question_has_up_to_five_hundred_metrics() -> None:
    cloudwatch = CloudWatch({})
    many = [Statistic("app", f"m{number}", (), "Sum", MINUTE) for number in range(1_001)]
    KeptValues(cloudwatch).of(many, NOW - HOUR, NOW)
    assert [count for _, count in cloudwatch.asked] == [500, 500, 1]
