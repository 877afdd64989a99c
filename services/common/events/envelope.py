"""What all domain events have in common, and their form on the wire."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import KW_ONLY, InitVar, dataclass, field, fields
from typing import Annotated, Any, ClassVar, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic.alias_generators import to_camel

from services.common.clock import now_text
from services.common.ids import derived_id

#: The version of the thing that changed, as a field: ``version`` on the wire. The greater one is the later state.
StateVersion = Annotated[int, Field(alias="version")]


@dataclass(frozen=True)
class DomainEvent:
    """Something that happened. Each subclass is one type of event; the fields it adds are ``data`` on the wire.

    ``id`` is derived from ``cause``, for example from a stream record's ``eventID``: the same cause gives the same
    event, however often it is seen. ``at`` is RFC 3339, ``actor`` a user id.
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
    at: str = field(default_factory=now_text)

    def __post_init__(self, cause: str | None) -> None:
        if cause is not None:
            object.__setattr__(self, "id", derived_id(self.type, cause))
        elif not self.id:
            raise ValueError(f"{self.type}: an event has no id; expected its cause or its id")

    def to_document(self) -> dict[str, Any]:
        """The envelope: ``{id, type, actor, data, at, version}``.

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
