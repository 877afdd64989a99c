"""Compares documents of the index with posts and profiles, one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from services.common.derived import Compared, whole_table
from services.common.dynamo import Item, batch_get
from services.common.lazy_dataclasses import dataclass
from services.search.index import SearchIndex
from services.search.model import Action
from services.search.projection import actions_of_item

_BATCH = 100


@dataclass(frozen=True)
class IndexComparison:
    """``tables``: table name → the sort key of the items that become documents."""

    index: SearchIndex
    tables: Mapping[str, str]

    def __call__(self, after: str | None) -> Iterator[Compared]:
        keys = sorted((str(item["pk"]), name) for name, kind in self.tables.items() for item in whole_table(name, kind))
        rest = iter([one for one in keys if after is None or one[0] > after])
        while batch := list(islice(rest, _BATCH)):
            wanted = {name: [(pk, kind) for pk, of in batch if of == name] for name, kind in self.tables.items()}
            yield from self._compared(batch, {pk: item for (_, pk, _), item in batch_get(wanted).items()})

    def _compared(self, batch: list[tuple[str, str]], items: Mapping[str, Item]) -> Iterator[Compared]:
        actions: dict[str, list[Action]] = {}
        broken: dict[str, str] = {}
        for pk, item in items.items():
            try:
                actions[pk] = actions_of_item(item)
            except (KeyError, TypeError, ValueError) as error:
                broken[pk] = f"cannot become a document: {type(error).__name__}: {error}"
        by_alias: dict[str, list[str]] = {}
        for action in (one for found in actions.values() for one in found):
            by_alias.setdefault(action.alias, []).append(action.id)
        there = {alias: self.index.versions(alias, ids) for alias, ids in by_alias.items()}
        for pk, _ in batch:
            if pk in broken:
                yield Compared(pk, (broken[pk],))
            elif pk in actions:
                yield self._one(pk, actions[pk], there)

    def _one(self, pk: str, actions: list[Action], there: Mapping[str, Mapping[str, int]]) -> Compared:
        wrong = [(one, why) for one in actions if (why := _difference(one, there[one.alias].get(one.id)))]
        return Compared(pk, tuple(why for _, why in wrong), lambda: self._write([one for one, _ in wrong]))

    def _write(self, actions: list[Action]) -> None:
        """Write by version: concurrent changes are newer and stay."""
        if failed := self.index.apply(actions):
            raise RuntimeError(f"the index refused: {next(iter(failed.values()))}")


def _difference(action: Action, version: int | None) -> str | None:
    if action.source is None:
        return f"{action.alias}: {action.id} is still found" if version is not None else None
    if version is None:
        return f"{action.alias}: {action.id} is missing"
    if version < action.version:
        return f"{action.alias}: {action.id} has version {version}, expected {action.version}"
    return None
