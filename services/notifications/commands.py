"""What people do with their notifications: read them, choose what to hear of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.common.errors import Conflict
from services.common.ids import derived_id
from services.common.outbox import Outgoing, frame
from services.notifications.model import Marks, NotificationType
from services.notifications.notifier import Tell
from services.notifications.preference_repository import PreferenceRepository
from services.notifications.preferences import Channel, NotificationAudience, Preferences, QuietHours
from services.notifications.repository import NotificationRepository
from services.notifications.resources import NotificationSettings, settings_to_resource

_TRIES = 4


@dataclass(frozen=True)
class NotificationCommands:
    """``tell`` sends frames to people's devices."""

    notifications: NotificationRepository
    preferences: PreferenceRepository
    tell: Tell

    def mark_read(self, user_id: str, up_to: str) -> None:
        """Everything up to ``up_to`` was read; all devices of the person hear the new number."""
        marks, changed = self.notifications.mark_read(user_id, up_to)
        if changed:
            self.tell([_unread_frame(user_id, marks, {"readUpTo": marks.read_up_to})])

    def mark_one_read(self, user_id: str, notification_id: str) -> None:
        """This one was read; all devices of the person hear of it."""
        marks, changed = self.notifications.mark_one(user_id, notification_id)
        if changed:
            self.tell([_unread_frame(user_id, marks, {"readId": notification_id})])

    def change_settings(
        self,
        user_id: str,
        changes: Mapping[NotificationType, Mapping[Channel, NotificationAudience]],
        quiet_hours: QuietHours | None,
    ) -> NotificationSettings:
        """Change some cells and, if given, the quiet hours; the settings after it.

        Raises:
            BadRequest: something that cannot be chosen.
            Conflict: other devices keep changing them, four tries long.
        """
        if quiet_hours is not None:
            quiet_hours.check()
        for attempt in range(_TRIES):
            before = self.preferences.one(user_id)
            after = Preferences(before.with_choices(changes), quiet_hours or before.quiet_hours, before.revision + 1)
            try:
                self.preferences.save(user_id, after)
            except Conflict:
                if attempt == _TRIES - 1:
                    raise
            else:
                return settings_to_resource(after)
        raise AssertionError("the last try returns or raises")


def _unread_frame(user_id: str, marks: Marks, what: Mapping[str, str]) -> Outgoing:
    event_id = derived_id("notification.unread", user_id, str(marks.revision))
    data = {"unread": marks.unread, "revision": marks.revision, "readUpTo": None, "readId": None, **what}
    return Outgoing(user_id, [user_id], frame("notification.unread", event_id, data))
