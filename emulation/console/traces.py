"""Traces in memory: segments by trace, bounded by number, with the views that X-Ray's API gives of them.

Source: https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
"""

from __future__ import annotations

import json
import re
import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from math import inf
from typing import Any, NamedTuple

from emulation.console.documents import Document, document_of

MOST_TRACES = 3_000
_MAX_DOCUMENTS = 400

_FUNCTION = "AWS::Lambda::Function"
_QUOTED = re.compile(r"'([^']+)'")


class Call(NamedTuple):
    """How a call went."""

    seconds: float
    fault: bool
    error: bool

    @classmethod
    def of(cls, entity: Document) -> Call:
        seconds = end_of(entity) - float(entity["start_time"])
        return cls(seconds, bool(entity.get("fault")), bool(entity.get("error")))


Node = tuple[str, str]
Edge = tuple[Node | None, Node, Call]


class Part(NamedTuple):
    """What the map needs of a segment or subsegment. ``node``: see ``node_of``."""

    parent: str | None
    node: Node | None
    is_handler: bool
    is_function: bool
    call: Call


class TableCall(NamedTuple):
    """A call of DynamoDB."""

    table: str
    operation: str
    call: Call
    throttled: bool


@dataclass
class Trace:
    """All documents of one trace id; times are epoch seconds. They are kept packed, with what the map and the tables
    need of them: most are never looked at."""

    id: str
    start: float = inf
    end: float = -inf
    _packed: dict[str, bytes] = field(default_factory=dict)
    #: By document, the parts by their ids.
    _parts: dict[str, dict[str, Part]] = field(default_factory=dict)
    _table_calls: dict[str, list[TableCall]] = field(default_factory=dict)
    #: What was derived, with the number of documents that had come by then.
    _derived: dict[str, tuple[int, Any]] = field(default_factory=dict)
    _came: int = 0

    def add(self, document: Document, text: str) -> None:
        """Keep one of at most 400 documents; a later one of the same id replaces it."""
        if document["id"] not in self._packed and len(self._packed) >= _MAX_DOCUMENTS:
            return
        self._packed[document["id"]] = zlib.compress(text.encode(), 1)
        entities = list(_walk(document, document.get("parent_id")))
        self._parts[document["id"]] = {entity["id"]: _part(entity, parent) for entity, parent in entities}
        self._table_calls[document["id"]] = [call for entity, _ in entities for call in _table_calls(entity)]
        self.start = min(self.start, float(document["start_time"]))
        self.end = max(self.end, end_of(document))
        self._came += 1

    def derived(self, name: str, derive: Callable[[], Any]) -> Any:
        """What ``derive`` returns, kept until a document comes: pages look through all traces each time."""
        came = self._came
        kept = self._derived.get(name)
        if kept is None or kept[0] != came:
            kept = self._derived[name] = came, derive()
        return kept[1]

    @property
    def documents(self) -> dict[str, Document]:
        """Documents by id, parsed again at each use."""
        return {id_: json.loads(zlib.decompress(packed)) for id_, packed in list(self._packed.items())}

    def entities(self) -> Iterator[tuple[Document, str | None]]:
        """Every segment and subsegment with the id of its parent."""
        for document in self.documents.values():
            yield from _walk(document, document.get("parent_id"))

    def summary(self) -> Document:
        """An entry of GetTraceSummaries."""
        found: Document = self.derived("summary", self._summary)
        return found

    def _summary(self) -> Document:
        documents = self.documents.values()
        # The document that began first: the entry point of the request.
        root = min(documents, key=lambda document: float(document["start_time"]))
        entities = [entity for document in documents for entity, _ in _walk(document, None)]
        request = root.get("http", {}).get("request", {})
        annotations: dict[str, list[Document]] = {}
        for entity in entities:
            for key, value in (entity.get("annotations") or {}).items():
                annotations.setdefault(key, []).append({"AnnotationValue": _typed(value)})
        return {
            "Id": self.id,
            "StartTime": self.start,
            "Duration": round(self.end - self.start, 6),
            "ResponseTime": round(end_of(root) - float(root["start_time"]), 6),
            "HasFault": _any_is(entities, "fault"),
            "HasError": _any_is(entities, "error"),
            "HasThrottle": _any_is(entities, "throttle"),
            "IsPartial": _any_is(entities, "in_progress"),
            "Http": {
                "HttpURL": request.get("url"),
                "HttpMethod": request.get("method"),
                "HttpStatus": root.get("http", {}).get("response", {}).get("status"),
            },
            "Annotations": annotations,
            "ServiceIds": [{"Name": name, "Names": [name], "Type": kind} for name, kind in sorted(self._nodes())],
            "EntryPoint": {"Name": service_name(root), "Names": [service_name(root)]},
        }

    def _nodes(self) -> set[Node]:
        """A handler is its function's, where that has a segment."""
        by_id = {id_: part for parts in list(self._parts.values()) for id_, part in parts.items()}
        return {
            part.node
            for part in by_id.values()
            if part.node and not (part.is_handler and _is_function(by_id, part.parent))
        }

    def edges(self) -> list[Edge]:
        """``(caller or None for the client, callee, call)`` of every call between nodes."""
        found: list[Edge] = self.derived("edges", lambda: list(self._edges()))
        return found

    def _edges(self) -> Iterator[Edge]:
        by_id = {id_: part for parts in list(self._parts.values()) for id_, part in parts.items()}
        for part in by_id.values():
            callee, parent = part.node, part.parent
            if callee is None or (part.is_handler and _is_function(by_id, parent)):
                continue
            caller, passed = None, set()
            # Whoever sends documents may make them each other's parents.
            while parent in by_id and parent not in passed:
                passed.add(parent)
                above = by_id[parent]
                parent = above.parent
                caller = None if above.is_handler and _is_function(by_id, parent) else above.node
                if caller is not None and caller != callee:
                    break
            if caller is None and callee[1] == _FUNCTION:
                continue  # A stream or queue called it: its cause's trace has a line to it.
            yield caller if caller != callee else None, callee, part.call

    def table_calls(self) -> list[TableCall]:
        """Every call of DynamoDB, once for each table."""
        found: list[TableCall] = self.derived(
            "tables", lambda: [call for calls in list(self._table_calls.values()) for call in calls]
        )
        return found


