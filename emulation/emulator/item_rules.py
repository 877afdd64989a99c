"""Refuses attribute values, starting keys and batches that DynamoDB refuses; MiniStack accepts some of them, or fails.

Sources: API_AttributeValue, API_WriteRequest ("It is not possible to request both of these operations in a single
WriteRequest"), API_BatchGetItem (duplicate keys), API_Query (``ExclusiveStartKey``: the data type must be String,
Number or Binary, no set), https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from emulation.emulator import seams
from emulation.emulator.query_filters import keys_of
from emulation.emulator.service_model import Inputs

#: Type of an attribute value → what JSON has for it.
_TYPES: dict[str, tuple[type, ...]] = {
    "S": (str,), "N": (str,), "B": (str, bytes), "SS": (list,), "NS": (list,), "BS": (list,), "L": (list,),
    "M": (dict,), "BOOL": (bool,), "NULL": (bool,),
}  # fmt: skip
EMPTY = "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
SEVERAL = "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"
DUPLICATES = "Provided list of item keys contains duplicates"
TWICE = "Transaction request cannot include multiple operations on one item"
START_KEY = "The provided starting key is invalid"
MISMATCH = f"{START_KEY}: The provided key element does not match the schema"
BOTH = "Supplied WriteRequest is invalid: expected exactly one of PutRequest and DeleteRequest"
_SINGLE = ("_get_item", "_put_item", "_update_item", "_delete_item", "_query", "_scan")
#: Code and message.
Problem = tuple[str, str]


def refuse_wrong_items() -> None:
    """Check requests before MiniStack acts."""
    dynamodb = seams.module("services.dynamodb")

    def checked(act: Callable[..., Any], problem: Callable[[Any, Mapping[str, Any]], Problem | None]) -> Any:
        def check_and_act(data: Any) -> Any:
            found = problem(dynamodb, data)
            return dynamodb.error_response_json(*found, 400) if found else act(data)

        return check_and_act

    for name in _SINGLE:
        setattr(dynamodb, name, checked(getattr(dynamodb, name), request_problem))
    dynamodb._batch_write_item = checked(dynamodb._batch_write_item, writes_problem)
    dynamodb._batch_get_item = checked(dynamodb._batch_get_item, reads_problem)
    for name in ("_transact_write_items", "_transact_get_items"):
        setattr(dynamodb, name, checked(getattr(dynamodb, name), transaction_problem))
    _refuse_other_json(dynamodb)


def _refuse_other_json(dynamodb: Any) -> None:
    """JSON of other types than the model's makes MiniStack fail. It is checked only then, so that valid requests cost
    nothing."""
    handle, inputs = dynamodb.handle_request, Inputs("dynamodb")

    async def handle_or_refuse(method: str, path: str, headers: Any, body: bytes, query_params: Any) -> Any:
        try:
            return await handle(method, path, headers, body, query_params)
        except (TypeError, AttributeError, ValueError, KeyError):
            action = headers.get("x-amz-target", "").rpartition(".")[2]
            refusal = inputs.refusal(action, json.loads(body or b"{}"), "ValidationException")
            if refusal is None:
                raise
            return dynamodb.error_response_json(*refusal)

    dynamodb.handle_request = handle_or_refuse


def transaction_problem(dynamodb: Any, data: Mapping[str, Any]) -> Problem | None:
    """The first problem in the actions of a transaction."""
    members = data.get("TransactItems")
    for member in members if isinstance(members, list) else ():
        for action in member.values() if isinstance(member, dict) else ():
            found = request_problem(dynamodb, action) if isinstance(action, dict) else None
            if found is not None:
                return found
    actions = [
        action
        for member in (members if isinstance(members, list) else ())
        for action in (member.values() if isinstance(member, dict) else ())
        if isinstance(action, dict)
    ]
    named = [(str(one.get("TableName")), one.get("Item") or one.get("Key") or {}) for one in actions]
    return ("ValidationException", TWICE) if _duplicate_problem(dynamodb, named) else None


def request_problem(dynamodb: Any, data: Mapping[str, Any]) -> Problem | None:
    """The first problem in the attribute values and the starting key of a request about one table."""
    for field, prefix, suffix in (
        ("Key", "", ""),
        ("Item", "", ""),
        ("ExpressionAttributeValues", "ExpressionAttributeValues contains invalid value: ", " for key {}"),
        ("ExclusiveStartKey", f"{START_KEY}: ", ""),
    ):
        values = data.get(field)
        for name, value in values.items() if isinstance(values, dict) else ():
            found = value_problem(value)
            if found:
                code, text = found
                is_rule = code == "ValidationException"
                return code, prefix + text + suffix.format(name) if is_rule else text
    return _start_problem(dynamodb, data)


def value_problem(value: Any) -> Problem | None:
    """``SerializationException`` where the JSON is of another type than the model's, ``ValidationException`` where no
    type or several are set. An unknown type counts as not set."""
    if isinstance(value, dict) and len(value) == 1 and isinstance(value.get("S"), str):
        return None  # as most are
    if not isinstance(value, dict):
        return "SerializationException", f"Unexpected value type in payload: {type(value).__name__}"
    known = {kind: content for kind, content in value.items() if kind in _TYPES}
    for kind, content in known.items():
        if not isinstance(content, _TYPES[kind]):
            return "SerializationException", f"{type(content).__name__} can not be converted to {kind}"
    if len(known) != 1:
        return "ValidationException", SEVERAL if known else EMPTY
    ((kind, content),) = known.items()
    children = content.values() if kind == "M" else content if kind == "L" else ()
    return next((found for child in children if (found := value_problem(child))), None)


def _start_problem(dynamodb: Any, data: Mapping[str, Any]) -> Problem | None:
    """A starting key has the keys of the table, and of the index that is read, each of its type, and nothing else."""
    start = data.get("ExclusiveStartKey")
    table = dynamodb._tables.get(dynamodb._normalize_table_name(data.get("TableName"))) if start else None
    if table is None or not isinstance(start, dict):
        return None
    types = {one["AttributeName"]: one["AttributeType"] for one in table.get("AttributeDefinitions") or ()}
    keys = {*keys_of(dynamodb, data), *keys_of(dynamodb, {"TableName": data["TableName"]})}
    if start.keys() == keys and all(set(value) == {types.get(name)} for name, value in start.items()):
        return None
    is_query = "KeyConditionExpression" in data or "KeyConditions" in data
    return "ValidationException", START_KEY if is_query or data.get("IndexName") else MISMATCH


def writes_problem(dynamodb: Any, data: Mapping[str, Any]) -> Problem | None:
    tables = data.get("RequestItems")
    keys = []
    for name, requests in tables.items() if isinstance(tables, dict) else ():
        for request in requests if isinstance(requests, list) else ():
            if not isinstance(request, dict) or ("PutRequest" in request) == ("DeleteRequest" in request):
                return "ValidationException", BOTH
            put, delete = request.get("PutRequest") or {}, request.get("DeleteRequest") or {}
            keys.append((name, put.get("Item") or delete.get("Key") or {}))
    return _values_problem(keys) or _duplicate_problem(dynamodb, keys)


def reads_problem(dynamodb: Any, data: Mapping[str, Any]) -> Problem | None:
    tables = data.get("RequestItems")
    keys = [
        (name, key)
        for name, config in (tables.items() if isinstance(tables, dict) else ())
        for key in ((config.get("Keys") or ()) if isinstance(config, dict) else ())
    ]
    return _values_problem(keys) or _duplicate_problem(dynamodb, keys)


def _values_problem(named: list[tuple[str, Any]]) -> Problem | None:
    values = (value for _, item in named if isinstance(item, dict) for value in item.values())
    return next((found for value in values if (found := value_problem(value))), None)


def _duplicate_problem(dynamodb: Any, named: list[tuple[str, Any]]) -> Problem | None:
    """The number 1 is the key 1.0 too."""
    seen, names = set(), {name: keys_of(dynamodb, {"TableName": name}) for name in {name for name, _ in named}}
    for name, item in named:
        keys = tuple([_spelt(dynamodb, item.get(key)) for key in names[name]])
        if not keys or None in keys:
            return None
        if (name, keys) in seen:
            return "ValidationException", DUPLICATES
        seen.add((name, keys))
    return None


def _spelt(dynamodb: Any, value: Any) -> tuple[str, str] | None:
    if not isinstance(value, dict) or len(value) != 1:
        return None
    ((kind, content),) = value.items()
    return kind, str(dynamodb._ddb_canonicalize_number(content)) if kind == "N" else str(content)
