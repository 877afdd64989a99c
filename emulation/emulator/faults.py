"""Fault injection: throttles, errors and delays of AWS APIs, for drills. Nothing else in the emulator fails on purpose.

``PUT /_asyncsns/faults`` replaces all faults and says for how many seconds they hold; then they end by themselves, also
where the program that asked for them was killed. ``DELETE`` ends them now, ``GET`` lists them with how often each
struck.
The guard lets in callers with the helper header alone (``emulation/doors.py``). Without faults a request costs one
look at
an empty tuple.

Error codes, statuses and metrics are AWS's: Amazon DynamoDB Developer Guide, "Error handling with DynamoDB" and
"DynamoDB
metrics and dimensions"; Amazon S3 API Reference, "Error responses"; Amazon Kinesis Data Streams Developer Guide,
"Monitor
the Amazon Kinesis Data Streams service with Amazon CloudWatch".
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import parse_qs

from emulation.emulator.touches import scope_of

Headers = list[tuple[bytes, bytes]]
#: Counts a metric: namespace, name, dimensions.
Record = Callable[[str, str, dict[str, str]], None]

#: No drill takes longer; no fault outlives it.
LONGEST_SECONDS = 3600.0
_LONGEST_DELAY_MS = 120_000
#: Bodies beyond this are not searched for a resource: no API but S3, which names its bucket in the path, has them.
_SEARCHED_BYTES = 17 << 20
_CONFLICT = "TransactionCanceledException"
_THROTTLED = frozenset({"ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"})
#: Codes with another status than 400.
_STATUS = {
    "InternalServerError": 500,
    "InternalFailure": 500,
    "InternalError": 500,
    "ServiceUnavailable": 503,
    "SlowDown": 503,
}
_S3_OPERATIONS = {
    "GET": "GetObject",
    "HEAD": "HeadObject",
    "PUT": "PutObject",
    "POST": "PutObject",
    "DELETE": "DeleteObject",
}
_TARGETS = {"DynamoDBStreams": "streams.dynamodb", "DynamoDB": "dynamodb", "Kinesis": "kinesis", "AmazonSQS": "sqs"}


@dataclass(frozen=True)
class Request:
    """A request, for matching against faults. ``service`` is the one in the credential scope of a signature."""

    service: str
    operation: str
    path: str
    body: bytes = b""


@dataclass
class Fault:
    """Strikes requests of ``service``; empty fields fit all.

    Attributes:
        operations: ``PutItem``, ``GetRecords``; objects of S3 by ``GetObject``, ``PutObject``, ``DeleteObject``.
        resource: name of a table, stream, queue, bucket or function.
        containing: text of the body, such as a partition key.
        error: AWS's error code; without one the request goes on after the delay.
        delay_ms: before the error, or before the request goes on.
        share: of the requests that fit: 0.5 strikes every second one.
    """

    service: str
    operations: tuple[str, ...] = ()
    resource: str = ""
    containing: str = ""
    error: str = ""
    delay_ms: int = 0
    share: float = 1.0
    struck: int = 0
    _due: float = 0.0

    def fits(self, request: Request) -> bool:
        return (
            request.service == self.service
            and (not self.operations or request.operation in self.operations)
            and (not self.resource or _names(request, self.resource))
            and (not self.containing or self.containing.encode() in request.body)
        )

    def strikes(self) -> bool:
        """Whether it is this request's turn."""
        self._due += self.share
        if self._due < 1:
            return False
        self._due -= 1
        self.struck += 1
        return True

    def describe(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if not name.startswith("_")}


def _names(request: Request, resource: str) -> bool:
    """JSON names a table or stream in quotes, a queue by its URL, an ARN; S3 and Lambda do it in the path."""
    if re.search(rf"(?:^|[/:]){re.escape(resource)}(?:[/:?]|$)", request.path):
        return True
    name = resource.encode()
    return any(mark + name + b'"' in request.body for mark in (b'"', b"/", b":"))


class InvalidFaults(ValueError):
    """The body is not a list of faults; the message says what was expected."""


@dataclass
class Faults:
    """All faults in force. ``record`` counts the metrics that AWS would."""

    record: Record
    clock: Callable[[], float] = time.monotonic
    active: tuple[Fault, ...] = ()
    _ends: float = 0.0
    _names: frozenset[str] = field(default_factory=frozenset)

    def replace(self, document: Any) -> None:
        """Put ``{"faults": [{"service": …}], "seconds": 60}`` in force.

        Raises:
            InvalidFaults: it is not of this form.
        """
        if not isinstance(document, dict) or not isinstance(document.get("faults"), list):
            raise InvalidFaults('expected {"faults": [{"service": …}], "seconds": …}')
        seconds = document.get("seconds")
        if not isinstance(seconds, int | float) or not 0 < seconds <= LONGEST_SECONDS:
            raise InvalidFaults(f"seconds: expected a number above 0, up to {LONGEST_SECONDS:.0f}")
        self.active = tuple(_parsed(one) for one in document["faults"])
        self._ends = self.clock() + seconds

    def end(self) -> None:
        self.active = ()

    def in_force(self) -> bool:
        if self.active and self.clock() >= self._ends:
            self.end()
        return bool(self.active)

    def describe(self) -> dict[str, Any]:
        left = max(0.0, self._ends - self.clock()) if self.in_force() else 0.0
        return {"faults": [one.describe() for one in self.active], "secondsLeft": round(left, 1)}

    def concern(self, service: str) -> bool:
        """Whether the body of a request of this service has to be read."""
        return any(one.service == service for one in self.active)

    async def strike(self, request: Request) -> tuple[int, list[tuple[bytes, bytes]], bytes] | None:
        """Delay the request as requested; returns the error response (status, headers, body), or None when the request
        goes on."""
        for fault in self.active:
            if not fault.fits(request) or not fault.strikes():
                continue
            if fault.delay_ms:
                await asyncio.sleep(fault.delay_ms / 1000)
            if fault.error:
                for name, dimensions in _metrics(fault, request):
                    self.record(_NAMESPACES[request.service], name, dimensions)
                return answer(request, fault.error)
        return None