def _part(entity: Document, parent: str | None) -> Part:
    node = node_of(entity)
    is_function = entity.get("origin") == _FUNCTION
    return Part(parent, node and _known(node), str(entity["name"]).startswith("## "), is_function, Call.of(entity))


@lru_cache(maxsize=1000)
def _known(node: Node) -> Node:
    """The same object for equal nodes: there are few, in many parts."""
    return node


def _table_calls(entity: Document) -> Iterator[TableCall]:
    if str(entity["name"]).lower() == "dynamodb":
        operation = str((entity.get("aws") or {}).get("operation"))
        for table in tables_of(entity):
            yield TableCall(table, operation, Call.of(entity), bool(entity.get("throttle")))


def tables_of(entity: Document) -> list[str]:
    """The tables of a call. The SDK writes those of a batch as Python shows the keys of a dictionary."""
    aws = entity.get("aws") or {}
    found = aws.get("table_names") or aws.get("table_name") or []
    if isinstance(found, list):
        return [str(one) for one in found]
    return _QUOTED.findall(str(found)) or [str(found)]


def _is_function(parts: dict[str, Part], id_: str | None) -> bool:
    found = parts.get(id_ or "")
    return found is not None and found.is_function


def _any_is(entities: Iterable[Document], mark: str) -> bool:
    return any(entity.get(mark) is True for entity in entities)


def _walk(entity: Document, parent: str | None) -> Iterator[tuple[Document, str | None]]:
    yield entity, parent
    for child in entity.get("subsegments") or []:
        yield from _walk(child, entity["id"])


def end_of(entity: Document) -> float:
    """When it ended; when it began, for one still in progress."""
    ended = entity.get("end_time")
    return float(entity["start_time"] if ended is None else ended)


def service_name(entity: Document) -> str:
    """Lambda's SDK sends only what happens inside the function; Powertools notes the service's name there."""
    noted = (entity.get("annotations") or {}).get("Service")
    return str(noted or entity["name"])


def node_of(entity: Document) -> tuple[str, str] | None:
    """The node of the service map that an entity stands for, or ``None`` for work inside one."""
    if entity.get("namespace") == "aws":
        # SDKs write "DynamoDB" and "dynamodb": one service, one node.
        return str(entity["name"]).lower(), f"AWS::{str(entity['name']).lower()}"
    if entity.get("namespace") == "remote":
        return str(entity["name"]), "remote"
    if str(entity["name"]).startswith("## ") and (entity.get("annotations") or {}).get("Service"):
        return service_name(entity), "AWS::Lambda::Function"
    if entity.get("type") == "subsegment" or "trace_id" not in entity:
        return None
    return service_name(entity), str(entity.get("origin", "client"))


def _typed(value: object) -> Document:
    if isinstance(value, bool):
        return {"BooleanValue": value}
    return {"NumberValue": value} if isinstance(value, (int, float)) else {"StringValue": str(value)}


class TraceStore:
    """The newest 3,000 traces; safe to use from several threads."""

    def __init__(self, limit: int = MOST_TRACES) -> None:
        self._traces: OrderedDict[str, Trace] = OrderedDict()
        self._limit = limit
        self._lock = threading.Lock()
        self.received = 0
        self.refused = 0

    def add(self, text: str) -> str:
        """Keep one segment or subsegment document; returns its id.

        Raises:
            BadDocument: a field that is needed is missing, or one is malformed.
        """
        document = document_of(text)
        with self._lock:
            self.received += 1
            trace = self._traces.setdefault(document["trace_id"], Trace(document["trace_id"]))
            self._traces.move_to_end(trace.id)
            trace.add(document, text)
            while len(self._traces) > self._limit:
                self._traces.popitem(last=False)
        return str(document["id"])

    def get(self, trace_id: str) -> Trace | None:
        with self._lock:
            return self._traces.get(trace_id)

    def between(self, start: float, end: float) -> list[Trace]:
        """Traces that overlap the window (epoch seconds), newest first."""
        with self._lock:
            traces = list(self._traces.values())
        return sorted(
            (trace for trace in traces if trace.start <= end and trace.end >= start),
            key=lambda trace: trace.start,
            reverse=True,
        )

    def __len__(self) -> int:
        return len(self._traces)
