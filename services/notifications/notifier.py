"""The consumer of the in-app channel: writes notifications and tells the recipients' devices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.common.events import DomainEvent
from services.common.ids import derived_id
from services.common.outbox import Outgoing, frame
from services.common.people import People, author_of
from services.notifications.filtering import NotificationFilter
from services.notifications.model import Marks, Notice, Notification, NotificationType
from services.notifications.preferences import Channel
from services.notifications.repository import NotificationRepository
from services.notifications.resources import NotificationCreatedEvent, NotificationResource, to_resource
from services.notifications.rules import notices_of

Present = Callable[[str], bool]
Tell = Callable[[Sequence[Outgoing]], None]


@dataclass(frozen=True)
class Notifier:
    """Writes notifications and tells the recipients' devices."""

    notifications: NotificationRepository
    people: People
    filter: NotificationFilter
    present: Present
    tell: Tell

    def handle(self, event: DomainEvent) -> int:
        """Tell everyone whom the event concerns; how many. Handling it again tells the same with the same ids."""
        notices = self.filter.passing(notices_of(event), Channel.IN_APP)
        notices = [notice for notice in notices if not self._has_it_already(notice)]
        for notice in notices:
            notification, marks, _ = self.notifications.add(notice)
            if notification is not None:
                people = self.people.find(notification.actors)
                wire = to_resource(
                    notification,
                    [author_of(people, one) for one in notification.actors],
                    read=marks.has_read(notification),
                    excerpt=notice.excerpt,
                )
                self.tell([created_frame(notification, wire, marks)])
        return len(notices)

    def _has_it_already(self, notice: Notice) -> bool:
        """A chat message is on the screen of whoever is connected: as a notification it would be counted twice."""
        told_anyway = notice.away or notice.detail == "mention"
        return notice.type is NotificationType.MESSAGE and not told_anyway and self.present(notice.recipient)


def created_frame(notification: Notification, wire: NotificationResource, marks: Marks) -> Outgoing:
    data: NotificationCreatedEvent = {"notification": wire, "unread": marks.unread, "revision": marks.revision}
    event_id = derived_id("notification.created", notification.id)
    shown = frame("notification.created", event_id, data, notification.at)
    return Outgoing(notification.recipient, [notification.recipient], shown)
