"""Commands of people on their notifications: mark as read or seen, change settings."""

from __future__ import annotations

from collections.abc import Mapping

from services.common.errors import Conflict
from services.common.lazy_dataclasses import dataclass
from services.notifications.frames import unread_frame
from services.notifications.model import NotificationType
from services.notifications.notifier import Publish, Tell, corrected
from services.notifications.preference_repository import PreferenceRepository
from services.notifications.preferences import Channel, NotificationAudience, Preferences, QuietHours
from services.notifications.repository import NotificationRepository
from services.notifications.resources import NotificationSettings, settings_to_resource

_TRIES = 4


@dataclass(frozen=True)
class NotificationCommands:
    """``tell`` sends frames to people's devices, ``publish`` domain events."""

    notifications: NotificationRepository
    preferences: PreferenceRepository
    tell: Tell
    publish: Publish

    def mark_read(self, user_id: str, up_to: str) -> None:
        """Mark everything up to ``up_to`` as read; all devices of the person get the new number."""
        marks, changed = self.notifications.mark_read(user_id, up_to)
        if changed:
            self.tell([unread_frame(user_id, marks, read_up_to=marks.read_up_to)])

    def mark_seen(self, user_id: str, up_to: str) -> None:
        """Mark everything up to ``up_to`` as seen: it no longer counts as new, on any device."""
        marks, changed = self.notifications.mark_seen(user_id, up_to)
        if changed:
            self.tell([unread_frame(user_id, marks, seen_up_to=marks.seen_up_to)])

    def mark_one_read(self, user_id: str, notification_id: str) -> None:
        """Mark one as read; all devices of the person get the change."""
        read = self.notifications.mark_one(user_id, notification_id)
        if read:
            self.tell([unread_frame(user_id, read.marks, read=read.after)])
            self.publish([corrected(f"{notification_id}#{read.marks.revision}", read)])

    def change_settings(
        self,
        user_id: str,
        changes: Mapping[NotificationType, Mapping[Channel, NotificationAudience]],
        quiet_hours: QuietHours | None,
    ) -> NotificationSettings:
        """Change some cells and, if given, the quiet hours; the settings after it.

        Raises:
            BadRequest: a cell or value that cannot be chosen.
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
