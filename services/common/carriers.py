"""Carries the trace header from one function to the next where X-Ray does not.

| From → to | The header is in | Written by | Read by |
|---|---|---|---|
| item → stream of its table | the attribute ``xray`` | ``mark_requests`` | ``cause_of`` |
| message of SNS → SQS | the message attribute ``trace`` | ``events.publish`` | ``cause_of`` |
| message of SQS | the system attribute ``AWSTraceHeader`` | ``mark_requests`` | ``cause_of`` |
| record of Kinesis | ``trace`` beside the frame | ``outbox`` | ``cause_of`` |
| frame of a socket | ``trace`` in the frame | ``realtime``, clients | clients, ``sockets`` |

Nothing is written when the trace is not sampled.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_MessageSystemAttributeValue.html
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Final

from services.common.tracing import Cause, current, from_call

#: The attribute of items. Repositories do not see it: see ``dynamo.from_attributes``.
ITEM_ATTRIBUTE: Final = "xray"
MESSAGE_ATTRIBUTE: Final = "trace"
_SYSTEM_ATTRIBUTE: Final = "AWSTraceHeader"
#: The tables with a stream; items of others have no use for it. A test compares them with the template's.
STREAMED: Final = frozenset({"posts", "profiles", "chat", "calls", "live", "media", "moderation"})
_FRAME_TRACE = re.compile(rb'"trace": ?"([^"]{1,120})"\}?$')
_SET = re.compile(r"(?<![\w#:.])SET\s+", re.IGNORECASE)
_NAME, _VALUE = "#xray", ":xray"

Record = Mapping[str, Any]
#: A projection writes what follows from a change; nothing follows from its writes.
_projects: ContextVar[bool] = ContextVar("projects", default=False)


@contextmanager
def projecting() -> Iterator[None]:
    """Writes within add no trace header to items: the consumer of a table's stream may write to the table."""
    token = _projects.set(True)
    try:
        yield
    finally:
        _projects.reset(token)


def cause_of(record: Record) -> Cause | None:
    """The cause that a record of an SQS, DynamoDB or Kinesis event names."""
    read = _READERS.get(str(record.get("eventSource")))
    return read(record) if read else None


def header_of_change(images: Mapping[str, Any]) -> str:
    """The trace header of the write behind a stream record (its ``dynamodb``); empty for a deletion.

    A write without a trace leaves the attribute unchanged, so that it names an earlier write.
    """
    new = (images.get("NewImage") or {}).get(ITEM_ATTRIBUTE)
    old = (images.get("OldImage") or {}).get(ITEM_ATTRIBUTE)
    return str(new.get("S", "")) if new and new != old else ""


def _of_change(record: Record) -> Cause | None:
    header = header_of_change(record["dynamodb"])
    if not header:
        return None
    table = str(record.get("eventSourceARN", "")).partition("/")[2].partition("/")[0] or "table"
    since = _epoch(record["dynamodb"].get("ApproximateCreationDateTime"))
    return Cause(header, f"{table} stream", "AWS::DynamoDB::Stream", since)


def _of_message(record: Record) -> Cause | None:
    attributes: Mapping[str, Any] = record.get("attributes") or {}
    given = (record.get("messageAttributes") or {}).get(MESSAGE_ATTRIBUTE) or {}
    header = str(given.get("stringValue") or attributes.get(_SYSTEM_ATTRIBUTE) or "")
    if not header:
        return None
    queue = str(record.get("eventSourceARN", "")).rpartition(":")[2] or "queue"
    sent = attributes.get("SentTimestamp")
    tries = int(attributes.get("ApproximateReceiveCount", 1))
    return Cause(header, queue, "AWS::SQS::Queue", int(sent) / 1000 if sent else None, tries)


def _of_frame(record: Record) -> Cause | None:
    found = _FRAME_TRACE.search(base64.b64decode(record["kinesis"]["data"]))
    if found is None:
        return None
    stream = str(record.get("eventSourceARN", "")).rpartition("/")[2] or "stream"
    since = _epoch(record["kinesis"].get("approximateArrivalTimestamp"))
    return Cause(found[1].decode(), stream, "AWS::Kinesis::Stream", since)


