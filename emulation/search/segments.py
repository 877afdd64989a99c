"""The inverted index of one OpenSearch index, in tantivy: derived from the store, visible a few ms after a
write.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import threading
from collections.abc import Iterable
from pathlib import Path

import tantivy

from emulation.search.mapping import Field, Mapping
from emulation.search.store import Store, StoredDocument

logger = logging.getLogger(__name__)
#: The least that tantivy accepts for one thread.
_WRITER_HEAP = 15_000_000
#: A writer keeps its heap and its threads; one that has had nothing to do for so long is let go.
_WRITER_IDLE_SECONDS = 10.0
_BATCH = 2_000
#: Bumped when the layout of the derived index, or what an analyzer makes of a text, changes:
#: it is then rebuilt from the store.
_LAYOUT = 2


class Segments:
    """Applies changes in sequence order and answers with point-in-time searchers.

    Args:
        path: folder of the derived index; may be deleted at any time while stopped.
        mapping: the fields.
    """

    def __init__(self, path: Path, uuid: str, mapping: Mapping, store: Store) -> None:
        self._path, self._uuid, self._mapping, self._store = path, uuid, mapping, store
        self._columns = {name: f"f{number}" for number, name in enumerate(mapping.fields)}
        self._pending: dict[str, StoredDocument] = {}
        self._applied = -1
        self._latest = -1
        self._changed = threading.Condition()
        self._stopping = False
        self.failure: Exception | None = None
        self.schema = self._build_schema()
        self._open()
        self._thread = threading.Thread(target=self._run, name=f"indexer-{uuid}", daemon=True)
        self._thread.start()

    def column(self, field: Field) -> str:
        """tantivy's name of a field."""
        return self._columns[field.path]

    def _build_schema(self) -> tantivy.Schema:
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("_id", stored=True, fast=True, tokenizer_name="raw", index_option="basic")
        builder.add_text_field("_fields", tokenizer_name="raw", index_option="basic")
        builder.add_bytes_field("_source", stored=True)
        builder.add_integer_field("_version", stored=True)
        for path, field in self._mapping.fields.items():
            name = self._columns[path]
            if field.numeric:
                builder.add_integer_field(name, indexed=True, fast=True)
            elif field.kind == "keyword":
                builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
            else:
                # The tokenizer is never asked: documents come pre-tokenized.
                builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
        return builder.build()

    def _open(self) -> None:
        layout = json.dumps([_LAYOUT, [(f.path, f.kind) for f in self._mapping.fields.values()]])
        marker = self._path / "layout.json"
        if not marker.exists() or marker.read_text() != layout:
            self._start_over("another layout")
        elif not (self._path / "segments" / "meta.json").exists():
            self._start_over("its files are gone")
        try:
            self._load()
        except ValueError as error:
            self._start_over(str(error))
            self._load()
        marker.write_text(layout)
        self._applied = self._latest = self._read_checkpoint()
        self._catch_up()

    def _load(self) -> None:
        (self._path / "segments").mkdir(parents=True, exist_ok=True)
        self._index = tantivy.Index(self.schema, path=str(self._path / "segments"))
        self._index.config_reader("manual")
        self._writer: tantivy.IndexWriter | None = None

    def _open_writer(self) -> tantivy.IndexWriter:
        if self._writer is None:
            self._writer = self._index.writer(heap_size=_WRITER_HEAP, num_threads=1)
        return self._writer

    def _release_writer(self) -> None:
        """Let go of the heap once merges have ended; the next change opens a writer again, in about a millisecond."""
        if self._writer is not None:
            self._writer.wait_merging_threads()
            self._writer = None

    def _start_over(self, why: str) -> None:
        """Forget the derived index: everything is in the store."""
        if self._path.exists():
            logger.warning("inverted index of %s is rebuilt: %s", self._uuid, why)
        shutil.rmtree(self._path, ignore_errors=True)

    def _catch_up(self) -> None:
        """Index changes that the store acknowledged and the last run did not index."""
        batch: list[StoredDocument] = []
        for doc in self._store.since(self._uuid, self._applied):
            batch.append(doc)
            if len(batch) == _BATCH:
                self._apply(batch)
                batch = []
        if batch:
            self._apply(batch)
        self._index.reload()

    def _read_checkpoint(self) -> int:
        path = self._path / "checkpoint"
        return int(path.read_text()) if path.exists() else -1

    def _write_checkpoint(self, seq: int) -> None:
        # Written after tantivy's commit: an old checkpoint only means that some documents are indexed twice.
        temporary = self._path / "checkpoint.new"
        temporary.write_text(str(seq))
        os.replace(temporary, self._path / "checkpoint")  # noqa: PTH105

    def submit(self, docs: Iterable[StoredDocument]) -> None:
        """Hand over acknowledged changes, in sequence order."""
        with self._changed:
            for doc in docs:
                self._pending[doc.id] = doc
                self._latest = max(self._latest, doc.seq)
            self._changed.notify_all()

    def refresh(self, timeout: float = 60.0) -> None:
        """Return once everything submitted so far can be found.

        Raises:
            TimeoutError: the indexer did not get there within ``timeout`` seconds.
        """
        with self._changed:
            target = self._latest
            if not self._changed.wait_for(lambda: self._applied >= target or self._stopping, timeout):
                raise TimeoutError(f"refresh: at {self._applied}, wanted {target}")

    def searcher(self) -> tantivy.Searcher:
        return self._index.searcher()

    def close(self) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join()
        self._release_writer()

    def drop(self) -> None:
        self.close()
        shutil.rmtree(self._path, ignore_errors=True)

    def _run(self) -> None:
        while True:
            with self._changed:
                patience = _WRITER_IDLE_SECONDS if self._writer else None
                has_work = self._changed.wait_for(lambda: self._pending or self._stopping, patience)
                if self._stopping:
                    return
                batch, self._pending = sorted(self._pending.values(), key=lambda doc: doc.seq), {}
            try:
                if not has_work:
                    self._release_writer()
                for start in range(0, len(batch), _BATCH):
                    self._apply(batch[start : start + _BATCH], reload=True)
            except Exception as error:  # the store still has everything: say so and stop, a restart catches up
                logger.exception("indexing of %s stopped", self._uuid)
                self.failure = error
                with self._changed:
                    self._stopping = True
                    self._changed.notify_all()
                return

    def _apply(self, batch: list[StoredDocument], reload: bool = False) -> None:
        writer = self._open_writer()
        for doc in batch:
            writer.delete_documents_by_term("_id", doc.id)
            if doc.source is not None:
                writer.add_document(self._document(doc))
        writer.commit()
        if reload:
            self._index.reload()
        last = max(doc.seq for doc in batch)
        self._write_checkpoint(last)
        with self._changed:
            self._applied, self._latest = max(self._applied, last), max(self._latest, last)
            self._changed.notify_all()

    def _document(self, stored: StoredDocument) -> tantivy.Document:
        source = stored.source or "{}"
        doc = tantivy.Document()
        doc.add_text("_id", stored.id)
        doc.add_bytes("_source", source.encode())
        doc.add_integer("_version", stored.version)
        for field, terms in self._mapping.read(stored.id, json.loads(source)):
            name = self._columns[field.path]
            if terms:
                doc.add_text("_fields", field.path)
            if field.kind == "text":
                doc.add_pre_tokenized_text(name, pre_tokenize(field, [str(term) for term in terms]))
                continue
            for term in terms:
                if isinstance(term, int):
                    doc.add_integer(name, term)
                else:
                    doc.add_text(name, term)
        return doc


def pre_tokenize(field: Field, values: list[str]) -> tantivy.PreTokenizedString:
    """The tokens of all values; between two values lies a gap of 100 positions, as in OpenSearch."""
    tokens: list[tantivy.Token] = []
    offset = 0
    assert field.analyzer is not None
    for value in values:
        last = offset
        for token in field.analyzer.analyze(value):
            last = offset + token.position
            tokens.append(tantivy.Token(token.text, last, 0, 0))
        offset = last + 100
    return tantivy.PreTokenizedString("", tokens)
