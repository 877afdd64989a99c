"""Errors in OpenSearch's own shape.

::

    SearchError                       status, type, reason and further keys of the body
    ├── IndexNotFound                 404 index_not_found_exception
    ├── IndexExists                   400 resource_already_exists_exception
    ├── VersionConflict               409 version_conflict_engine_exception
    ├── BadDocument                   400 mapper_parsing_exception (or the strict mapping one)
    ├── ParsingError                  400 parsing_exception: the body is not OpenSearch's language
    ├── IllegalArgument               400 illegal_argument_exception
    └── Unsupported                   501 unsupported_operation_exception: OpenSearch may know it, this
    engine does not

Source: opensearch.org, REST API reference; bodies as a 2.x node writes them.
"""

from __future__ import annotations

from typing import Any


class SearchError(Exception):
    """A refusal; ``body()`` is what goes over the wire."""

    def __init__(self, status: int, kind: str, reason: str, **extra: Any) -> None:
        super().__init__(reason)
        self.status = status
        self.kind = kind
        self.reason = reason
        self.extra = extra

    def cause(self) -> dict[str, Any]:
        """The error object itself, as it also stands in a bulk item."""
        return {"type": self.kind, "reason": self.reason, **self.extra}

    def body(self) -> dict[str, Any]:
        cause = self.cause()
        root = {key: value for key, value in cause.items() if key != "caused_by"}
        return {"error": {"root_cause": [root], **cause}, "status": self.status}


class IndexNotFound(SearchError):
    def __init__(self, name: str) -> None:
        super().__init__(
            404,
            "index_not_found_exception",
            f"no such index [{name}]",
            **{"index": name, "resource.id": name, "resource.type": "index_or_alias", "index_uuid": "_na_"},
        )


class IndexExists(SearchError):
    def __init__(self, name: str, uuid: str) -> None:
        super().__init__(
            400,
            "resource_already_exists_exception",
            f"index [{name}/{uuid}] already exists",
            index=name,
            index_uuid=uuid,
        )


class VersionConflict(SearchError):
    def __init__(self, index: str, uuid: str, doc_id: str, why: str) -> None:
        super().__init__(
            409,
            "version_conflict_engine_exception",
            f"[{doc_id}]: version conflict, {why}",
            index=index,
            shard="0",
            index_uuid=uuid,
        )


class BadDocument(SearchError):
    def __init__(self, reason: str, kind: str = "mapper_parsing_exception", caused_by: str = "") -> None:
        extra = {"caused_by": {"type": "illegal_argument_exception", "reason": caused_by}} if caused_by else {}
        super().__init__(400, kind, reason, **extra)


class ParsingError(SearchError):
    def __init__(self, reason: str, kind: str = "parsing_exception") -> None:
        super().__init__(400, kind, reason)


class IllegalArgument(SearchError):
    def __init__(self, reason: str) -> None:
        super().__init__(400, "illegal_argument_exception", reason)


class Unsupported(SearchError):
    def __init__(self, what: str) -> None:
        super().__init__(501, "unsupported_operation_exception", f"{what} is not part of the embedded search engine")


def require_keys(
    body: dict[str, Any],
    allowed: set[str],
    where: str,
    known: set[str] | None = None,
    kind: str = "parsing_exception",
) -> None:
    """Refuse keys that are not in ``allowed``.

    A key in ``known`` is OpenSearch's but not this engine's (501); any other is nobody's (400).
    """
    for key in body:
        if key in allowed:
            continue
        if known and key in known:
            raise Unsupported(f"[{key}] in [{where}]")
        raise ParsingError(f"[{where}] unknown field [{key}]", kind)
