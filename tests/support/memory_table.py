"""A DynamoDB table in memory, for unit tests of code that leaves a decision to conditional writes.

It knows the expressions that this repository writes, and refuses what DynamoDB refuses: names and values without use.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from botocore.exceptions import ClientError

from services.common.dynamo import Item, to_attributes

_TOKEN = re.compile(r"<>|<=|>=|[()=<>,]|[^\s()=<>,]+")
_SETTING = re.compile(r"(\S+) = (?:if_not_exists\((\S+), (\S+)\)|([^\s,]+))")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda one, other: bool(one == other),
    "<>": lambda one, other: bool(one != other),
    "<": lambda one, other: bool(one < other),
    "<=": lambda one, other: bool(one <= other),
}


class MemoryTable:
    """The part of boto3's ``Table`` that works on one item."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], Item] = {}
        #: Raised by the next calls, if it is set.
        self.failure: Exception | None = None

    def get_item(self, *, Key: Item, ConsistentRead: bool = False, ProjectionExpression: str = "") -> dict[str, Any]:
        self._fail()
        assert isinstance(ProjectionExpression, str)
        item = self.items.get((Key["pk"], Key["sk"]))
        if item is None or not ConsistentRead:  # a read that is not consistent may miss what was just written
            return {}
        wanted = ProjectionExpression.split(", ") if ProjectionExpression else list(item)
        return {"Item": _as_boto3({name: item[name] for name in wanted if name in item})}

    def update_item(
        self,
        *,
        Key: Item,
        UpdateExpression: str,
        ConditionExpression: str = "",
        ExpressionAttributeNames: Mapping[str, str] | None = None,
        ExpressionAttributeValues: Item | None = None,
        ReturnValues: str = "NONE",
        ReturnValuesOnConditionCheckFailure: str = "NONE",
    ) -> dict[str, Any]:
        self._fail()
        names, values = ExpressionAttributeNames or {}, ExpressionAttributeValues or {}
        used = set(re.findall(r"[#:]\w+", f"{UpdateExpression} {ConditionExpression}"))
        if used != {*names, *values}:
            raise refused("ValidationException")
        before = self.items.get((Key["pk"], Key["sk"]), {})
        expression = _Expression(before, names, values)
        if ConditionExpression and not expression.holds(ConditionExpression):
            told = {"Item": to_attributes(before)} if ReturnValuesOnConditionCheckFailure == "ALL_OLD" else {}
            raise refused("ConditionalCheckFailedException", **told)
        after = self.items[Key["pk"], Key["sk"]] = expression.applied(UpdateExpression) | Key
        return {"Attributes": _as_boto3(after)} if ReturnValues == "ALL_NEW" else {}

    def _fail(self) -> None:
        if self.failure:
            raise self.failure


def refused(code: str, **more: Any) -> ClientError:
    answer: Any = {"Error": {"Code": code}, **more}
    return ClientError(answer, "UpdateItem")


def _as_boto3(item: Item) -> Item:
    return {name: Decimal(value) if isinstance(value, int) else value for name, value in item.items()}


class _Expression:
    """Expressions over one item."""

    def __init__(self, item: Item, names: Mapping[str, str], values: Item) -> None:
        self._item, self._names, self._values = item, names, values
        self._tokens: list[str] = []

    def holds(self, condition: str) -> bool:
        self._tokens = _TOKEN.findall(condition)
        found = self._any()
        assert not self._tokens, f"not understood: {self._tokens}"
        return found

    def applied(self, update: str) -> Item:
        """The item after an update."""
        after = dict(self._item)
        _, *clauses = re.split(r"(?:^|\s)(ADD|SET|REMOVE) ", update)
        for verb, clause in zip(clauses[::2], clauses[1::2], strict=True):
            if verb == "SET":
                for name, kept, otherwise, value in _SETTING.findall(clause):
                    after[self._name(name)] = self._value(value) if value else self._item.get(
                        self._name(kept), self._value(otherwise)
                    )  # fmt: skip
            for part in clause.split(", ") if verb != "SET" else ():
                name, _, value = part.partition(" ")
                if verb == "ADD":
                    after[self._name(name)] = self._item.get(self._name(name), 0) + self._value(value)
                else:
                    after.pop(self._name(name), None)
        return after

    def _any(self) -> bool:
        found = self._all()
        while self._take_if("OR"):
            found = self._all() or found
        return found

    def _all(self) -> bool:
        found = self._one()
        while self._take_if("AND"):
            found = self._one() and found
        return found

    def _one(self) -> bool:
        if self._take_if("("):
            found = self._any()
            assert self._take_if(")")
            return found
        token = self._tokens.pop(0)
        if token == "attribute_not_exists":
            _, name, _ = (self._tokens.pop(0) for _ in range(3))
            return self._name(name) not in self._item
        compare, value = _COMPARE[self._tokens.pop(0)], self._value(self._tokens.pop(0))
        name = self._name(token)
        return name in self._item and compare(self._item[name], value)

    def _take_if(self, token: str) -> bool:
        is_next = self._tokens[:1] == [token]
        if is_next:
            del self._tokens[0]
        return is_next

    def _name(self, text: str) -> str:
        return self._names[text] if text.startswith("#") else text

    def _value(self, text: str) -> Any:
        return self._values[text]
