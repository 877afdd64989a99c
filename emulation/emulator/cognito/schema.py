"""Validates attributes by the schema of a user pool.

Sources: Amazon Cognito user pools API Reference, "SchemaAttributeType" and "AttributeType"; Developer Guide, "Working
with user attributes".
"""

from __future__ import annotations

import re
from typing import Any

_EMAIL = re.compile(r"[^@\s<>()\",;:\\]+@[^@\s<>()\",;:\\.]+(\.[^@\s<>()\",;:\\.]+)*")
_PHONE = re.compile(r"\+[0-9]{3,15}")

Refusal = tuple[str, str, int] | None


def written(data: dict[str, Any]) -> dict[str, str]:
    """``UserAttributes`` of a request: name → value."""
    given = data.get("UserAttributes") or []
    return {str(one.get("Name")): str(one.get("Value") or "") for one in given if isinstance(one, dict)}


def attributes_of(pool: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["Name"]: one for one in pool.get("SchemaAttributes") or []}


def refusal(pool: dict[str, Any], given: dict[str, str], creating: bool = False) -> Refusal:
    """Why these values cannot be written to a user, or None."""
    known = attributes_of(pool)
    for name, value in given.items():
        problem = _problem(known.get(name), name, value, creating)
        if problem:
            return ("InvalidParameterException", problem, 400)
    missing = [name for name, one in known.items() if one.get("Required") and name != "sub" and not given.get(name)]
    if creating and missing:
        return _unlike(missing[0], "The attribute is required")
    return None


def deletion_refusal(pool: dict[str, Any], names: list[str]) -> Refusal:
    """Why these attributes cannot be taken from a user, or None."""
    known = attributes_of(pool)
    for name in names:
        one = known.get(name)
        if one is None:
            return _unlike(name, "Attribute does not exist in the schema.")
        if one.get("Required") or not one.get("Mutable", True) or name in (pool.get("UsernameAttributes") or []):
            return ("InvalidParameterException", f"user.{name}: Attribute cannot be deleted.", 400)
    return None


def _unlike(name: str, why: str) -> tuple[str, str, int]:
    return ("InvalidParameterException", f"Attributes did not conform to the schema: {name}: {why}\n", 400)


def _problem(one: dict[str, Any] | None, name: str, value: str, creating: bool) -> str | None:
    if one is None:
        return _unlike(name, "Attribute does not exist in the schema.")[1]
    if not creating and not one.get("Mutable", True):
        return f"user.{name}: Attribute cannot be updated.\n"
    if name == "email" and not _EMAIL.fullmatch(value):
        return "Invalid email address format."
    if name == "phone_number" and value and not _PHONE.fullmatch(value):
        return "Invalid phone number format."
    return _misfit(one, name, value)


def _misfit(one: dict[str, Any], name: str, value: str) -> str | None:
    """Why a value violates its type or bounds; an empty value unsets an optional attribute."""
    if not value and not one.get("Required"):
        return None
    text, number = one.get("StringAttributeConstraints") or {}, one.get("NumberAttributeConstraints") or {}
    if one.get("AttributeDataType") == "Number":
        fits = re.fullmatch(r"-?\d+", value) and _within(int(value), number.get("MinValue"), number.get("MaxValue"))
    elif one.get("AttributeDataType") == "Boolean":
        fits = value.lower() in ("true", "false")
    else:
        fits = _within(len(value), text.get("MinLength"), text.get("MaxLength"))
    return None if fits else _unlike(name, f"expected {one.get('AttributeDataType')} within its constraints")[1]


def _within(size: int, least: Any, most: Any) -> bool:
    return (least in (None, "") or size >= int(least)) and (most in (None, "") or size <= int(most))
