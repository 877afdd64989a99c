"""A person's preferences: types, senders, channels and quiet hours. Pure rules.

Only differences from the defaults are stored, so that a changed default reaches everybody who never chose.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import UTC, datetime, time
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from services.common.errors import BadRequest, FieldError
from services.common.lazy_dataclasses import dataclass
from services.common.observability import logger
from services.notifications.model import NotificationType


class Channel(StrEnum):
    """Channels: the list in the app with its sockets, browsers, phones."""

    IN_APP = "inApp"
    WEB_PUSH = "webPush"
    MOBILE = "mobile"


class NotificationAudience(StrEnum):
    """Whose actions notify."""

    EVERYONE = "everyone"
    FOLLOWING = "following"
    NOBODY = "nobody"


#: Nobody's deeds, or those of somebody whom the recipient has chosen: "people I follow" would say nothing.
_WITHOUT_PERSON = frozenset(
    {
        NotificationType.FOLLOW_ACCEPTED,
        NotificationType.POLL_ENDED,
        NotificationType.SCHEDULED_POST,
        NotificationType.MODERATION,
        NotificationType.LIVE,
    }
)
#: Pushes that everybody gets would be too many.
_PUSHED_FROM_FOLLOWING = frozenset({NotificationType.LIKE, NotificationType.REACTION, NotificationType.REPOST})
_NOT_PUSHED = frozenset({NotificationType.SCHEDULED_POST})


def default(kind: NotificationType, channel: Channel) -> NotificationAudience:
    """The settings of a person who never chose."""
    if channel is not Channel.IN_APP:
        if kind in _NOT_PUSHED:
            return NotificationAudience.NOBODY
        if kind in _PUSHED_FROM_FOLLOWING:
            return NotificationAudience.FOLLOWING
    return NotificationAudience.EVERYONE


def choices(kind: NotificationType, channel: Channel) -> tuple[NotificationAudience, ...]:
    """What can be chosen. Decisions of moderators stay in the list: the people concerned must be able to know them."""
    if kind is NotificationType.MODERATION and channel is Channel.IN_APP:
        return (NotificationAudience.EVERYONE,)
    if kind in _WITHOUT_PERSON:
        return (NotificationAudience.EVERYONE, NotificationAudience.NOBODY)
    return tuple(NotificationAudience)


@dataclass(frozen=True)
class QuietHours:
    """No pushes from ``start`` until ``end`` (``HH:MM``, over midnight too) where the person lives (IANA name)."""

    enabled: bool = False
    start: str = "22:00"
    end: str = "07:00"
    time_zone: str = "UTC"

    def cover(self, moment: datetime) -> bool:
        """Whether ``moment`` (aware) is within them."""
        if not self.enabled:
            return False
        start, end = time.fromisoformat(self.start), time.fromisoformat(self.end)
        now = moment.astimezone(_zone(self.time_zone) or UTC).time()
        return start <= now < end if start < end else now >= start or now < end

    def check(self) -> None:
        """Raises ``BadRequest`` for an unknown time zone, and for quiet hours whose start is their end."""
        if _zone(self.time_zone) is None:
            fault = FieldError("quietHours.timeZone", "an IANA name, for example Asia/Tokyo", repr(self.time_zone)[:64])
            raise BadRequest("Unknown time zone.", fault)
        if self.start == self.end:
            raise BadRequest(
                "Quiet hours must end at another time than they start.",
                FieldError("quietHours.end", "a time other than the start", self.end),
            )

    def to_item(self) -> dict[str, Any]:
        return {"enabled": self.enabled, "start": self.start, "end": self.end, "timeZone": self.time_zone}


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # A name that was good when it was chosen may be gone from a newer list.
        logger.info("no such time zone", extra={"time_zone": name[:64]})
        return None


@dataclass(frozen=True)
class Preferences:
    """``chosen`` holds what differs from the defaults; ``revision`` counts the changes."""

    chosen: Mapping[tuple[NotificationType, Channel], NotificationAudience] = field(default_factory=dict)
    quiet_hours: QuietHours = QuietHours()
    revision: int = 0

    def audience(self, kind: NotificationType, channel: Channel) -> NotificationAudience:
        found = self.chosen.get((kind, channel))
        return found if found in choices(kind, channel) else default(kind, channel)

    def want(self, kind: NotificationType, channel: Channel, *, follows: bool, at: datetime) -> bool:
        """Whether to notify: ``follows`` says whether the person follows the actor, ``at`` when it would be sent."""
        if channel is not Channel.IN_APP and self.quiet_hours.cover(at):
            return False
        audience = self.audience(kind, channel)
        return audience is NotificationAudience.EVERYONE or (audience is NotificationAudience.FOLLOWING and follows)

    def with_choices(
        self, changes: Mapping[NotificationType, Mapping[Channel, NotificationAudience]]
    ) -> dict[tuple[NotificationType, Channel], NotificationAudience]:
        """``chosen`` after ``changes``.

        Raises:
            BadRequest: a cell or value that cannot be chosen.
        """
        chosen = dict(self.chosen)
        for kind, row in changes.items():
            for channel, audience in row.items():
                allowed = choices(kind, channel)
                if audience not in allowed:
                    fault = FieldError(f"types.{kind}.{channel}", f"one of {', '.join(allowed)}", str(audience))
                    raise BadRequest("This choice is not available.", fault)
                chosen.pop((kind, channel), None)
                if audience is not default(kind, channel):
                    chosen[kind, channel] = audience
        return chosen
