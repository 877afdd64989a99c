"""What consumers and people do with notifications."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.common.errors import BadRequest
from services.common.events import DomainEvent
from services.common.ids import derived_id
from services.common.observability import logger
from services.common.outbox import Outgoing, frame
from services.common.people import People, author_of
from services.notifications import subscriptions, texts
from services.notifications.adapter import PushFailed, PushSender, SubscriptionGone
from services.notifications.model import Marks, Notice, Notification, Type, notices_of
from services.notifications.repository import NotificationRepository, PushRepository
from services.notifications.subscriptions import Subscription

Present = Callable[[str], bool]


@dataclass(frozen=True)
class Notifier:
    """Writes notifications and tells the recipients' devices."""

    notifications: NotificationRepository
    people: People
    present: Present
    tell: Callable[[Sequence[Outgoing]], None]

    def handle(self, event: DomainEvent) -> int:
        """Tell everyone whom the event concerns; how many. Handling it again tells the same with the same ids."""
        notices = [notice for notice in notices_of(event) if not self._has_it_already(notice)]
        people = self.people.find({notice.actor for notice in notices})
        for notice in notices:
            notification, marks, _ = self.notifications.add(notice)
            if notification is not None:
                wire = notification.to_wire(author_of(people, notice.actor), read=marks.has_read(notification.id))
                self.tell([created_frame(notification, wire, marks)])
        return len(notices)

    def _has_it_already(self, notice: Notice) -> bool:
        """A chat message is on the screen of whoever is connected: as a notification it would be counted twice."""
        return notice.type is Type.MESSAGE and self.present(notice.recipient)


def created_frame(notification: Notification, wire: dict[str, object], marks: Marks) -> Outgoing:
    data = {"notification": wire, "unread": marks.unread}
    event_id = derived_id("notification.created", notification.id)
    shown = frame("notification.created", event_id, data, notification.at)
    return Outgoing(notification.recipient, [notification.recipient], shown)


def mark_read(
    notifications: NotificationRepository, tell: Callable[[Sequence[Outgoing]], None], user_id: str, up_to: str
) -> None:
    """Everything up to ``up_to`` was read; all devices of the person hear the new number."""
    marks, changed = notifications.mark_read(user_id, up_to)
    if changed:
        event_id = derived_id("notification.unread", user_id, str(marks.revision))
        tell([Outgoing(user_id, [user_id], frame("notification.unread", event_id, {"unread": marks.unread}))])


@dataclass(frozen=True)
class Pusher:
    """Pushes to the browsers of those who are not connected."""

    pushes: PushRepository
    people: People
    present: Present
    sender: PushSender
    allowed_hosts: Sequence[str]

    def handle(self, event: DomainEvent) -> int:
        """Push to everyone concerned who is away; how many pushes went out.

        Raises:
            PushFailed: some could not be pushed; the event is to be tried again, what went out is not sent twice.
        """
        away = [notice for notice in notices_of(event) if not self.present(notice.recipient)]
        people = self.people.find({user for notice in away for user in (notice.actor, notice.recipient)})
        sent, failures = 0, []
        for notice in away:
            actor, recipient = people.get(notice.actor), people.get(notice.recipient)
            payload = texts.payload_of(
                notice, actor.display_name if actor else "", recipient.locale if recipient else "en"
            )
            for subscription in self.pushes.of_user(notice.recipient):
                try:
                    sent += self._push(notice, subscription, payload)
                except PushFailed as error:
                    failures.append(error)
        if failures:
            raise PushFailed(f"{len(failures)} pushes failed; the first: {failures[0]}")
        return sent

    def _push(self, notice: Notice, subscription: Subscription, payload: dict[str, object]) -> int:
        if self.pushes.was_pushed(notice, subscription):
            return 0
        try:
            # The list of hosts may have become shorter since the browser subscribed.
            subscriptions.check_endpoint(subscription.endpoint, self.allowed_hosts)
            self.sender.send(subscription, payload)
        except (SubscriptionGone, BadRequest):
            logger.info("a subscription has ended")
            self.pushes.remove(notice.recipient, subscription.endpoint)
            return 0
        self.pushes.set_pushed(notice, subscription)
        return 1
