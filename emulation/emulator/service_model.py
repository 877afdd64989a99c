"""Validates inputs by AWS's service models: types, lengths, ranges, patterns, allowed values.

Source: the service models in botocore, which the API References are made of.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any

#: Letters, marks, symbols, numbers and punctuation: neither spaces nor controls.
_VISIBLE = r"\p{L}\p{M}\p{S}\p{N}\p{P}"
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "boolean": (bool,), "integer": (int,), "long": (int,), "list": (list,), "map": (dict,),
    "structure": (dict,), "timestamp": (int, float, str),
}  # fmt: skip


class Inputs:
    """Checks inputs of one service, by its name in botocore.

    Args:
        patterns: shape → pattern, where the pinned model differs from the API Reference; an empty one removes the
            pattern.
    """

    def __init__(self, service: str, patterns: Mapping[str, str] | None = None) -> None:
        self._service = service
        self._patterns = patterns or {}

    def refusal(self, action: str, data: Any, code: str) -> tuple[str, str, int] | None:
        """Error code, message and status for an invalid input of the operation. An operation that the model does not
        know is not checked."""
        shape = _input_of(self._service, action)
        if shape is None:
            return None
        try:
            problems = list(self._problems(shape, data, ""))
        except TypeError as mismatch:
            return ("SerializationException", str(mismatch), 400)
        if not problems:
            return None
        counted = f"{len(problems)} validation error{'s' * (len(problems) > 1)} detected: "
        return (code, counted + "; ".join(problems), 400)

    def _problems(self, shape: Any, value: Any, path: str) -> Iterator[str]:
        """Raises: TypeError (the JSON has another type than the model)."""
        if not _fits(value, _TYPES.get(shape.type_name, (object,))):
            raise TypeError(f"{path or 'The input'}: expected {shape.type_name}, got {type(value).__name__}")
        if shape.type_name == "structure":
            yield from self._members(shape, value, path)
        elif shape.type_name == "list":
            yield from (f"Value at '{path}' {_FAILED} {text}" for text in _length(shape, value))
            for number, one in enumerate(value, start=1):
                yield from self._problems(shape.member, one, f"{path}.{number}.member")
        elif shape.type_name == "map":
            for key, one in value.items():
                yield from self._problems(shape.value, one, f"{path}.{key}")
        elif shape.type_name == "string":
            yield from (f"Value at '{path}' {_FAILED} {text}" for text in self._broken(shape, value))
        elif shape.type_name in ("integer", "long"):
            yield from (f"Value '{value}' at '{path}' {_FAILED} {text}" for text in _range(shape, value))

    def _members(self, shape: Any, value: dict[str, Any], path: str) -> Iterator[str]:
        prefix = f"{path}." if path else ""
        for name, member in shape.members.items():
            given, at = value.get(name), f"{prefix}{name[:1].lower()}{name[1:]}"
            if given is not None:
                yield from self._problems(member, given, at)
            elif name in shape.required_members:
                yield f"Value at '{at}' {_FAILED} Member must not be null"

    def _broken(self, shape: Any, text: str) -> Iterator[str]:
        yield from _length(shape, text)
        wanted = shape.metadata.get("pattern", "")
        pattern = _compiled(self._patterns.get(shape.name, wanted))
        if pattern is not None and not pattern.fullmatch(text):
            yield f"Member must satisfy regular expression pattern: {wanted}"
        if shape.enum and text not in shape.enum:
            yield f"Member must satisfy enum value set: [{', '.join(shape.enum)}]"


_FAILED = "failed to satisfy constraint:"


@functools.cache
def _model(service: str) -> Any:
    from botocore.session import get_session

    return get_session().get_service_model(service)


@functools.cache
def _input_of(service: str, action: str) -> Any:
    model = _model(service)
    return model.operation_model(action).input_shape if action in model.operation_names else None


@functools.cache
def values_of(service: str, shape: str) -> frozenset[str]:
    """The allowed values of an enumeration."""
    return frozenset(_model(service).shape_for(shape).enum)


def _fits(value: Any, wanted: tuple[type, ...]) -> bool:
    """In Python ``True`` is an integer; in JSON it is not."""
    return isinstance(value, wanted) and (not isinstance(value, bool) or bool in wanted or object in wanted)


def _length(shape: Any, value: str | list[Any]) -> Iterator[str]:
    limits = shape.metadata
    if len(value) > limits.get("max", len(value)):
        yield f"Member must have length less than or equal to {limits['max']}"
    if len(value) < limits.get("min", 0):
        yield f"Member must have length greater than or equal to {limits['min']}"


def _range(shape: Any, value: int) -> Iterator[str]:
    limits = shape.metadata
    if value > limits.get("max", value):
        yield f"Member must have value less than or equal to {limits['max']}"
    if value < limits.get("min", value):
        yield f"Member must have value greater than or equal to {limits['min']}"


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    r"""None without a pattern, or for one whose ``\p{…}`` Python does not support."""
    translated = pattern.replace(_VISIBLE, r"\S")
    return re.compile(translated, re.DOTALL) if translated and r"\p" not in translated else None
