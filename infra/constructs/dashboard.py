"""The overview dashboard, as the JSON that CloudWatch keeps.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from infra.constants import METRICS_NAMESPACE, WEBSOCKET_STAGE, physical

Metric = list[Any]
_WIDTH, _HEIGHT = 8, 6
_COLUMNS = 24 // _WIDTH


def dashboard_body(
    region: str,
    *,
    functions: Sequence[str],
    stream_consumers: Sequence[str],
    failure_queues: Sequence[str],
    tables: Sequence[str],
    http_api: str,
    socket_api: str,
) -> dict[str, Any]:
    """Rows from the outside to the inside: user-visible latency and errors, functions, queues, storage."""
    graphs = [
        *_of_apis(http_api, socket_api),
        ("Functions: invocations", [_function(name, "Invocations") for name in functions], "Sum"),
        ("Functions: errors", [_function(name, "Errors") for name in functions], "Sum"),
        ("Functions: p95 (ms)", [_function(name, "Duration") for name in functions], "p95"),
        ("Streams: how far behind (ms)", [_function(name, "IteratorAge") for name in stream_consumers], "Maximum"),
        ("Given up: waiting for a replay", [_queue(name) for name in failure_queues], "Maximum"),
        ("Domain events published", [["AWS/SNS", "NumberOfMessagesPublished", "TopicName", physical("events")]], "Sum"),
        ("Tables: writes (capacity units)", [_table(name, "ConsumedWriteCapacityUnits") for name in tables], "Sum"),
        ("Tables: throttled writes", [_table(name, "WriteThrottleEvents") for name in tables], "Sum"),
        ("Operations: p95 (ms)", [[{"expression": _by_operation(), "id": "operations"}]], "p95"),
        ("Outcomes: ok, refused, failed", [[{"expression": _by_outcome(), "id": "outcomes"}]], "Sum"),
        ("Calls: there and back (ms)", [[{"expression": _of_calls("CallRoundTrip"), "id": "roundtrips"}]], "p95"),
        ("Calls: lost (%)", [[{"expression": _of_calls("CallLoss"), "id": "losses"}]], "p95"),
        ("What people did", [[{"expression": _business_metrics(), "id": "business"}]], "Sum"),
    ]
    widgets = [_graph(index, region, *graph) for index, graph in enumerate(graphs)]
    return {"start": "-PT3H", "periodOverride": "inherit", "widgets": widgets}


def _of_apis(http_api: str, socket_api: str) -> list[tuple[str, list[Metric], str]]:
    latency = _api(http_api, "Latency")
    sockets = ["ApiId", socket_api, "Stage", WEBSOCKET_STAGE]
    counted = ("ConnectCount", "MessageCount", "IntegrationError")
    return [
        ("API: requests and failures", [_api(http_api, name) for name in ("Count", "4xx", "5xx")], "Sum"),
        ("API: latency (ms)", [[*latency, {"stat": stat}] for stat in ("p50", "p95", "p99")], "p95"),
        ("Sockets", [["AWS/ApiGateway", name, *sockets] for name in counted], "Sum"),
    ]


def _by_operation() -> str:
    return f"SEARCH('{{{METRICS_NAMESPACE},service,operation}} MetricName=\"Duration\"', 'p95', 60)"


def _by_outcome() -> str:
    return f"SEARCH('{{{METRICS_NAMESPACE},service,outcome}} MetricName=\"Outcome\"', 'Sum', 60)"


def _of_calls(name: str) -> str:
    return f"SEARCH('{{{METRICS_NAMESPACE},service,media,path}} MetricName=\"{name}\"', 'p95', 60)"


def _business_metrics() -> str:
    return f"SEARCH('{{{METRICS_NAMESPACE},service}}', 'Sum', 60)"


def _graph(index: int, region: str, title: str, metrics: list[Metric], stat: str) -> dict[str, Any]:
    return {
        "type": "metric",
        "x": index % _COLUMNS * _WIDTH,
        "y": index // _COLUMNS * _HEIGHT,
        "width": _WIDTH,
        "height": _HEIGHT,
        "properties": {"title": title, "region": region, "stat": stat, "period": 60, "metrics": metrics},
    }


def _api(api_id: str, name: str) -> Metric:
    return ["AWS/ApiGateway", name, "ApiId", api_id]


def _function(name: str, metric: str) -> Metric:
    return ["AWS/Lambda", metric, "FunctionName", name]


def _queue(name: str) -> Metric:
    return ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", name]


def _table(name: str, metric: str) -> Metric:
    return ["AWS/DynamoDB", metric, "TableName", name]
