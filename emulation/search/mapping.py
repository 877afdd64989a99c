"""Explicit mappings: which fields an index has, of which type, and how a document's values become terms.

Types: ``keyword``, ``text``, ``date``, ``long``, ``integer``, ``boolean``, with multi-fields. Dynamic
mapping is
refused: ``dynamic`` is ``strict`` (unknown fields are errors) or ``false`` (kept in the source, not
searchable).
Source: opensearch.org, Mappings and field types.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from emulation.search.analysis import AnalysisRegistry, Analyzer
from emulation.search.errors import BadDocument, IllegalArgument, ParsingError, Unsupported, require_keys

TYPES = {"keyword", "text", "date", "long", "integer", "boolean"}
_RANGES = {"long": 2**63, "integer": 2**31}
_FIELD_KEYS = {
    "keyword": {"type", "fields", "normalizer", "ignore_above"},
    "text": {"type", "fields", "analyzer", "search_analyzer"},
    "date": {"type", "fields", "format"},
    "long": {"type", "fields"},
    "integer": {"type", "fields"},
    "boolean": {"type", "fields"},
}
_KNOWN_FIELD_KEYS = {
    "index", "store", "doc_values", "norms", "similarity", "copy_to", "null_value", "eager_global_ordinals",
    "index_options", "position_increment_gap", "term_vector", "index_prefixes", "index_phrases", "properties",
    "fielddata", "coerce", "ignore_malformed", "meta", "boost",
}  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One leaf of the mapping. ``path`` is the name in queries, ``source`` the key in the document."""

    path: str
    source: str
    kind: str
    analyzer: Analyzer | None = None
    search_analyzer: Analyzer | None = None
    normalizer: Analyzer | None = None
    ignore_above: int | None = None

    @property
    def numeric(self) -> bool:
        """Kept as a 64-bit integer: dates in milliseconds of the epoch, booleans as 0 and 1."""
        return self.kind in {"date", "long", "integer", "boolean"}

    def term(self, value: Any) -> str | int:
        """The indexed form of a value given in a document or a query.

        Raises:
            ValueError: the value is not of this type; the text says what was expected.
        """
        if self.kind == "date":
            return parse_date(value)
        if self.kind == "boolean":
            return parse_boolean(value)
        if self.kind in _RANGES:
            return _parse_integer(value, self.kind)
        if isinstance(value, bool):
            value = "true" if value else "false"
        if not isinstance(value, str | int | float):
            raise ValueError(f"expected text, got {type(value).__name__}")
        text = str(value)
        return self.normalizer.normalize(text) if self.normalizer else text


def parse_date(value: Any) -> int:
    """RFC 3339 (``strict_date_optional_time``) or milliseconds of the epoch, as milliseconds.

    A time without zone is UTC. Raises ValueError.
    """
    if isinstance(value, bool):
        raise ValueError(f"failed to parse date field [{value}]")
    if isinstance(value, int) or (isinstance(value, str) and value.lstrip("-").isdigit() and len(value) > 4):
        return int(value)
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise ValueError(
            f"failed to parse date field [{value}] with format [strict_date_optional_time||epoch_millis]"
        ) from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)


