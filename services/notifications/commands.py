"""What the consumer of the in-app channel and people do with notifications."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.common.errors import Conflict
from services.common.events import DomainEvent
from services.common.ids import derived_id
from services.common.outbox import Outgoing, frame
from services.common.people import People, author_of
from services.notifications.model import Marks, Notice, Notification, Type
from services.notifications.preference_repository import PreferenceRepository
from services.notifications.preferences import Audience, Channel, Preferences, QuietHours
from services.notifications.repository import NotificationRepository
from services.notifications.rules import notices_of
from services.notifications.screen import Screen

_TRIES = 4
Present = Callable[[str], bool]
Tell = Callable[[Sequence[Outgoing]], None]


@dataclass(frozen=True)
class Notifier:
    """Writes notifications and tells the recipients' devices."""

    notifications: NotificationRepository
    people: People
    screen: Screen
    present: Present
    tell: Tell

    def handle(self, event: DomainEvent) -> int:
        """Tell everyone whom the event concerns; how many. Handling it again tells the same with the same ids."""
        notices = self.screen.passing(notices_of(event), Channel.IN_APP)
        notices = [notice for notice in notices if not self._has_it_already(notice)]
        for notice in notices:
            notification, marks, _ = self.notifications.add(notice)
            if notification is not None:
                people = self.people.find(notification.actors)
                wire = notification.to_wire(
                    [author_of(people, one) for one in notification.actors],
                    read=marks.has_read(notification),
                    excerpt=notice.excerpt,
                )
                self.tell([created_frame(notification, wire, marks)])
        return len(notices)

    def _has_it_already(self, notice: Notice) -> bool:
        """A chat message is on the screen of whoever is connected: as a notification it would be counted twice."""
        told_anyway = notice.away or notice.detail == "mention"
        return notice.type is Type.MESSAGE and not told_anyway and self.present(notice.recipient)


def created_frame(notification: Notification, wire: dict[str, object], marks: Marks) -> Outgoing:
    data = {"notification": wire, "unread": marks.unread, "revision": marks.revision}
    event_id = derived_id("notification.created", notification.id)
    shown = frame("notification.created", event_id, data, notification.at)
    return Outgoing(notification.recipient, [notification.recipient], shown)


def mark_read(notifications: NotificationRepository, tell: Tell, user_id: str, up_to: str) -> None:
    """Everything up to ``up_to`` was read; all devices of the person hear the new number."""
    marks, changed = notifications.mark_read(user_id, up_to)
    if changed:
        tell([_unread_frame(user_id, marks, {"readUpTo": marks.read_up_to})])


def mark_one_read(notifications: NotificationRepository, tell: Tell, user_id: str, notification_id: str) -> None:
    """This one was read; all devices of the person hear of it."""
    marks, changed = notifications.mark_one(user_id, notification_id)
    if changed:
        tell([_unread_frame(user_id, marks, {"readId": notification_id})])


def _unread_frame(user_id: str, marks: Marks, what: Mapping[str, str]) -> Outgoing:
    event_id = derived_id("notification.unread", user_id, str(marks.revision))
    data = {"unread": marks.unread, "revision": marks.revision, "readUpTo": None, "readId": None, **what}
    return Outgoing(user_id, [user_id], frame("notification.unread", event_id, data))


def change_settings(
    preferences: PreferenceRepository,
    user_id: str,
    changes: Mapping[Type, Mapping[Channel, Audience]],
    quiet_hours: QuietHours | None,
) -> dict[str, Any]:
    """Change some cells and, if given, the quiet hours; the settings after it.

    Raises:
        BadRequest: something that cannot be chosen.
        Conflict: other devices keep changing them, four tries long.
    """
    if quiet_hours is not None:
        quiet_hours.check()
    for attempt in range(_TRIES):
        before = preferences.one(user_id)
        after = Preferences(before.with_choices(changes), quiet_hours or before.quiet_hours, before.revision + 1)
        try:
            preferences.save(user_id, after)
        except Conflict:
            if attempt == _TRIES - 1:
                raise
        else:
            return after.to_wire()
    raise AssertionError("the last try returns or raises")
