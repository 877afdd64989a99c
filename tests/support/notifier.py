"""A notifier on the test's table, where nobody is connected and everybody has a profile."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from services.common.events import DomainEvent
from services.common.outbox import Outgoing
from services.notifications.corrections import Corrector
from services.notifications.corrections_repository import CorrectionRepository
from services.notifications.filtering import NotificationFilter
from services.notifications.notifier import Notifier
from services.notifications.repository import NotificationRepository
from tests.support.directory import FakePeople

TABLE = "notifications"


def notifier(
    filters: NotificationFilter,
    tell: Callable[[Sequence[Outgoing]], None] = lambda _: None,
    present: Callable[[str], bool] = lambda _: False,
    publish: Callable[[Sequence[DomainEvent]], None] = lambda _: None,
) -> Notifier:
    corrector = Corrector(CorrectionRepository(TABLE), filters.graph)
    return Notifier(NotificationRepository(TABLE), FakePeople(), filters, present, tell, corrector, publish)
