"""Notifications' data about a person: for their export, and for the erasure of their account."""

from __future__ import annotations

from services.common.dynamo import batch_write
from services.common.partitions import items_of, wipe
from services.common.personal_data import PAGE, PersonalData, Source, Step, page_of, partition
from services.notifications.items import FACTS, PREFIX, about_key, kind_key, told_key, user_key
from services.notifications.model import NotificationType
from services.notifications.table import NotificationTable


def personal_data(table: str) -> PersonalData:
    def erase(user_id: str) -> int:
        """The list, the lists by kind, devices and preferences; and the person's entries in the lists of people who
        were notified of a post or a message."""
        NotificationTable(table).note_gone(user_id)
        found = page_of(items_of(table, user_key(user_id)))
        told = [one for one in found if one["sk"].startswith(FACTS) and "about" in one]
        batch_write(
            table,
            deletes=[
                *((about_key(one["about"]), told_key(user_id, one["once"])) for one in told),
                *((one["pk"], one["sk"]) for one in found),
            ],
        )
        return len(found) + sum(wipe(table, kind_key(user_id, kind), most=PAGE) for kind in NotificationType)

    return PersonalData(
        export=(
            Source("notifications", partition(table, "USER", prefix=PREFIX)),
            Source("notification-settings", partition(table, "USER", prefix="PREFERENCES")),
            Source("push-subscriptions", partition(table, "USER", prefix="PUSH#")),
        ),
        erasure=(Step("notifications", erase),),
    )
