"""Traces in memory: segments by trace, bounded by number, with the views that X-Ray's API gives of them.

Source: https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
"""

from __future__ import annotations

import json
import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from math import inf
from typing import Any, NamedTuple

from emulation.console.documents import Document, document_of

MOST_TRACES = 3_000
_MAX_DOCUMENTS = 400

_FUNCTION = "AWS::Lambda::Function"


class Call(NamedTuple):
    """How a call went."""

    seconds: float
    fault: bool
    error: bool

    @classmethod
    def of(cls, entity: Document) -> Call:
        seconds = end_of(entity) - float(entity["start_time"])
        return cls(seconds, bool(entity.get("fault")), bool(entity.get("error")))


Edge = tuple[tuple[str, str] | None, tuple[str, str], Call]


@dataclass
class Trace:
    """All documents of one trace id; times are epoch seconds. They are kept packed: most are never looked at."""

    id: str
    start: float = inf
    end: float = -inf
    _packed: dict[str, bytes] = field(default_factory=dict)
    #: What was derived, with the number of documents that had come by then.
    _derived: dict[str, tuple[int, Any]] = field(default_factory=dict)
    _came: int = 0

    def add(self, document: Document, text: str) -> None:
        """Keep one of at most 400 documents; a later one of the same id replaces it."""
        if document["id"] not in self._packed and len(self._packed) >= _MAX_DOCUMENTS:
            return
        self._packed[document["id"]] = zlib.compress(text.encode(), 1)
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

    def _nodes(self) -> set[tuple[str, str]]:
        """A handler is its function's, where that has a segment."""
        by_id = {entity["id"]: (entity, parent) for entity, parent in self.entities()}
        return {
            node
            for entity, parent in by_id.values()
            if (node := node_of(entity)) and not (_is_handler(entity) and _is_function(by_id.get(parent or "")))
        }

    def edges(self) -> list[Edge]:
        """``(caller or None for the client, callee, call)`` of every call between nodes."""
        found: list[Edge] = self.derived("edges", lambda: list(self._edges()))
        return found

    def _edges(self) -> Iterator[Edge]:
        by_id = {entity["id"]: (entity, parent) for entity, parent in self.entities()}
        for entity, parent in by_id.values():
            callee = node_of(entity)
            if callee is None or (_is_handler(entity) and _is_function(by_id.get(parent or ""))):
                continue
            caller, passed = None, set()
            # Whoever sends documents may make them each other's parents.
            while parent in by_id and parent not in passed:
                passed.add(parent)
                above, parent = by_id[parent]
                caller = None if _is_handler(above) and _is_function(by_id.get(parent or "")) else node_of(above)
                if caller is not None and caller != callee:
                    break
            if caller is None and callee[1] == _FUNCTION:
                continue  # A stream or queue called it: its cause's trace has a line to it.
            yield caller if caller != callee else None, callee, Call.of(entity)


def _is_handler(entity: Document) -> bool:
    return str(entity["name"]).startswith("## ")


def _is_function(found: tuple[Document, str | None] | None) -> bool:
    return found is not None and found[0].get("origin") == _FUNCTION


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
