"""One index, open, and its settings as OpenSearch spells them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulation.search.analysis import AnalysisRegistry
from emulation.search.errors import IllegalArgument
from emulation.search.mapping import Mapping
from emulation.search.segments import Segments
from emulation.search.store import DERIVED, Store, StoredDocument, StoredIndex

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

    @classmethod
    def open(cls, stored: StoredIndex, home: Path, store: Store) -> Index:
        """Read its definition; the inverted index catches up with the documents in the background."""
        settings = flat_settings(stored.body.get("settings", {}))
        registry = AnalysisRegistry(settings.get("analysis", {}))
        mapping = Mapping(stored.body.get("mappings", {"dynamic": "false"}), registry)
        segments = Segments(home / DERIVED / stored.uuid, stored.uuid, mapping, store)
        return cls(stored, registry, mapping, segments, settings)


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


def check_definition(body: dict[str, Any]) -> None:
    """Raises SearchError: no index can be made of these settings and mappings."""
    settings = flat_settings(body.get("settings", {}))
    Mapping(body.get("mappings", {"dynamic": "false"}), AnalysisRegistry(settings.get("analysis", {})))
