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
from pathlib import Path
from typing import Any

from emulation.search.aliases import AliasStep, alias_steps, taken
from emulation.search.errors import (
    IllegalArgument,
    IndexExists,
    IndexNotFound,
    ParsingError,
    SearchError,
    Unsupported,
    require_keys,
)
from emulation.search.index import Index, check_definition
from emulation.search.store import DERIVED, STORE, Store, StoredIndex
from emulation.search.writes import WriteOp, Writer, WriteResult

_BAD_NAME = re.compile(r'[\\/*?"<>|\s,#:A-Z]|^[-_+]|^\.{1,2}$')


class Engine:
    """All indices under one folder. Writes are awaited, reads are quick."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.store = Store(home / STORE)
        self._lock = threading.RLock()
        self.indices: dict[str, Index] = {}
        self.aliases: dict[str, set[str]] = {}
        for stored in self.store.indices():
            self.indices[stored.name] = Index.open(stored, self.home, self.store)
        for alias, name in self.store.aliases():
            self.aliases.setdefault(alias, set()).add(name)
        self._sweep()
        self._writer = Writer(self.store)

    def _sweep(self) -> None:
        """Remove derived indices whose definition is gone."""
        known = {index.uuid for index in self.indices.values()}
        derived = self.home / DERIVED
        for folder in derived.iterdir() if derived.exists() else []:
            if folder.name not in known:
                shutil.rmtree(folder, ignore_errors=True)

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
            raise _invalid_name(name)
        check_definition(body)
        for alias, options in body.get("aliases", {}).items():
            require_keys(options, set(), f"alias {alias}", {"filter", "routing", "is_write_index", "is_hidden"})
        stored = StoredIndex(name, uuid.uuid4().hex[:22], int(time.time() * 1000), body)
        index: Index = await asyncio.wrap_future(self._writer.run(lambda: self._add(stored)))
        with self._lock:
            self.indices[name] = index
            for alias in body.get("aliases", {}):
                self.aliases.setdefault(alias, set()).add(name)
        return index

    def _add(self, stored: StoredIndex) -> Index:
        """In the writer's transaction."""
        name = stored.name
        with self._lock:
            if name in self.indices:
                raise IndexExists(name, self.indices[name].uuid)
            if name in self.aliases:
                raise _invalid_name(name, ", already exists as alias")
            self.store.add_index(stored)
            for alias in stored.body.get("aliases", {}):
                self.store.add_alias(alias, name)
        return Index.open(stored, self.home, self.store)

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
        """The atomic ``_aliases`` call: all actions or none."""
        steps = alias_steps(body)
        dropped: list[Index] = await asyncio.wrap_future(self._writer.run(lambda: self._apply(steps)))
        with self._lock:
            for index in dropped:
                self.indices.pop(index.name, None)
            self.aliases = {}
            for alias, name in self.store.aliases():
                self.aliases.setdefault(alias, set()).add(name)
        for index in dropped:
            await asyncio.to_thread(index.segments.drop)

    def _apply(self, steps: Iterable[AliasStep]) -> list[Index]:
        """In the writer's transaction; returns the indices that are removed."""
        dropped: list[Index] = []
        for step in steps:
            index = self.one(step.index)
            if step.kind == "remove_index":
                self.store.remove_index(index.stored)
                dropped.append(index)
            elif step.kind == "add":
                if step.alias in self.indices and step.alias not in {one.name for one in dropped}:
                    raise taken(step.alias)
                self.store.add_alias(step.alias, index.name)
            elif not self.store.remove_alias(step.alias, index.name):
                raise SearchError(404, "aliases_not_found_exception", f"aliases [{step.alias}] missing")
        return dropped

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


def _invalid_name(name: str, why: str = "") -> SearchError:
    extra = {} if why else {"index": name}
    return SearchError(400, "invalid_index_name_exception", f"Invalid index name [{name}]{why}", **extra)
