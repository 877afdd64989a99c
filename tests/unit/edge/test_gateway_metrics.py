"""The gateway's metrics for CloudWatch, and how the console publishes them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from emulation.console.gateway_counts import GatewayCounts
from emulation.edge.gateway_metrics import GatewayMetrics

BY_API = [{"Name": "ApiId", "Value": "a"}]
BY_STAGE = [*BY_API, {"Name": "Stage", "Value": "$default"}]


def values(found: list[dict[str, Any]], name: str, dimensions: list[dict[str, str]]) -> list[tuple[float, float]]:
    (one,) = [row for row in found if (row["MetricName"], row["Dimensions"]) == (name, dimensions)]
    return sorted(zip(one["Values"], one["Counts"], strict=True))


def test_requests_are_counted_by_api_and_by_stage() -> None:
    metrics = GatewayMetrics(lambda: 125.0)
    for status in (200, 200, 404, 503):
        metrics.answered("a", "$default", status, 0.0123456, None if status == 404 else 0.01, 100)
    found = metrics.take()
    for dimensions in (BY_API, BY_STAGE):
        assert values(found, "Count", dimensions) == [(1.0, 4.0)]
        assert values(found, "4xx", dimensions) == [(0.0, 3.0), (1.0, 1.0)]
        assert values(found, "5xx", dimensions) == [(0.0, 3.0), (1.0, 1.0)]
        assert values(found, "Latency", dimensions) == [(12.3, 4.0)]
        assert values(found, "IntegrationLatency", dimensions) == [(10.0, 3.0)]
        assert values(found, "DataProcessed", dimensions) == [(100.0, 4.0)]
    assert {row["Timestamp"] for row in found} == {120}
    units = {row["MetricName"]: row["Unit"] for row in found}
    assert (units["Count"], units["Latency"], units["DataProcessed"]) == ("Count", "Milliseconds", "Bytes")
    assert metrics.take() == []


def test_each_minute_has_its_own_values_and_the_oldest_go() -> None:
    now = [0.0]
    metrics = GatewayMetrics(lambda: now[0])
    for minute in range(70):
        now[0] = minute * 60.0
        metrics.counted("a", "live", "MessageCount")
    assert sorted({row["Timestamp"] for row in metrics.take()}) == [60 * minute for minute in range(10, 70)]


class CloudWatch:
    def __init__(self) -> None:
        self.put: list[dict[str, Any]] = []
        self.fails = False

    def put_metric_data(self, **request: Any) -> None:
        if self.fails:
            raise ConnectionError("no emulator")
        assert request["Namespace"] == "AWS/ApiGateway"
        self.put += request["MetricData"]


def test_counted_requests_are_put_once_and_kept_until_then() -> None:
    metrics, cloudwatch = GatewayMetrics(lambda: 125.0), CloudWatch()

    def gateway(request: httpx.Request) -> httpx.Response:
        assert (request.method, request.url.path) == ("POST", "/_metrics")
        return httpx.Response(200, json={"metrics": metrics.take()})

    http = httpx.Client(base_url="http://gateway", transport=httpx.MockTransport(gateway))
    counts = GatewayCounts(http, cloudwatch)
    for milliseconds in range(400):
        metrics.answered("a", "$default", 200, milliseconds / 1000, None, 1)
    cloudwatch.fails = True
    with pytest.raises(ConnectionError):
        counts.put()
    cloudwatch.fails = False
    assert counts.put() == len(cloudwatch.put)
    latency = [one for one in cloudwatch.put if (one["MetricName"], one["Dimensions"]) == ("Latency", BY_API)]
    assert [len(one["Values"]) for one in latency] == [150, 150, 100]
    assert sum(sum(one["Counts"]) for one in latency) == 400
    assert latency[0]["Timestamp"].timestamp() == 120
    assert counts.put() == 0
