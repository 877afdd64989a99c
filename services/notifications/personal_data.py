"""What notifications keep of a person: for their export, and for the erasure of their account."""

from __future__ import annotations

from services.common.partitions import wipe
from services.common.personal_data import PAGE, Source, Step, partition
from services.notifications.model import Type
from services.notifications.repository import PREFIX, NotificationRepository, kind_key, user_key

_repository = NotificationRepository()


def _erase(user_id: str) -> int:
    """The list, the same by kind, devices and preferences."""
    partitions = [user_key(user_id), *(kind_key(user_id, kind) for kind in Type)]
    return sum(wipe(_repository.name, one, most=PAGE) for one in partitions)


EXPORT = (
    Source("notifications", partition("table_notifications", "USER", prefix=PREFIX)),
    Source("notification-settings", partition("table_notifications", "USER", prefix="PREFERENCES")),
    Source("push-subscriptions", partition("table_notifications", "USER", prefix="PUSH#")),
)
ERASURE = (Step("notifications", _erase),)
