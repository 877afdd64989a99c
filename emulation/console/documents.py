"""Segment documents, checked before they are kept: the pages read each of them again and again.

Source: https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from math import isinf
from typing import Any, Final, NoReturn

_TRACE_ID = re.compile(r"1-[0-9a-f]{8}-[0-9a-f]{24}", re.ASCII)
_ENTITY_ID = re.compile(r"[0-9a-f]{16}", re.ASCII)
_DEEPEST: Final = 50

Document = dict[str, Any]
_Check = Callable[[Any], object]


class BadDocument(ValueError):
    """Not a segment document."""


def document_of(text: str) -> Document:
    """The segment or subsegment that ``text`` describes, with all that is in it.

    Raises:
        BadDocument: it is no JSON object, or a field is not as in the schema.
    """
    try:
        document = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise BadDocument(f"expected a JSON segment document, got {text[:60]!r}") from error
    if not isinstance(document, dict):
        raise BadDocument(f"expected an object, got {type(document).__name__}")
    _require("trace_id", _matches(_TRACE_ID), document)
    _check(document, 0)
    return document


def _finite(number: str) -> float:
    value = float(number)
    if isinf(value):
        raise ValueError(f"{number} is too large")
    return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _check(entity: Any, depth: int) -> None:
    if not isinstance(entity, dict) or depth > _DEEPEST:
        raise BadDocument(f"subsegments: expected objects, up to {_DEEPEST} deep, got {str(entity)[:60]!r}")
    for name, fits in _REQUIRED.items():
        _require(name, fits, entity)
    for name, fits in _OPTIONAL.items():
        if entity.get(name) is not None:
            _require(name, fits, entity)
    for one in entity.get("subsegments") or ():
        _check(one, depth + 1)


def _require(name: str, fits: _Check, entity: Document) -> None:
    if not fits(entity.get(name)):
        found = str(entity.get(name))[:60]
        raise BadDocument(f"{name}: expected as in the segment document schema, got {found!r}")


def _matches(pattern: re.Pattern[str]) -> _Check:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value)


def _is_time(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _is_http(value: Any) -> bool:
    return _is_object(value) and all(_is_object(value.get(part) or {}) for part in ("request", "response"))


def _is_cause(value: Any) -> bool:
    """Exceptions, or the id of one that another document has."""
    if not _is_object(value):
        return isinstance(value, str)
    exceptions = value.get("exceptions") or []
    return isinstance(exceptions, list) and all(map(_is_object, exceptions))


_REQUIRED: Final[dict[str, _Check]] = {
    "id": _matches(_ENTITY_ID),
    "name": lambda value: isinstance(value, str) and value,
    "start_time": _is_time,
}
_OPTIONAL: Final[dict[str, _Check]] = {
    "end_time": _is_time,
    "parent_id": _matches(_ENTITY_ID),
    "subsegments": lambda value: isinstance(value, list),
    "annotations": _is_object,
    "aws": _is_object,
    "http": _is_http,
    "cause": _is_cause,
}
