"""The envelope of all domain events, and their form on the wire."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import KW_ONLY, InitVar, field, fields
from datetime import timedelta
from threading import Lock
from typing import Annotated, Any, ClassVar, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic.alias_generators import to_camel

from services.common.clock import from_text, now_text, to_text
from services.common.ids import derived_id
from services.common.lazy_dataclasses import dataclass
from services.common.tracing import current

#: The version of the thing that changed, as a field: ``version`` on the wire. The greater one is the later state.
StateVersion = Annotated[int, Field(alias="version")]


_last = [""]
_lock = Lock()


def _later() -> str:
    """Now, or a millisecond after the last event of this process."""
    with _lock:
        _last[0] = max(now_text(), to_text(from_text(_last[0]) + timedelta(milliseconds=1)) if _last[0] else "")
        return _last[0]


@dataclass(frozen=True)
class Moment:
    """When something happened: of two changes of one item their ``sequence`` tells which came first, else ``at``."""

    at: str
    sequence: str = ""

    def is_after(self, other: Moment) -> bool:
        if self.sequence and other.sequence:
            return self.sequence > other.sequence
        return self.at > other.at

    def is_same_as(self, other: Moment) -> bool:
        """Neither is after the other."""
        return not self.is_after(other) and not other.is_after(self)


def place_of(sequence_number: str, number: int) -> str:
    """``sequence`` of an event: that of its stream record and its number among the events of that record, as text that
    sorts like the numbers (a sequence number has up to 40 digits: API_streams_StreamRecord)."""
    return f"{sequence_number:0>40}.{number:03}"


@dataclass(frozen=True)
class DomainEvent:
    """Something that happened. Each subclass is one type of event; the fields it adds are ``data`` on the wire.

    ``id`` is derived from ``cause``, for example from a stream record's ``eventID``: the same cause gives the same
    event, however often it is seen. ``at`` is RFC 3339, ``actor`` a user id.

    Queues don't keep order. Of two events about one item the later has the greater ``sequence`` (``place_of``), the
    same each time an event is made. Events about different items are compared by ``at``; of two that one process makes
    the second has the later one.
    """

    type: ClassVar[str]
    #: Of the fields: a field that is added or removed makes a new version.
    version: ClassVar[int] = 1
    #: version → the fields that it added, with the values that an event of an older version is read with
    added: ClassVar[Mapping[int, Mapping[str, Any]]] = {}

    _: KW_ONLY
    cause: InitVar[str | None] = None
    id: str = ""
    actor: str
    at: str = field(default_factory=_later)
    sequence: str = ""
    #: Travels beside the message, as an attribute.
    trace: str = field(default_factory=current, compare=False, repr=False)

    def __post_init__(self, cause: str | None) -> None:
        if cause is not None:
            object.__setattr__(self, "id", derived_id(self.type, cause))
        elif not self.id:
            raise ValueError(f"{self.type}: an event has no id; expected its cause or its id")

    @property
    def moment(self) -> Moment:
        return Moment(self.at, self.sequence)

    def to_document(self) -> dict[str, Any]:
        """The envelope: ``{id, type, actor, data, at, version}``, and ``sequence`` where there is one.

        Raises:
            ValueError: a field has a value of another type than it is declared with.
        """
        shape = shape_of(type(self))
        values = {name: getattr(self, name) for name in shape.model_fields}
        return {
            "id": self.id,
            "type": self.type,
            "actor": self.actor,
            "data": shape.model_construct(**values).model_dump(mode="json", by_alias=True, warnings="error"),
            "at": self.at,
            "version": self.version,
            **({"sequence": self.sequence} if self.sequence else {}),
        }

    def to_json(self) -> str:
        return json.dumps(self.to_document(), ensure_ascii=False, separators=(",", ":"))


def fields_from_wire(kind: type[DomainEvent], version: int, data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an event of this version or an older one.

    Raises:
        ValueError: a version that this code does not know; or ``data`` misses a field, has an unknown one, or one of
            another type.
    """
    if not 1 <= version <= kind.version:
        raise ValueError(f"{kind.type}: got version {version}, expected 1 to {kind.version}")
    for later in range(version + 1, kind.version + 1):
        data = {**kind.added[later], **data}
    shape = shape_of(kind)
    try:
        read = shape.model_validate(data)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise ValueError(f"{kind.type}, version {version}: {faults}") from error
    return {name: getattr(read, name) for name in shape.model_fields}


_shapes: dict[type[DomainEvent], type[BaseModel]] = {}


def shape_of(kind: type[DomainEvent]) -> type[BaseModel]:
    """``data`` of this type: the fields that it adds to the envelope, in camelCase, and nothing else."""
    if kind not in _shapes:
        hints, common = get_type_hints(kind, include_extras=True), {one.name for one in fields(DomainEvent)}
        own: dict[str, Any] = {one.name: (hints[one.name], ...) for one in fields(kind) if one.name not in common}
        config = ConfigDict(extra="forbid", alias_generator=to_camel)
        _shapes[kind] = create_model(kind.__name__, __config__=config, **own)
    return _shapes[kind]
