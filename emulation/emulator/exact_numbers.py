"""Keeps DynamoDB's numbers and sums exact to 38 digits; numbers with more digits are refused, not rounded.

Python's own context rounds every sum to 28 digits. Source: "Supported data types and naming rules", Number: up to 38
digits of precision, 1E-130 to 9.9999999999999999999999999999999999999E+125; "exceeding this results in an exception".
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
"""

from __future__ import annotations

from decimal import Context, Decimal
from typing import Any

from emulation.emulator import seams

#: Enough for the sum of the largest and the smallest number: it is then refused for its digits, as on AWS.
_EXACT = Context(prec=300)


def sum_exactly() -> None:
    """Give MiniStack's DynamoDB a ``Decimal`` whose sums are exact and are checked."""
    dynamodb = seams.module("services.dynamodb")
    problem_of = dynamodb._number_error

    class Number(Decimal):
        """Raises ValueError, with DynamoDB's words, for a sum that cannot be stored."""

        def __add__(self, other: Any) -> Number:
            return Number(_EXACT.add(self, other))._stored()

        def __sub__(self, other: Any) -> Number:
            return Number(_EXACT.subtract(self, other))._stored()

        def _stored(self) -> Number:
            problem = problem_of(str(self))
            if problem is not None:
                raise ValueError(problem)
            return self

    dynamodb.Decimal = Number
    _update_exactly(dynamodb)


def _update_exactly(dynamodb: Any) -> None:
    """Both update paths refuse such a sum, and treat 1 and 1.0 as the same member of a set."""
    by_expression, by_attributes = dynamodb._apply_update_expression, dynamodb._apply_attribute_updates

    def one_spelling(value: Any) -> Any:
        if not isinstance(value, dict) or not isinstance(value.get("NS"), list):
            return value
        return {"NS": [dynamodb._ddb_canonicalize_number(one) or one for one in value["NS"]]}

    def apply_expression(item: Any, expression: Any, values: Any, names: Any, updated: Any = None) -> Any:
        spelled = {name: one_spelling(value) for name, value in (values or {}).items()}
        return by_expression(item, expression, spelled, names, updated)

    def apply_attributes(item: Any, updates: Any) -> Any:
        spelled = {
            name: {**one, "Value": one_spelling(one["Value"])} if isinstance(one, dict) and "Value" in one else one
            for name, one in updates.items()
        }
        try:
            return by_attributes(item, spelled)
        except ValueError as error:
            raise dynamodb._AttributeUpdatesValidationError(str(error)) from None

    dynamodb._apply_update_expression, dynamodb._apply_attribute_updates = apply_expression, apply_attributes
