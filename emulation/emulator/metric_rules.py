"""Refuses PutMetricData requests that CloudWatch refuses; MiniStack stores all of them.

Sources: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html and
…/API_MetricDatum.html
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from emulation.emulator import seams

DATA_LIMIT, VALUES_LIMIT, DIMENSIONS_LIMIT, NAME_LIMIT = 1_000, 150, 30, 255
_PREFIXES = ("", "kilo", "mega", "giga", "tera")
_SIZES = tuple(f"{prefix}{unit}".capitalize() for unit in ("bytes", "bits") for prefix in _PREFIXES)
_UNITS = frozenset(
    (
        *("Seconds", "Microseconds", "Milliseconds", "Percent", "Count", "Count/Second", "None"),
        *_SIZES,
        *(f"{one}/Second" for one in _SIZES),
    )
)
#: Values lie between -2^360 and 2^360.
_GREATEST = 2.0**360
_SET = ("SampleCount", "Sum", "Minimum", "Maximum")
#: Code and message.
Problem = tuple[str, str]


def refuse_wrong_metrics() -> None:
    """Check the request before any of it is stored."""
    cloudwatch = seams.module("services.cloudwatch")
    put = cloudwatch._put_metric_data

    def put_checked(params: Any, cbor_data: Any, is_cbor: bool, is_json: bool = False) -> Any:
        request = cbor_data if is_cbor or is_json else of_form(cloudwatch, params)
        found = problem(request)
        if found is not None:
            return cloudwatch._error(*found, 400, use_json=is_json, use_cbor=is_cbor)
        return put(params, cbor_data, is_cbor, is_json)

    cloudwatch._put_metric_data = put_checked


def problem(request: Mapping[str, Any]) -> Problem | None:
    namespace, data = str(request.get("Namespace") or ""), request.get("MetricData") or ()
    if not namespace:
        return "MissingParameter", "The parameter Namespace is required."
    if namespace.startswith(":") or len(namespace) > NAME_LIMIT:
        return _INVALID, f"The value {namespace} for parameter Namespace is invalid."
    if not data:
        return "MissingParameter", "The parameter MetricData is required."
    if len(data) > DATA_LIMIT:
        return _INVALID, f"The collection MetricData must not have a size greater than {DATA_LIMIT}."
    for number, datum in enumerate(data, start=1):
        found = _datum_problem(f"MetricData.member.{number}", datum)
        if found is not None:
            return found
    return None


_INVALID = "InvalidParameterValue"


def _datum_problem(at: str, datum: Mapping[str, Any]) -> Problem | None:
    name, unit = str(datum.get("MetricName") or ""), datum.get("Unit") or "None"
    if not name:
        return "MissingParameter", f"The parameter {at}.MetricName is required."
    if len(name) > NAME_LIMIT:
        return _INVALID, f"The value {name} for parameter {at}.MetricName is invalid."
    if unit not in _UNITS:
        return _INVALID, f"The parameter {at}.Unit must be a value in the set [ {', '.join(sorted(_UNITS))} ]."
    return _dimensions_problem(at, datum.get("Dimensions") or ()) or _values_problem(at, datum)


def _dimensions_problem(at: str, dimensions: Sequence[Mapping[str, Any]]) -> Problem | None:
    if len(dimensions) > DIMENSIONS_LIMIT:
        return _INVALID, f"The collection {at}.Dimensions must not have a size greater than {DIMENSIONS_LIMIT}."
    for number, one in enumerate(dimensions, start=1):
        for part in ("Name", "Value"):
            if not one.get(part):
                return "MissingParameter", f"The parameter {at}.Dimensions.member.{number}.{part} is required."
    return None


def _values_problem(at: str, datum: Mapping[str, Any]) -> Problem | None:
    """One of ``Value``, ``Values`` with or without ``Counts``, and ``StatisticValues``."""
    values, counts, statistics = datum.get("Values") or (), datum.get("Counts") or (), datum.get("StatisticValues")
    given = [datum.get("Value") is not None, bool(values), bool(statistics)]
    if sum(given) != 1:
        text = f"{at}: expected exactly one of Value, Values and StatisticValues, got {sum(given)}."
        return "InvalidParameterCombination" if sum(given) else "MissingParameter", text
    if (counts and len(counts) != len(values)) or max(len(values), len(counts)) > VALUES_LIMIT:
        text = f"{at}: expected as many Counts as Values, at most {VALUES_LIMIT}; got {len(counts)} and {len(values)}."
        return _INVALID, text
    parts = [statistics.get(name) for name in _SET] if statistics else []
    if None in parts:
        return "MissingParameter", f"The parameter {at}.StatisticValues.{_SET[parts.index(None)]} is required."
    for value in (datum.get("Value"), *values, *counts, *parts):
        if value is not None and not _is_number(value):
            return _INVALID, f"The value {value} for parameter {at}.Value is invalid."
    return None


def _is_number(value: Any) -> bool:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return False
    return math.isfinite(number) and abs(number) <= _GREATEST


def of_form(cloudwatch: Any, params: Any) -> dict[str, Any]:
    """The request as JSON has it, from the fields of a form."""
    tree: dict[str, Any] = {}
    for name in params:
        *path, last = name.split(".")
        node = tree
        for part in path:
            node = node.setdefault(part, {})
            if not isinstance(node, dict):
                break
        else:
            node[last] = cloudwatch._p(params, name) or None
    data = [
        {**datum, **{name: _members(datum.get(name)) for name in ("Values", "Counts", "Dimensions")}}
        for datum in _members(tree.get("MetricData"))
    ]
    return {"Namespace": tree.get("Namespace"), "MetricData": data}


def _members(node: Any) -> list[Any]:
    """The values of ``name.member.1``, ``name.member.2`` and so on, up to the first missing one."""
    numbered = node.get("member") if isinstance(node, dict) else None
    found: list[Any] = []
    while isinstance(numbered, dict) and (one := numbered.get(str(len(found) + 1))) is not None:
        found.append(one)
    return found