_READERS: dict[str, Callable[[Record], Cause | None]] = {
    "aws:dynamodb": _of_change,
    "aws:sqs": _of_message,
    "aws:kinesis": _of_frame,
}


def _epoch(value: Any) -> float | None:
    """Epoch seconds of a time in Lambda's form (a number), or in that of SDKs."""
    if value is None:
        return None
    return value.timestamp() if isinstance(value, datetime) else float(value)


def mark_requests(client: Any) -> Any:
    """From now on ``client`` (of boto3) adds the header to its writes."""
    service = client.meta.service_model.service_id.lower()
    # At the place where a ``Table`` has its values serialized, and after it.
    client.meta.events.register_last(f"before-parameter-build.{service}", _mark)
    return client


def _mark(params: dict[str, Any], model: Any, **_: Any) -> None:
    mark = _MARKS.get(model.name)
    if mark:
        mark(params)


def _mark_put(params: dict[str, Any]) -> None:
    _mark_item(params["TableName"], params["Item"])


def _mark_update(params: dict[str, Any]) -> None:
    """An update without ``SET`` only changes counters, which have no consequences."""
    expression = str(params.get("UpdateExpression", ""))
    header = _header_for(params["TableName"])
    if not header or _NAME in expression or not _SET.search(expression):
        return
    params["UpdateExpression"] = _SET.sub(f"SET {_NAME} = {_VALUE}, ", expression)
    params["ExpressionAttributeNames"] = {**params.get("ExpressionAttributeNames", {}), _NAME: ITEM_ATTRIBUTE}
    params["ExpressionAttributeValues"] = {**params.get("ExpressionAttributeValues", {}), _VALUE: {"S": header}}


def _mark_transaction(params: dict[str, Any]) -> None:
    # A repeated token wants the same request, and a retry of a command is another trace.
    if "ClientRequestToken" in params:
        return
    for operation in params["TransactItems"]:
        if put := operation.get("Put"):
            _mark_put(put)
        elif update := operation.get("Update"):
            _mark_update(update)


def _mark_batch(params: dict[str, Any]) -> None:
    for table, requests in params["RequestItems"].items():
        for request in requests:
            if put := request.get("PutRequest"):
                _mark_item(table, put["Item"])


def _mark_item(table: str, item: dict[str, Any]) -> None:
    if not _is_streamed(table):
        return
    header = _header_for(table)
    if header:
        item[ITEM_ATTRIBUTE] = {"S": header}
    else:
        item.pop(ITEM_ATTRIBUTE, None)


def _header_for(table: str) -> str:
    return current() if _is_streamed(table) and not _projects.get() else ""


def _is_streamed(table: str) -> bool:
    return table.rpartition("-")[2] in STREAMED


def _mark_message(params: dict[str, Any]) -> None:
    header = current()
    if header:
        attributes = params.setdefault("MessageSystemAttributes", {})
        attributes.setdefault(_SYSTEM_ATTRIBUTE, {"DataType": "String", "StringValue": header})


def _mark_messages(params: dict[str, Any]) -> None:
    for entry in params["Entries"]:
        _mark_message(entry)


def _mark_events(params: dict[str, Any]) -> None:
    """Each event's header, with the call to SNS as the parent."""
    for attribute in _traces_of_events(params):
        attribute["StringValue"] = from_call(attribute["StringValue"])


def carried_by(operation: str, params: Mapping[str, Any]) -> Iterator[str]:
    """The headers in the parameters of a call that carries work of several traces on."""
    if operation == "PublishBatch":
        yield from (attribute["StringValue"] for attribute in _traces_of_events(params))


def _traces_of_events(params: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """The message attributes with a trace header."""
    for entry in params["PublishBatchRequestEntries"]:
        if attribute := entry.get("MessageAttributes", {}).get(MESSAGE_ATTRIBUTE):
            yield attribute


_MARKS: dict[str, Callable[..., None]] = {
    "PutItem": _mark_put,
    "UpdateItem": _mark_update,
    "TransactWriteItems": _mark_transaction,
    "BatchWriteItem": _mark_batch,
    "SendMessage": _mark_message,
    "SendMessageBatch": _mark_messages,
    "PublishBatch": _mark_events,
}
