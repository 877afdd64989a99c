"""GetMetricData and GetMetricStatistics: JSON, answered from the index, returns the same as the Query protocol.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
"""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree as xml

import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from emulation.settings import DEFAULT_CREDENTIALS, REGION
from tests.contract.emulator_process import EmulatorProcess

STATISTICS = ("SampleCount", "Sum", "Average", "Minimum", "Maximum", "p50", "p95", "p99.9")
PERIODS = (1, 60, 300, 3600)
#: The start of an hour, some hours ago.
HOUR = datetime.fromtimestamp(time.time() // 3600 * 3600 - 4 * 3600, UTC)
#: Windows from and to: at the limits of periods, in the middle of periods, empty.
WINDOWS = (
    (HOUR, HOUR + timedelta(hours=1)),
    (HOUR + timedelta(seconds=90), HOUR + timedelta(seconds=210)),
    (HOUR - timedelta(hours=1), HOUR + timedelta(seconds=61.5)),
    (HOUR - timedelta(hours=2), HOUR - timedelta(hours=1)),
)
DIMENSIONS: tuple[dict[str, str], ...] = ({"service": "a"}, {"service": "a", "operation": "read"}, {"service": "b"}, {})


class Metrics:
    """One namespace, queried with both protocols."""

    def __init__(self, emulator: EmulatorProcess) -> None:
        self.client = emulator.client("cloudwatch")
        self.namespace = f"metrics-{uuid.uuid4().hex[:8]}"
        self._url = emulator.url + "/"

    def put(self, seconds: float, dimensions: dict[str, str], **values: Any) -> None:
        at = HOUR + timedelta(seconds=seconds)
        datum = {"MetricName": "Duration", "Dimensions": named(dimensions), "Timestamp": at, "Unit": "Milliseconds"}
        self.client.put_metric_data(Namespace=self.namespace, MetricData=[{**datum, **values}])

    def query(self, name: str, dimensions: dict[str, str], period: int, stat: str) -> dict[str, Any]:
        metric = {"Namespace": self.namespace, "MetricName": "Duration", "Dimensions": named(dimensions)}
        return {"Id": name, "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}}

    def data(self, queries: list[dict[str, Any]], begin: datetime, end: datetime) -> dict[str, list[Any]]:
        """Id → times and values, from JSON."""
        answer = self.client.get_metric_data(MetricDataQueries=queries, StartTime=begin, EndTime=end)
        return {
            one["Id"]: [(at.timestamp(), value) for at, value in zip(one["Timestamps"], one["Values"], strict=True)]
            for one in answer["MetricDataResults"]
        }

    def data_by_form(self, queries: list[dict[str, Any]], begin: datetime, end: datetime) -> dict[str, list[Any]]:
        """The same from the Query protocol."""
        fields = {"StartTime": begin.isoformat(), "EndTime": end.isoformat()}
        for number, query in enumerate(queries, start=1):
            asked, at = query["MetricStat"], f"MetricDataQueries.member.{number}"
            fields[f"{at}.Id"] = query["Id"]
            fields |= {f"{at}.MetricStat.{key}": str(asked[key]) for key in ("Period", "Stat")}
            fields |= {f"{at}.MetricStat.Metric.{key}": asked["Metric"][key] for key in ("Namespace", "MetricName")}
            fields |= flat(f"{at}.MetricStat.Metric.", asked["Metric"]["Dimensions"])
        return {
            text(one, "Id"): [
                (datetime.fromisoformat(str(at.text)).timestamp(), float(str(value.text)))
                for at, value in zip(one.find("Timestamps") or (), one.find("Values") or (), strict=True)
            ]
            for one in self._by_form("GetMetricData", fields).iterfind(".//MetricDataResults/member")
        }

    def statistics(self, dimensions: dict[str, str], period: int, begin: datetime, end: datetime) -> list[Any]:
        answer = self.client.get_metric_statistics(
            Namespace=self.namespace, MetricName="Duration", Dimensions=named(dimensions), Period=period,
            StartTime=begin, EndTime=end, Statistics=STATISTICS[:5],
        )  # fmt: skip
        return [{**one, "Timestamp": one["Timestamp"].timestamp()} for one in answer["Datapoints"]]

    def statistics_by_form(self, dimensions: dict[str, str], period: int, begin: datetime, end: datetime) -> list[Any]:
        fields = {"Namespace": self.namespace, "MetricName": "Duration", "Period": str(period)}
        fields |= {"StartTime": begin.isoformat(), "EndTime": end.isoformat(), **flat("", named(dimensions))}
        fields |= {f"Statistics.member.{number}": name for number, name in enumerate(STATISTICS[:5], start=1)}
        return [
            {"Timestamp": datetime.fromisoformat(text(one, "Timestamp")).timestamp(), "Unit": text(one, "Unit"),
             **{name: float(text(one, name)) for name in STATISTICS[:5]}}
            for one in self._by_form("GetMetricStatistics", fields).iterfind(".//Datapoints/member")
        ]  # fmt: skip

    def _by_form(self, action: str, fields: dict[str, str]) -> xml.Element:
        body = urlencode({"Action": action, "Version": "2010-08-01", **fields})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        request = AWSRequest("POST", self._url, headers=headers, data=body)
        keys = Credentials(DEFAULT_CREDENTIALS.access_key_id, DEFAULT_CREDENTIALS.secret_access_key)
        SigV4Auth(keys, "monitoring", REGION).add_auth(request)
        answer = httpx.post(self._url, content=body, headers=dict(request.headers), timeout=60)
        assert answer.status_code == 200, answer.text
        root = xml.fromstring(answer.text)  # noqa: S314
        for one in root.iter():
            one.tag = one.tag.rpartition("}")[2]
        return root


def named(dimensions: dict[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in dimensions.items()]


def flat(before: str, dimensions: list[dict[str, str]]) -> dict[str, str]:
    return {
        f"{before}Dimensions.member.{number}.{part}": one[part]
        for number, one in enumerate(dimensions, start=1)
        for part in ("Name", "Value")
    }


def text(one: xml.Element, name: str) -> str:
    return str(one.findtext(name))


@pytest.fixture
def metrics(emulator: EmulatorProcess) -> Metrics:
    return Metrics(emulator)


def test_json_and_forms_agree_in_every_statistic_period_and_window(metrics: Metrics) -> None:
    """Checked again after more points arrived, late ones included."""
    queries = {
        f"q{place}_{period}_{stat.replace('.', '_')}": metrics.query("", dimensions, period, stat)
        for place, dimensions in enumerate(DIMENSIONS)
        for period in PERIODS
        for stat in STATISTICS
    }
    asked = [{**query, "Id": name} for name, query in queries.items()]
    for seconds in (0, 300):
        for place, dimensions in enumerate(DIMENSIONS[:3]):
            metrics.put(seconds + 120.25 + place, dimensions, Value=place + 0.1)
            metrics.put(seconds + 125, dimensions, Values=[1.5, 2.25, 3.125], Counts=[2, 1, 4])
            metrics.put(seconds + 179.9, dimensions, Values=[8])
            metrics.put(seconds, dimensions, Value=7)
        metrics.put(
            seconds + 130, {"service": "b"}, StatisticValues={"SampleCount": 4, "Sum": 10, "Minimum": 1, "Maximum": 5}
        )
        for window in WINDOWS:
            by_json, by_form = metrics.data(asked, *window), metrics.data_by_form(asked, *window)
            assert by_json == by_form
            assert set(by_json) == set(queries)
            assert any(by_json.values()) == (window is not WINDOWS[-1])
            for dimensions in DIMENSIONS:
                for period in PERIODS:
                    found = metrics.statistics(dimensions, period, *window)
                    assert found == metrics.statistics_by_form(dimensions, period, *window)


def test_a_value_belongs_to_the_period_that_begins_before_it(metrics: Metrics) -> None:
    for seconds, value in ((0, 1.0), (59.9, 2.0), (60, 4.0), (119, 8.0), (300, 16.0)):
        metrics.put(seconds, {"service": "a"}, Value=value)
    queries = [metrics.query(f"p{period}", {"service": "a"}, period, "Sum") for period in (60, 300)]
    at = HOUR.timestamp()
    assert metrics.data(queries, HOUR, HOUR + timedelta(minutes=10)) == {
        "p60": [(at, 3.0), (at + 60, 12.0), (at + 300, 16.0)], "p300": [(at, 15.0), (at + 300, 16.0)],
    }  # fmt: skip
    # The end time is exclusive.
    assert metrics.data(queries[:1], HOUR, HOUR + timedelta(seconds=119)) == {"p60": [(at, 3.0), (at + 60, 4.0)]}


def test_dimensions_name_one_metric_and_queries_that_return_nothing_are_left_out(metrics: Metrics) -> None:
    metrics.put(0, {"service": "a"}, Value=1)
    metrics.put(0, {"service": "a", "operation": "read"}, Value=2)
    queries = [
        metrics.query("one", {"service": "a"}, 60, "Sum"),
        metrics.query("two", {"operation": "read", "service": "a"}, 60, "Sum"),
        metrics.query("none", {"service": "c"}, 60, "Sum"),
        {**metrics.query("silent", {"service": "a"}, 60, "Sum"), "ReturnData": False},
    ]
    at = HOUR.timestamp()
    assert metrics.data(queries, *WINDOWS[0]) == {"one": [(at, 1.0)], "two": [(at, 2.0)], "none": []}


def test_expressions_are_refused_beside_queries_that_are_answered(metrics: Metrics) -> None:
    metrics.put(0, {"service": "a"}, Value=1)
    queries = [metrics.query("m", {"service": "a"}, 60, "Sum"), {"Id": "twice", "Expression": "m * 2", "Label": "2"}]
    answer = metrics.client.get_metric_data(MetricDataQueries=queries, StartTime=HOUR, EndTime=WINDOWS[0][1])
    summed, expression = answer["MetricDataResults"]
    assert (summed["Label"], summed["StatusCode"], summed["Values"]) == ("m", "Complete", [1.0])
    assert (expression["Label"], expression["StatusCode"], expression["Values"]) == ("2", "InternalError", [])
    assert expression["Messages"] == [{"Code": "Unsupported", "Value": "Expressions not implemented"}]


def test_percentiles_are_returned_with_statistics_on_request(metrics: Metrics) -> None:
    metrics.put(0, {"service": "a"}, Values=[1, 2, 3], Counts=[1, 1, 2])
    asked = {"Namespace": metrics.namespace, "MetricName": "Duration", "Dimensions": named({"service": "a"})}
    window = {"StartTime": HOUR, "EndTime": WINDOWS[0][1], "Period": 60}
    ask = metrics.client.get_metric_statistics
    (point,) = ask(**asked, **window, ExtendedStatistics=["p50", "p100"])["Datapoints"]
    assert point == {"Timestamp": HOUR, "Unit": "Milliseconds", "ExtendedStatistics": {"p50": 2.5, "p100": 3.0}}
    (point,) = ask(**asked, **window, Statistics=["Maximum"], ExtendedStatistics=["p50"])["Datapoints"]
    assert (point["Maximum"], point["ExtendedStatistics"], "Sum" in point) == (3.0, {"p50": 2.5}, False)
