"""CloudWatch's validation of metrics."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from emulation.emulator import metric_rules

DATUM = {"MetricName": "m", "Value": 1.5}
SUMMED = {"SampleCount": 2, "Sum": 3, "Minimum": 1, "Maximum": 2}


@pytest.mark.parametrize(
    "datum",
    [
        DATUM, {**DATUM, "Value": 0}, {**DATUM, "Unit": "Terabits/Second"}, {"MetricName": "m", "Values": [1, 2]},
        {"MetricName": "m", "Values": [1, 2], "Counts": [3, 4]}, {"MetricName": "m", "StatisticValues": SUMMED},
        {**DATUM, "Dimensions": [{"Name": "a", "Value": "b"}]},
    ],
)  # fmt: skip
def test_a_valid_metric_is_accepted(datum: Any) -> None:
    assert metric_rules.problem({"Namespace": "AWS/SQS", "MetricData": [datum]}) is None


@pytest.mark.parametrize(
    ("datum", "code"),
    [
        ({"Value": 1}, "MissingParameter"), ({"MetricName": "m"}, "MissingParameter"),
        ({**DATUM, "MetricName": "m" * 256}, "InvalidParameterValue"),
        ({**DATUM, "Value": "x"}, "InvalidParameterValue"), ({**DATUM, "Value": "NaN"}, "InvalidParameterValue"),
        ({**DATUM, "Value": float("inf")}, "InvalidParameterValue"),
        ({**DATUM, "Value": 2**361}, "InvalidParameterValue"),
        ({**DATUM, "Unit": "seconds"}, "InvalidParameterValue"),
        ({**DATUM, "Values": [1]}, "InvalidParameterCombination"),
        ({"MetricName": "m", "Values": [1], "Counts": [1, 2]}, "InvalidParameterValue"),
        ({"MetricName": "m", "Values": [1] * 151}, "InvalidParameterValue"),
        ({"MetricName": "m", "StatisticValues": {"Sum": 1}}, "MissingParameter"),
        ({**DATUM, "Dimensions": [{"Name": "a"}]}, "MissingParameter"),
        ({**DATUM, "Dimensions": [{"Name": str(at), "Value": "x"} for at in range(31)]}, "InvalidParameterValue"),
    ],
)  # fmt: skip
def test_an_invalid_metric_is_refused(datum: Any, code: str) -> None:
    found = metric_rules.problem({"Namespace": "n", "MetricData": [DATUM, datum]})
    assert found is not None
    assert found[0] == code
    assert "MetricData.member.2" in found[1] or datum.get("MetricName", "")[1:] in found[1]


@pytest.mark.parametrize(
    ("namespace", "number", "code"),
    [
        ("", 1, "MissingParameter"), ("n", 0, "MissingParameter"), (":n", 1, "InvalidParameterValue"),
        ("n", 1_001, "InvalidParameterValue"),
    ],
)  # fmt: skip
def test_a_missing_namespace_or_more_than_1000_metrics_are_refused(namespace: str, number: int, code: str) -> None:
    found = metric_rules.problem({"Namespace": namespace, "MetricData": [DATUM] * number})
    assert found is not None
    assert found[0] == code


def test_a_form_is_read_as_json_is() -> None:
    service = SimpleNamespace(_p=lambda params, name: params[name][0])
    prefix = "MetricData.member.1"
    form = {
        "Namespace": ["n"], f"{prefix}.MetricName": ["m"], f"{prefix}.Values.member.1": ["1"],
        f"{prefix}.Values.member.2": ["2"], f"{prefix}.Dimensions.member.1.Name": ["a"],
        f"{prefix}.Dimensions.member.1.Value": ["b"], "MetricData.member.2.Value": ["x"],
    }  # fmt: skip
    first, second = metric_rules.of_form(service, form)["MetricData"]
    assert (first["MetricName"], first["Values"], first["Dimensions"]) == (
        "m",
        ["1", "2"],
        [{"Name": "a", "Value": "b"}],
    )
    assert (second["Value"], second.get("MetricName")) == ("x", None)