def format_date(millis: int) -> str:
    moment = datetime.fromtimestamp(millis / 1000, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{millis % 1000:03d}Z"


def parse_boolean(value: Any) -> int:
    if value in (True, "true"):
        return 1
    if value in (False, "false", ""):
        return 0
    raise ValueError(f"Failed to parse value [{value}] as only [true] or [false] are allowed.")


def _parse_integer(value: Any, kind: str) -> int:
    if isinstance(value, bool):
        raise ValueError(f"expected a whole number, got [{value}]")
    try:
        number = int(value)
    except (TypeError, ValueError) as error:
        raise ValueError(f'For input string: "{value}"') from error
    if not -_RANGES[kind] <= number < _RANGES[kind]:
        raise ValueError(f"Value [{value}] is out of range for [{kind}]")
    return number


class Mapping:
    """The mapping of one index.

    Args:
        body: the ``mappings`` object of index creation.
        registry: the analyzers that the fields name.
    """

    def __init__(self, body: dict[str, Any], registry: AnalysisRegistry) -> None:
        require_keys(body, {"properties", "dynamic", "_meta"}, "mappings", {"_source", "_routing", "runtime"})
        self.strict = str(body.get("dynamic", "true")).lower() == "strict"
        if str(body.get("dynamic", "true")).lower() not in {"strict", "false"}:
            raise Unsupported("dynamic mapping (set [dynamic] to strict or false)")
        self._registry = registry
        self.fields: dict[str, Field] = {}
        self._by_source: dict[str, list[Field]] = {}
        for name, definition in body.get("properties", {}).items():
            self._add(name, name, definition)

    def _add(self, path: str, source: str, definition: dict[str, Any]) -> None:
        kind = definition.get("type")
        if kind not in TYPES:
            if kind is None:
                raise Unsupported(f"object field [{path}]")
            raise BadDocument(f"No handler for type [{kind}] declared on field [{path}]")
        require_keys(definition, _FIELD_KEYS[kind], f"mapping of {path}", _KNOWN_FIELD_KEYS)
        fmt = "strict_date_optional_time||epoch_millis"
        if definition.get("format", fmt) != fmt:
            raise Unsupported(f"date format of [{path}]")
        analyzer = self._registry.analyzer(definition.get("analyzer", "standard")) if kind == "text" else None
        search = definition.get("search_analyzer")
        normalizer = definition.get("normalizer")
        field = Field(
            path,
            source,
            kind,
            analyzer,
            self._registry.analyzer(search) if search else analyzer,
            self._registry.normalizer(normalizer) if normalizer else None,
            definition.get("ignore_above"),
        )
        self.fields[path] = field
        self._by_source.setdefault(source, []).append(field)
        for name, sub in definition.get("fields", {}).items():
            if "fields" in sub:
                raise BadDocument(f"Type [{sub.get('type')}] used in multi field may not have multi fields")
            self._add(f"{path}.{name}", source, sub)

    def field(self, path: str) -> Field | None:
        return self.fields.get(path)

    def require(self, path: str) -> Field:
        """A field that sorting or aggregating needs; OpenSearch's words when it is missing."""
        field = self.fields.get(path)
        if field is None:
            raise ParsingError(f"No mapping found for [{path}]", "query_shard_exception")
        return field

    def require_values(self, path: str) -> Field:
        """As ``require``, for what needs one value a document: not ``text``."""
        field = self.require(path)
        if field.kind == "text":
            raise IllegalArgument(
                "Text fields are not optimised for operations that require per-document field data like "
                "aggregations and sorting, so these operations are disabled by default. Please use a keyword "
                f"field instead. Alternatively, set fielddata=true on [{path}]"
            )
        return field

    def read(self, doc_id: str, source: Any) -> list[tuple[Field, list[str | int]]]:
        """Check a document and give each field its terms; text stays raw, it is analyzed when indexed.

        Raises:
            BadDocument: a field is unknown (strict) or a value is not of its field's type.
        """
        if not isinstance(source, dict):
            raise BadDocument("failed to parse", caused_by="Malformed content, must start with an object")
        out: list[tuple[Field, list[str | int]]] = []
        for name, value in source.items():
            fields = self._by_source.get(name)
            if fields is None:
                if self.strict:
                    raise BadDocument(
                        f"mapping set to strict, dynamic introduction of [{name}] within [_doc] is not allowed",
                        "strict_dynamic_mapping_exception",
                    )
                continue
            values = [item for item in (value if isinstance(value, list) else [value]) if item is not None]
            for field in fields:
                out.append((field, _terms(field, values, doc_id)))
        return out


def _terms(field: Field, values: list[Any], doc_id: str) -> list[str | int]:
    terms: list[str | int] = []
    for value in values:
        try:
            term = field.term(value)
        except ValueError as error:
            raise BadDocument(
                f"failed to parse field [{field.path}] of type [{field.kind}] in document with id "
                f"'{doc_id}'. "
                f"Preview of field's value: '{value}'",
                caused_by=str(error),
            ) from error
        if field.ignore_above is None or len(str(term)) <= field.ignore_above:
            terms.append(term)
    return terms
