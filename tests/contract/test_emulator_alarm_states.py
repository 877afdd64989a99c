"""CloudWatch User Guide, "Concepts": an alarm watches one metric, identified by a name and its dimensions."""

from __future__ import annotations

import uuid
from typing import Any

from tests.contract.emulator_process import EmulatorProcess, wait_until


def test_a_full_queue_triggers_only_its_own_alarm(emulator: EmulatorProcess) -> None:
    client, mark = emulator.client("cloudwatch"), uuid.uuid4().hex[:8]
    names = {queue: f"{mark}-{queue}" for queue in ("full", "empty", "silent")}

    def metric(queue: str) -> dict[str, Any]:
        dimensions = [{"Name": "QueueName", "Value": names[queue]}]
        return {"MetricName": f"Visible{mark}", "Dimensions": dimensions}

    for queue, name in names.items():
        client.put_metric_alarm(
            AlarmName=name, Namespace="AWS/SQS", **metric(queue), Statistic="Maximum", Period=3600,
            EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanOrEqualToThreshold",
            TreatMissingData="notBreaching",
        )  # fmt: skip
    values = [{**metric("full"), "Value": 2}, {**metric("empty"), "Value": 0}]
    client.put_metric_data(Namespace="AWS/SQS", MetricData=values)

    def states() -> dict[str, str]:
        found = client.describe_alarms(AlarmNames=list(names.values()))["MetricAlarms"]
        return {one["AlarmName"].removeprefix(f"{mark}-"): one["StateValue"] for one in found}

    expected = {"full": "ALARM", "empty": "OK", "silent": "OK"}
    wait_until(lambda: states() == expected, 60, f"{expected}", lambda: str(states()))
    (ringing,) = client.describe_alarms(AlarmNames=[names["full"]])["MetricAlarms"]
    assert ringing["StateReason"].startswith("Maximum of the last 1 periods of 3600 s: 2;")
