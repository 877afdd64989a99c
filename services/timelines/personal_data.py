"""Timelines' data about a person and their lists, for the erasure of their account."""

from __future__ import annotations

from collections.abc import Sequence

from services.common.dynamo import batch_get, batch_write
from services.common.partitions import items_of, wipe
from services.common.personal_data import PAGE, PersonalData, Step, erased, page_of
from services.timelines import keys
from services.timelines.readers import list_of
from services.timelines.repository import entry_of


def personal_data(table: str) -> PersonalData:
    """An export has nothing of timelines: they hold references to posts."""
    partitions = ("HOME", "AUDIENCE", "READER", "REACH", "PUSHED")
    return PersonalData(
        erasure=(
            Step("timelines for all", lambda user_id: _unpublish_all(table, user_id)),
            Step("timelines", erased(table, *partitions)),
        )
    )


def _unpublish_all(table: str, author: str) -> int:
    """A page of a person's references, with the lines of public and tag timelines to which only these lead."""
    # Loaded when somebody leaves: the functions that only read timelines import this module too.
    from services.timelines.projection_repository import TimelineProjection

    store = TimelineProjection(table)
    store.note_gone(author)
    entries = [entry_of(one) for one in page_of(items_of(table, keys.author(author)))]
    for entry in entries:
        store.unpublish(author, entry.key, entry.tags)
        if entry.repost_id is not None:
            store.forget_repost(entry.post_id, entry.repost_id)
    return len(entries)


def forget_ended(table: str, reader: str, authors: Sequence[str]) -> list[str]:
    """Delete the notes on ended follows of these authors; returns the authors whose follow has ended.

    While an author is missing in the result, the end has not arrived yet: it would make the note again.
    """
    notes = {one: (keys.audience(one), reader) for one in authors}
    found = batch_get({table: notes.values()}, consistent=True)
    ended = [one for one in authors if not found.get((table, *notes[one]), {}).get("active")]
    batch_write(table, deletes=[notes[one] for one in ended])
    return ended


def forget_reader(table: str, reader: str) -> None:
    """Delete a page of the timeline of a list, and the state of its reader."""
    batch_write(table, deletes=[keys.reader(reader)])
    wipe(table, keys.home(reader), most=PAGE)


def lists_with(table: str, user_id: str) -> list[tuple[str, str]]:
    """A page of the lists that a person is on, as ``(owner, list id)``: they are part of the person's audience."""
    audience = items_of(table, keys.audience(user_id), prefix="list:")
    return [found for one in page_of(audience) if (found := list_of(str(one["sk"])))]
