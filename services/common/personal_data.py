"""Interface for a context's data about a person: sources of their export, steps of their erasure.

Each context lists its own (``personal_data`` in its ``public.py``); accounts puts them in order and runs them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from services.common.dynamo import Item
from services.common.lazy_dataclasses import dataclass
from services.common.partitions import items_of, wipe

Records = Iterable[Mapping[str, Any]]
#: Items per step and call: well within one invocation; the time left is checked after each call.
PAGE = 100


@dataclass(frozen=True)
class Source:
    """One document of an export: its name, and the records of a person (user id)."""

    name: str
    records: Callable[[str], Records]


@dataclass(frozen=True)
class File:
    """A file of an export, by chunks."""

    name: str
    chunks: Callable[[], Iterator[bytes]]


@dataclass(frozen=True)
class Step:
    """``run`` deletes a bounded number of things of a person and returns how many it found; ``most`` means that there
    may be more."""

    name: str
    run: Callable[[str], int]
    most: int = PAGE


@dataclass(frozen=True)
class PersonalData:
    """One context's data about a person, in order of reading or deletion.

    ``closing``: steps that run before all others and make the person unreachable.
    """

    export: tuple[Source, ...] = ()
    erasure: tuple[Step, ...] = ()
    closing: tuple[Step, ...] = ()


def partition(table: str, key: str, *, index: str | None = None, prefix: str = "") -> Callable[[str], Iterator[Item]]:
    """Reads the partition ``<key>#<user id>`` of a table."""
    return lambda user_id: items_of(table, f"{key}#{user_id}", index=index, prefix=prefix)


def erased(table: str, *keys: str) -> Callable[[str], int]:
    """Deletes a page of each partition ``<key>#<user id>`` of a table."""
    return lambda user_id: sum(wipe(table, f"{key}#{user_id}", most=PAGE) for key in keys)


def page_of(items: Iterator[Item]) -> list[Item]:
    """The first ``PAGE`` of these items."""
    return list(islice(items, PAGE))