_NAMESPACES = {"dynamodb": "AWS/DynamoDB", "kinesis": "AWS/Kinesis"}
_READS = frozenset({"GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems", "GetRecords"})


def _metrics(fault: Fault, request: Request) -> list[tuple[str, dict[str, str]]]:
    """The metrics of a refusal, of the resource that the fault names."""
    if request.service not in _NAMESPACES or not fault.resource:
        return []
    of_resource = {"StreamName" if request.service == "kinesis" else "TableName": fault.resource}
    kind = "Read" if request.operation in _READS else "Write"
    if request.service == "kinesis":
        return [(f"{kind}ProvisionedThroughputExceeded", of_resource)] if fault.error in _THROTTLED else []
    if fault.error == _CONFLICT:
        return [("TransactionConflict", of_resource)]
    if fault.error in _THROTTLED:
        return [
            (f"{kind}ThrottleEvents", of_resource),
            ("ThrottledRequests", {**of_resource, "Operation": request.operation}),
        ]
    return [("SystemErrors", {**of_resource, "Operation": request.operation})] if fault.error in _STATUS else []


def answer(request: Request, code: str) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """The error as the service words it: XML of S3, JSON of the others."""
    status = _STATUS.get(code, 400)
    text = f"{code}: injected by a drill"
    if request.service == "s3":
        error = f"<Error><Code>{code}</Code><Message>{text}</Message></Error>"
        body = f'<?xml version="1.0" encoding="UTF-8"?>\n{error}'.encode()
        kind = b"application/xml"
    else:
        fields: dict[str, Any] = {"__type": code, "message": text}
        if code == _CONFLICT:
            fields["message"] += ". Transaction cancelled, please refer cancellation reasons [TransactionConflict]"
            fields["CancellationReasons"] = [
                {"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}
            ]
        body, kind = json.dumps(fields).encode(), b"application/x-amz-json-1.0"
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    return status, [*headers, (b"x-amzn-errortype", code.encode())], body


def service_of(path: str, query: bytes, headers: Headers) -> tuple[str, str]:
    """Service and operation of a request, by its target or its signature; empty where neither says."""
    found = {name: value.decode("latin-1") for name, value in headers}
    version, _, operation = found.get(b"x-amz-target", "").rpartition(".")
    if version:
        return _TARGETS.get(version.partition("_")[0], scope_of(headers)), operation
    if path.endswith("/invocations"):
        return "lambda", "Invoke"
    scope = scope_of(headers) or _presigned_scope(query)
    if not scope and found.get(b"content-type", "").startswith("multipart/form-data"):
        scope = "s3"  # a form with a policy
    return scope, ""


def _presigned_scope(query: bytes) -> str:
    parts = parse_qs(query.decode("latin-1")).get("X-Amz-Credential", [""])[0].split("/")
    return parts[3] if len(parts) >= 5 else ""


def request_of(service: str, operation: str, method: str, path: str, body: bytes) -> Request:
    """``operation`` is empty for services that tell theirs by method and path."""
    if service == "s3" and not operation:
        # A bucket alone is no object: listing and the like have no name here.
        operation = _S3_OPERATIONS.get(method, "") if path.strip("/").count("/") or method == "POST" else ""
    return Request(service, operation, path, body if len(body) <= _SEARCHED_BYTES else b"")


_FIELDS: Mapping[str, Callable[[Any], bool]] = {
    "service": lambda one: isinstance(one, str) and bool(one),
    "operations": lambda one: isinstance(one, list) and all(isinstance(name, str) for name in one),
    "resource": lambda one: isinstance(one, str),
    "containing": lambda one: isinstance(one, str),
    "error": lambda one: isinstance(one, str) and re.fullmatch(r"[A-Za-z.]*", one) is not None,
    "delay_ms": lambda one: isinstance(one, int) and 0 <= one <= _LONGEST_DELAY_MS,
    "share": lambda one: isinstance(one, int | float) and 0 < one <= 1,
}


def _parsed(document: Any) -> Fault:
    if not isinstance(document, dict) or "service" not in document:
        raise InvalidFaults(f"a fault: expected an object with service, got {document!r}")
    for name, value in document.items():
        if name not in _FIELDS:
            raise InvalidFaults(f"{name}: expected one of {', '.join(_FIELDS)}")
        if not _FIELDS[name](value):
            raise InvalidFaults(f"{name}: {value!r} is not allowed")
    if not document.get("error") and not document.get("delay_ms"):
        raise InvalidFaults("a fault: expected error, delay_ms or both")
    return Fault(**{**document, "operations": tuple(document.get("operations", ()))})
