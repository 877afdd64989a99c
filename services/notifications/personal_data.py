"""What notifications keep of a person: for their export, and for the erasure of their account."""

from __future__ import annotations

from services.common.partitions import wipe
from services.common.personal_data import PAGE, PersonalData, Source, Step, partition
from services.notifications.model import NotificationType
from services.notifications.repository import PREFIX, kind_key, user_key


def personal_data(table: str) -> PersonalData:
    def erase(user_id: str) -> int:
        """The list, the same by kind, devices and preferences."""
        partitions = [user_key(user_id), *(kind_key(user_id, kind) for kind in NotificationType)]
        return sum(wipe(table, one, most=PAGE) for one in partitions)

    return PersonalData(
        export=(
            Source("notifications", partition(table, "USER", prefix=PREFIX)),
            Source("notification-settings", partition(table, "USER", prefix="PREFERENCES")),
            Source("push-subscriptions", partition(table, "USER", prefix="PUSH#")),
        ),
        erasure=(Step("notifications", erase),),
    )
