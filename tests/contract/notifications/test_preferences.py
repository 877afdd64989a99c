"""Preferences set by two devices are merged in the table."""

from __future__ import annotations

import pytest

from services.common.errors import BadRequest, Conflict
from services.notifications.commands import NotificationCommands
from services.notifications.model import NotificationType
from services.notifications.preference_repository import PreferenceRepository
from services.notifications.preferences import Channel, NotificationAudience, Preferences, QuietHours
from services.notifications.repository import NotificationRepository
from tests.support.aws import Aws
from tests.support.lambdas import new_user


def test_settings_store_differences_and_merge_the_choices_of_two_devices(
    fresh: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, bob = PreferenceRepository("notifications"), new_user()
    commands = NotificationCommands(NotificationRepository("notifications"), kept, lambda _: None, lambda _: None)
    commands.change_settings(bob, {NotificationType.LIKE: {Channel.WEB_PUSH: NotificationAudience.NOBODY}}, None)
    hours = QuietHours(True, "23:00", "06:00", "Asia/Tokyo")
    changes = {
        NotificationType.LIKE: {Channel.WEB_PUSH: NotificationAudience.FOLLOWING},
        NotificationType.REPLY: {Channel.IN_APP: NotificationAudience.NOBODY},
    }
    wire = commands.change_settings(bob, changes, hours)
    assert kept.one(bob).chosen == {(NotificationType.REPLY, Channel.IN_APP): NotificationAudience.NOBODY}
    assert wire["quietHours"] == {"enabled": True, "start": "23:00", "end": "06:00", "timeZone": "Asia/Tokyo"}
    with pytest.raises(Conflict):
        kept.save(bob, Preferences(revision=2))
    with pytest.raises(BadRequest):
        commands.change_settings(bob, {}, QuietHours(True, "23:00", "06:00", "Mars/Olympus"))
    with pytest.raises(BadRequest):
        commands.change_settings(bob, {}, QuietHours(True, "23:00", "23:00", "UTC"))
    assert kept.of([bob, new_user()]).keys() == {bob}
