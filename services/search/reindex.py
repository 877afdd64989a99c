"""New versions of the indices, filled from the tables with no downtime.

The order of steps is what makes it safe: the new index takes live changes before the tables are read, external versions
decide which write is newer, readers move in one step once it is full, and the old index is deleted only when no
function can still use it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from services.common.lazy_dataclasses import dataclass
from services.search.index import WRITERS_SECONDS, SearchIndex
from services.search.mappings import INDICES
from services.search.model import Action
from services.search.projection import actions_of_item

_BATCH = 500
_MARGIN_SECONDS = 2.0
#: OpenSearch's own patience with a new index; nobody waits for an answer meanwhile.
_CREATE_SECONDS = 30.0
Wait = Callable[[float], None]


@dataclass
class Progress:
    """Counts of items read and written so far; ``skipped`` items could not become documents (poison)."""

    step: str = ""
    read: int = 0
    written: int = 0
    skipped: int = 0
    #: Seconds that are left until no function uses the earlier indices.
    waits: int = 0


@dataclass(frozen=True)
class ReindexOutcome:
    """alias → (old indices, new index, documents in it)."""

    moved: Mapping[str, tuple[list[str], str, int]]
    progress: Progress


def reindex(
    index: SearchIndex,
    items: Callable[[], Iterable[Mapping[str, Any]]],
    *,
    now: datetime,
    told: Callable[[Progress], None] = lambda progress: None,
    wait: Wait = time.sleep,
) -> ReindexOutcome:
    """Rebuild every index and move the aliases.

    Args:
        items: gives all items of the posts and profiles tables.
        told: called for every batch.

    Raises:
        Unavailable: OpenSearch stopped answering; readers still use the old indices, the new ones are removed.
    """
    progress = Progress()
    suffix = now.strftime("-%Y%m%d%H%M%S")
    for alias in INDICES:
        for abandoned in {*index.behind(f"{alias}-writers")} - {*index.behind(alias)}:
            index.drop(abandoned)
    new = {alias: index.create(definition, suffix, _CREATE_SECONDS) for alias, definition in INDICES.items()}
    try:
        _step(progress, told, "let live changes reach the new indices")
        index.move(*(("add", name, f"{alias}-writers") for alias, name in new.items()))
        _wait(progress, told, wait)
        _step(progress, told, "fill")
        _fill(index, items(), new, progress, told)
        counts = {alias: index.count(name) for alias, name in new.items()}
        _step(progress, told, "move the aliases")
        # Looked up now: where there was no index, an indexer may have made one meanwhile.
        old = _others(index, new)
        index.move(*_swap(index, new))
    except BaseException:
        for name in new.values():
            index.drop(name)
        raise
    _step(progress, told, "remove the old indices")
    _wait(progress, told, wait)
    for names in (*old.values(), *_others(index, new).values()):
        for name in names:
            index.drop(name)
    return ReindexOutcome({alias: (old[alias], new[alias], counts[alias]) for alias in INDICES}, progress)


def refill(
    index: SearchIndex,
    items: Callable[[], Iterable[Mapping[str, Any]]],
    *,
    told: Callable[[Progress], None] = lambda progress: None,
) -> ReindexOutcome | None:
    """Fill indices that began empty, where they are. Live changes go to the same indices, and versions decide which
    write is newer, so no function has to learn of other indices first.

    None: there are indices of another version, or more than one of an alias; ``reindex`` replaces them.

    Raises:
        Unavailable: OpenSearch stopped answering; what was written stays.
    """
    names = {alias: index.name_of(definition) for alias, definition in INDICES.items()}
    if any(_others(index, names).values()):
        return None
    for definition in INDICES.values():
        index.ensure(definition)
    progress = Progress()
    _step(progress, told, "fill")
    _fill(index, items(), names, progress, told)
    return ReindexOutcome({alias: ([], name, index.count(name)) for alias, name in names.items()}, progress)


def _wait(progress: Progress, told: Callable[[Progress], None], wait: Wait) -> None:
    """Until every function has looked up again which indices take writes. Nobody else can tell when it did."""
    for progress.waits in range(math.ceil(WRITERS_SECONDS + _MARGIN_SECONDS), 0, -1):
        told(progress)
        wait(1.0)
    progress.waits = 0


def _others(index: SearchIndex, new: Mapping[str, str]) -> dict[str, list[str]]:
    """alias → the indices behind it, for reading or writing, except for the new one."""
    return {
        alias: sorted({*index.behind(alias), *index.behind(f"{alias}-writers")} - {name}) for alias, name in new.items()
    }


def _swap(index: SearchIndex, new: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for alias, name in new.items():
        yield "add", name, alias
        for each in (alias, f"{alias}-writers"):
            yield from (("remove", before, each) for before in index.behind(each) if before != name)


def _fill(
    index: SearchIndex,
    items: Iterable[Mapping[str, Any]],
    new: Mapping[str, str],
    progress: Progress,
    told: Callable[[Progress], None],
) -> None:
    source = iter(items)
    while batch := list(islice(source, _BATCH)):
        actions: list[Action] = []
        for item in batch:
            try:
                actions += actions_of_item(item)
            except (KeyError, TypeError, ValueError):
                progress.skipped += 1
        failed = index.apply(actions, into=new)
        progress.read += len(batch)
        progress.written += len(actions) - len(failed)
        progress.skipped += len(failed)
        told(progress)


def _step(progress: Progress, told: Callable[[Progress], None], name: str) -> None:
    progress.step = name
    told(progress)
