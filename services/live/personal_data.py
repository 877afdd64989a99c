"""Live's data about a person: for their export, and for the erasure of their account."""

from __future__ import annotations

from collections.abc import Iterator

from services.common.dynamo import Item, batch_write
from services.common.partitions import items_of
from services.common.personal_data import PAGE, PersonalData, Source, Step, page_of, partition
from services.live.looking import LiveEndings
from services.live.repository import LiveRepository


def personal_data(table: str) -> PersonalData:
    """Deleting an account first ends its owner's broadcast; others' messages of their broadcasts are deleted too."""
    endings = LiveEndings(LiveRepository(table))
    return PersonalData(
        export=(
            Source("broadcasts", partition(table, "USER", index="gsi1", prefix="LIVE#")),
            Source("broadcast-messages", partition(table, "USER", index="gsi1", prefix="MESSAGE#")),
        ),
        closing=(Step("broadcast", lambda user_id: int(endings.end_of(user_id) is not None)),),
        erasure=(
            Step("broadcasts", lambda user_id: _erase_broadcasts(table, user_id)),
            Step("broadcast messages", lambda user_id: _erase(table, _of(table, user_id, "MESSAGE#"))),
            Step("watched broadcasts", lambda user_id: _erase(table, _of(table, user_id, "VIEWER#"))),
        ),
    )


def _of(table: str, user_id: str, prefix: str) -> Iterator[Item]:
    return items_of(table, f"USER#{user_id}", index="gsi1", prefix=prefix)


def _erase(table: str, items: Iterator[Item]) -> int:
    found = page_of(items)
    batch_write(table, deletes=[(item["pk"], item["sk"]) for item in found])
    return len(found)


def _erase_broadcasts(table: str, user_id: str) -> int:
    """Messages and viewers are deleted before the broadcast, without which they could not be found."""
    for live in page_of(_of(table, user_id, "LIVE#")):
        beside = (item for item in items_of(table, live["pk"]) if item["sk"] != live["sk"])
        if _erase(table, beside):
            return PAGE
        batch_write(table, deletes=[(live["pk"], live["sk"])])
    return 0
