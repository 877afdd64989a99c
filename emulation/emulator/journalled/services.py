"""All services of the journal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from emulation.emulator.journal import Journal
from emulation.emulator.journalled import invocations, items, mails, people, queues, records


class Replay(Protocol):
    """Replays the rows of one service onto the state of a snapshot.

    Rows that the snapshot has already change nothing.
    """

    KINDS: frozenset[str]

    def again(self, entry: list[Any]) -> None: ...

    def finish(self) -> None: ...


def replay(journal: Journal, first: int | None) -> int:
    """Replay the rows of journal ``first`` and later ones; returns how many. Must run before ``record``."""
    replays: list[Replay] = [
        items.ItemReplay(), queues.QueueReplay(), records.RecordReplay(), invocations.InvocationReplay(),
        people.PeopleReplay(), mails.MailReplay(),
    ]  # fmt: skip
    by_kind = {kind: one for one in replays for kind in one.KINDS}
    count = 0
    for entry in journal.entries(first) if first is not None else ():
        by_kind[entry[0]].again(entry)
        count += 1
    for one in replays:
        one.finish()
    return count


def record(journal: Journal, replaced: Callable[[], None]) -> None:
    """From now on every change is in ``journal``. ``replaced``: a change that only a snapshot can hold."""
    items.record(journal, replaced)
    queues.record(journal)
    records.record(journal)
    invocations.record(journal)
    people.record(journal)
    mails.record(journal)


def look() -> None:
    """A request begins that ``note`` ends."""
    people.look()


def note() -> None:
    """Record changes of this request that were not recorded when made. On the event loop, before the answer."""
    people.note()
    mails.note()
