"""Indices and aliases, and the way of a document from request to disk to inverted index."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import threading
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulation.search.analysis import AnalysisRegistry
from emulation.search.errors import (
    IllegalArgument,
    IndexExists,
    IndexNotFound,
    ParsingError,
    SearchError,
    Unsupported,
    require_keys,
)
from emulation.search.mapping import Mapping
from emulation.search.segments import Segments
from emulation.search.store import DERIVED, STORE, Store, StoredDocument, StoredIndex
from emulation.search.writes import WriteOp, Writer, WriteResult

_BAD_NAME = re.compile(r'[\\/*?"<>|\s,#:A-Z]|^[-_+]|^\.{1,2}$')
_SETTINGS = {
    "analysis", "number_of_shards", "number_of_replicas", "refresh_interval", "max_result_window",
    "gc_deletes",
    "max_ngram_diff",
    "max_shingle_diff",
    "auto_expand_replicas",
}  # fmt: skip
DEFAULT_RESULT_WINDOW = 10_000


@dataclass
class Index:
    """One concrete index, open."""

    stored: StoredIndex
    registry: AnalysisRegistry
    mapping: Mapping
    segments: Segments
    settings: dict[str, Any]

    @property
    def name(self) -> str:
        return self.stored.name

    @property
    def uuid(self) -> str:
        return self.stored.uuid

    @property
    def result_window(self) -> int:
        return int(self.settings.get("max_result_window", DEFAULT_RESULT_WINDOW))

    def submit(self, docs: Iterable[StoredDocument]) -> None:
        self.segments.submit(docs)

    def refresh(self) -> None:
        self.segments.refresh()


def flat_settings(body: dict[str, Any]) -> dict[str, Any]:
    """``{"index": {"x": 1}}``, ``{"index.x": 1}`` and ``{"x": 1}`` are one and the same to OpenSearch."""
    flat: dict[str, Any] = {}
    for key, value in body.items():
        if key == "index" and isinstance(value, dict):
            flat.update(flat_settings(value))
        else:
            flat[key.removeprefix("index.")] = value
    for key in flat:
        if key not in _SETTINGS:
            raise IllegalArgument(
                f"unknown setting [index.{key}] please check that any required plugins are installed, "
                "or check "
                "the breaking changes documentation for removed settings"
            )
    return flat


class Engine:
    """All indices under one folder. Writes are awaited, reads are quick."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self.store = Store(home / STORE)
        self._lock = threading.RLock()
        self.indices: dict[str, Index] = {}
        self.aliases: dict[str, set[str]] = {}
        for stored in self.store.indices():
            self.indices[stored.name] = self._open(stored)
        for alias, name in self.store.aliases():
            self.aliases.setdefault(alias, set()).add(name)
        self._sweep()
        self._writer = Writer(self.store)

    def _sweep(self) -> None:
        """Remove derived indices whose definition is gone."""
        known = {index.uuid for index in self.indices.values()}
        derived = self._home / DERIVED
        for folder in derived.iterdir() if derived.exists() else []:
            if folder.name not in known:
                shutil.rmtree(folder, ignore_errors=True)

    def _open(self, stored: StoredIndex) -> Index:
        settings = flat_settings(stored.body.get("settings", {}))
        registry = AnalysisRegistry(settings.get("analysis", {}))
        mapping = Mapping(stored.body.get("mappings", {"dynamic": "false"}), registry)
        segments = Segments(self._home / DERIVED / stored.uuid, stored.uuid, mapping, self.store)
        return Index(stored, registry, mapping, segments, settings)

    def close(self) -> None:
        self._writer.close()
        for index in self.indices.values():
            index.segments.close()

    # -- names

    def resolve(self, expression: str) -> list[Index]:
        """Indices behind a name, an alias or a comma-separated list of them.

        Raises:
            IndexNotFound: one of them does not exist.
            Unsupported: a wildcard.
        """
        if "*" in expression or expression in {"", "_all"}:
            raise Unsupported("an index expression with wildcards")
        found: dict[str, Index] = {}
        with self._lock:
            for name in expression.split(","):
                names = [name] if name in self.indices else sorted(self.aliases.get(name, ()))
                if not names:
                    raise IndexNotFound(name)
                found.update({one: self.indices[one] for one in names})
        return list(found.values())

    def one(self, expression: str) -> Index:
        """The one index that a write or a search names."""
        found = self.resolve(expression)
        if len(found) > 1:
            raise IllegalArgument(
                f"alias [{expression}] has more than one index associated with it "
                f"[{', '.join(index.name for index in found)}], can't execute a single index op"
            )
        return found[0]

    def aliases_of(self, name: str) -> list[str]:
        with self._lock:
            return sorted(alias for alias, names in self.aliases.items() if name in names)

    # -- definitions

    async def create_index(self, name: str, body: dict[str, Any]) -> Index:
        """Create an index with explicit mappings. Raises SearchError, with nothing created."""
        require_keys(body, {"settings", "mappings", "aliases"}, "create index")
        if _BAD_NAME.search(name) or len(name.encode()) > 255:
            raise SearchError(400, "invalid_index_name_exception", f"Invalid index name [{name}]", index=name)
        settings = flat_settings(body.get("settings", {}))
        Mapping(body.get("mappings", {"dynamic": "false"}), AnalysisRegistry(settings.get("analysis", {})))
        for alias, options in body.get("aliases", {}).items():
            require_keys(options, set(), f"alias {alias}", {"filter", "routing", "is_write_index", "is_hidden"})
        stored = StoredIndex(name, uuid.uuid4().hex[:22], int(time.time() * 1000), body)

        def work() -> Index:
            with self._lock:
                if name in self.indices:
                    raise IndexExists(name, self.indices[name].uuid)
                if name in self.aliases:
                    raise SearchError(
                        400,
                        "invalid_index_name_exception",
                        f"Invalid index name [{name}], already exists as alias",
                    )
                self.store.add_index(stored)
                for alias in body.get("aliases", {}):
                    self.store.add_alias(alias, name)
            return self._open(stored)

        index: Index = await asyncio.wrap_future(self._writer.run(work))
        with self._lock:
            self.indices[name] = index
            for alias in body.get("aliases", {}):
                self.aliases.setdefault(alias, set()).add(name)
        return index

    async def delete_index(self, name: str) -> None:
        with self._lock:
            if name in self.aliases and name not in self.indices:
                raise IllegalArgument(
                    f"The provided expression [{name}] matches an alias, specify the corresponding concrete "
                    "indices instead."
                )
        index = self.one(name)
        await asyncio.wrap_future(self._writer.run(lambda: self.store.remove_index(index.stored)))
        self._forget(index)
        await asyncio.to_thread(index.segments.drop)

    def _forget(self, index: Index) -> None:
        with self._lock:
            self.indices.pop(index.name, None)
            for names in self.aliases.values():
                names.discard(index.name)
            self.aliases = {alias: names for alias, names in self.aliases.items() if names}

    async def update_aliases(self, body: dict[str, Any]) -> None:
        """The atomic ``_aliases`` call: all actions or none (actions add, remove, remove_index)."""
        require_keys(body, {"actions"}, "aliases")
        steps = [_alias_step(action) for action in body.get("actions", [])]
        if not steps:
            raise SearchError(
                400,
                "action_request_validation_exception",
                "Validation Failed: 1: Must specify at least one alias action;",
            )
        dropped: list[Index] = []

        def work() -> None:
            for kind, name, alias in steps:
                index = self.one(name)
                if kind == "remove_index":
                    self.store.remove_index(index.stored)
                    dropped.append(index)
                elif kind == "add":
                    if alias in self.indices and alias not in {one.name for one in dropped}:
                        raise SearchError(
                            400,
                            "invalid_alias_name_exception",
                            f"Invalid alias name [{alias}]: an index or data stream exists with the "
                            "same name as the alias",
                        )
                    self.store.add_alias(alias, index.name)
                elif not self.store.remove_alias(alias, index.name):
                    raise SearchError(404, "aliases_not_found_exception", f"aliases [{alias}] missing")

        await asyncio.wrap_future(self._writer.run(work))
        with self._lock:
            for index in dropped:
                self.indices.pop(index.name, None)
            self.aliases = {}
            for alias, name in self.store.aliases():
                self.aliases.setdefault(alias, set()).add(name)
        for index in dropped:
            await asyncio.to_thread(index.segments.drop)

    # -- documents

    def prepare(
        self,
        action: str,
        expression: str,
        doc_id: str | None,
        source: Any,
        version: int | None = None,
        version_type: str = "internal",
    ) -> WriteOp:
        """Check one write against its index.

        Raises SearchError: this item is refused, others are not touched.
        """
        index = self.one(expression)
        if doc_id is None:
            if action == "delete":
                raise ParsingError(
                    "an id must be provided if version type or value are set",
                    "action_request_validation_exception",
                )
            doc_id = uuid.uuid4().hex[:20]
        if len(doc_id.encode()) > 512:
            raise IllegalArgument(f"id [{doc_id[:40]}…] is too long, must be no longer than 512 bytes")
        if (version is None) != (version_type == "internal"):
            raise Unsupported("internal versioning with a given version (or external without one)")
        text = None
        if action != "delete":
            index.mapping.read(doc_id, source)
            text = json.dumps(source, ensure_ascii=False, separators=(",", ":"))
        return WriteOp(action, index, doc_id, text, version, version_type)

    async def write(self, ops: Iterable[WriteOp | SearchError], refresh: bool) -> list[WriteResult | SearchError]:
        """Commit; returns once everything is on disk (and, with ``refresh``, searchable)."""
        results = await asyncio.wrap_future(self._writer.write(list(ops)))
        if refresh:
            touched = {item[0].uuid: item[0] for item in results if isinstance(item, tuple)}
            for index in touched.values():
                await asyncio.to_thread(index.refresh)
        return [item[1] if isinstance(item, tuple) else item for item in results]


def _alias_step(action: dict[str, Any]) -> tuple[str, str, str]:
    if len(action) != 1:
        raise ParsingError("[aliases] an action must have exactly one key")
    ((kind, options),) = action.items()
    if kind not in {"add", "remove", "remove_index"}:
        raise ParsingError(f"[aliases] unknown field [{kind}]")
    allowed = {"index"} if kind == "remove_index" else {"index", "alias"}
    known = {"indices", "aliases", "filter", "routing", "index_routing", "search_routing", "is_write_index",
             "is_hidden", "must_exist"}  # fmt: skip
    require_keys(options, allowed, kind, known)
    for key in allowed:
        if not isinstance(options.get(key), str):
            raise ParsingError(f"[aliases] action [{kind}] requires [{key}]", "illegal_argument_exception")
    return kind, options["index"], options.get("alias", "")
