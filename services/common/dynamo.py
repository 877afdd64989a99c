"""Shared DynamoDB code of all repositories: paging in both directions, transactions, batch reads."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any

from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import ClientError

from services.common import wire
from services.common.aws import client
from services.common.aws import table as shared_table
from services.common.carriers import ITEM_ATTRIBUTE
from services.common.cursors import Cursor
from services.common.errors import FieldError, InvalidCursor

Item = dict[str, Any]
_serializer = TypeSerializer()
_BATCH_GET_LIMIT = 100
_BATCH_WRITE_LIMIT = 25
_BATCH_ATTEMPTS = 8


class Repository:
    """Base of a context's repository: holds its table."""

    def __init__(self, table_name: str) -> None:
        self.name = table_name

    @cached_property
    def table(self) -> Any:
        """The DynamoDB ``Table`` resource."""
        return shared_table(self.name)


def plain(value: Any) -> Any:
    """Turn DynamoDB's ``Decimal`` into ``int`` (or ``float`` when it has a fraction), deeply; sets become lists."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [plain(entry) for entry in value]
    if isinstance(value, (set, frozenset)):
        return sorted(plain(entry) for entry in value)
    return value


def to_attributes(item: Mapping[str, Any]) -> dict[str, Any]:
    """Python values to typed attributes (``{"S": …}``); ``None`` entries are left out."""
    return {key: _serializer.serialize(value) for key, value in item.items() if value is not None}


def from_attributes(image: Mapping[str, Any]) -> Item:
    """A stream image or low-level item to plain Python values, without the header of its trace."""
    # Most values are texts: those are taken without a call.
    return {
        name: value["S"] if "S" in value else wire.value_of(value)
        for name, value in image.items()
        if name != ITEM_ATTRIBUTE
    }


def is_conditional_failure(error: ClientError) -> bool:
    """Whether a single write was refused by its own condition."""
    return error.response["Error"]["Code"] == "ConditionalCheckFailedException"


def conditionally(write: Callable[..., Item], **request: Any) -> Item | None:
    """The response of a conditional write; ``None`` when the condition failed.

    Raises:
        ClientError: any other error of DynamoDB.
    """
    try:
        return write(**request)
    except ClientError as error:
        if is_conditional_failure(error):
            return None
        raise


def accepted(write: Callable[..., Item], **request: Any) -> bool:
    """Whether the condition of a write held; as ``conditionally``."""
    return conditionally(write, **request) is not None


def cancellation_codes(error: ClientError) -> list[str]:
    """Per-item reason codes of a cancelled transaction, in request order; empty for any other error."""
    if error.response["Error"]["Code"] != "TransactionCanceledException":
        return []
    reasons: Sequence[Mapping[str, Any]] = error.response.get("CancellationReasons") or []
    return [str(reason.get("Code", "None")) for reason in reasons]


def query_page(
    table: Any,
    partition: str,
    *,
    cursor: Cursor | None,
    limit: int,
    prefix: str = "",
    index: str | None = None,
    consistent: bool = False,
) -> list[Item]:
    """Up to ``limit + 1`` items of one partition, in the order that ``cursors.page_of`` expects.

    Args:
        partition: value of ``pk`` (or of ``<index>pk``).
        prefix: what the sort keys of this list begin with.
        index: name of a GSI (``gsi1``), or ``None`` for the table.

    Raises:
        InvalidCursor: the key in the cursor does not belong to this list: it could lead to other items of the
            partition.
    """
    if cursor is not None and not cursor.key.startswith(prefix):
        expected = "a value that a previous page of this list gave as 'older' or 'newer'"
        raise InvalidCursor("The cursor does not belong to this list.", FieldError("cursor", expected, cursor.key[:64]))
    pk, sk = (f"{index}pk", f"{index}sk") if index else ("pk", "sk")
    newer = cursor is not None and cursor.direction == "newer"
    condition, values = "#p = :p", {":p": partition}
    if cursor is None:
        if prefix:
            condition, values = f"{condition} AND begins_with(#s, :from)", {**values, ":from": prefix}
    else:
        first, last = (cursor.key + "\x00", prefix + "\U0010ffff") if newer else (prefix or "\x00", cursor.key)
        if first > last:
            return []
        condition = f"{condition} AND #s BETWEEN :from AND :to"
        values = {**values, ":from": first, ":to": last}
    query: dict[str, Any] = {
        "TableName": table.name,
        "KeyConditionExpression": condition,
        "ExpressionAttributeNames": {"#p": pk, "#s": sk} if ":from" in values else {"#p": pk},
        "ExpressionAttributeValues": {name: {"S": value} for name, value in values.items()},
        "ScanIndexForward": newer,
        # BETWEEN is inclusive: one more row than asked for makes up for the cursor's own.
        "Limit": limit + 2 if cursor is not None and not newer else limit + 1,
    }
    if index:
        query["IndexName"] = index
    elif consistent:
        query["ConsistentRead"] = True
    rows: list[Item] = []
    while True:
        answer = wire.read("Query", query)
        found = (from_attributes(image) for image in answer["Items"])
        rows += [item for item in found if cursor is None or item[sk] != cursor.key]
        if "LastEvaluatedKey" not in answer or len(rows) > limit:
            return rows[: limit + 1]
        query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def batch_get(
    keys: Mapping[str, Iterable[tuple[str, str]]], *, consistent: bool = False
) -> dict[tuple[str, str, str], Item]:
    """Read items of several tables in one request per 100 keys.

    Args:
        keys: table name → ``(pk, sk)`` pairs; doubles are read once.
        consistent: whether what was written a moment ago must be seen.

    Returns:
        ``(table, pk, sk)`` → item, for those that exist.
    """
    wanted = [(name, pk, sk) for name, pairs in keys.items() for pk, sk in dict.fromkeys(pairs)]
    found: dict[tuple[str, str, str], Item] = {}
    for start in range(0, len(wanted), _BATCH_GET_LIMIT):
        request: dict[str, Any] = {}
        for name, pk, sk in wanted[start : start + _BATCH_GET_LIMIT]:
            entry = request.setdefault(name, {"Keys": [], "ConsistentRead": consistent})
            entry["Keys"].append({"pk": {"S": pk}, "sk": {"S": sk}})
        for attempt in range(_BATCH_ATTEMPTS):
            answer = wire.read("BatchGetItem", {"RequestItems": request})
            for name, items in answer["Responses"].items():
                for image in items:
                    item = from_attributes(image)
                    found[(name, item["pk"], item["sk"])] = item
            request = answer.get("UnprocessedKeys") or {}
            if not request:
                break
            _back_off(attempt)
        else:
            raise RuntimeError(f"DynamoDB left keys unprocessed in {sorted(request)} eight times in a row")
    return found


def batch_write(
    table_name: str, *, puts: Iterable[Mapping[str, Any]] = (), deletes: Iterable[tuple[str, str]] = ()
) -> None:
    """Put items and delete ``(pk, sk)`` keys of one table, unconditionally, in requests of 25.

    Raises:
        RuntimeError: DynamoDB left some unprocessed eight times in a row; the whole call can be repeated.
    """
    requests = [{"PutRequest": {"Item": to_attributes(item)}} for item in puts]
    requests += [{"DeleteRequest": {"Key": {"pk": {"S": pk}, "sk": {"S": sk}}}} for pk, sk in deletes]
    for start in range(0, len(requests), _BATCH_WRITE_LIMIT):
        left = requests[start : start + _BATCH_WRITE_LIMIT]
        for attempt in range(_BATCH_ATTEMPTS):
            answer = client("dynamodb").batch_write_item(RequestItems={table_name: left})
            left = (answer.get("UnprocessedItems") or {}).get(table_name, [])
            if not left:
                break
            _back_off(attempt)
        else:
            raise RuntimeError(f"DynamoDB left {len(left)} writes to {table_name} unprocessed")


def _back_off(attempt: int) -> None:
    """Unprocessed items mean throttling: AWS wants exponential back-off with jitter before the next try."""
    time.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - jitter


def transact(operations: Sequence[Mapping[str, Any]], token: str | None = None) -> None:
    """``TransactWriteItems``; values inside ``Item``, ``Key`` and ``ExpressionAttributeValues`` are plain Python.

    Args:
        operations: ``{"Put": {...}}``, ``{"Update": {...}}``, ``{"Delete": {...}}``, ``{"ConditionCheck": {...}}``.
        token: ``ClientRequestToken`` (at most 36 characters), to make a retry of the same call harmless.

    Raises:
        ClientError: ``TransactionCanceledException``; see ``cancellation_codes``.
    """
    request: dict[str, Any] = {"TransactItems": [_typed(operation) for operation in operations]}
    if token is not None:
        request["ClientRequestToken"] = token
    client("dynamodb").transact_write_items(**request)


def transacted(operations: Sequence[Mapping[str, Any]]) -> bool:
    """Whether all conditions of a transaction held; else nothing is written."""
    try:
        transact(operations)
    except ClientError as error:
        if cancellation_codes(error):
            return False
        raise
    return True


def _typed(operation: Mapping[str, Any]) -> dict[str, Any]:
    ((verb, body),) = operation.items()
    typed = dict(body)
    for part in ("Item", "Key", "ExpressionAttributeValues"):
        if part in typed:
            typed[part] = to_attributes(typed[part])
    return {verb: typed}
