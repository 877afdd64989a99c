"""The consumer of the in-app channel: writes and corrects notifications, and sends frames to the recipients'
devices."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from services.common.events import DomainEvent, NotificationCorrected
from services.common.lazy_dataclasses import dataclass
from services.common.outbox import Outgoing
from services.common.people import People, author_of
from services.notifications.corrections import Corrector
from services.notifications.filtering import NotificationFilter
from services.notifications.frames import changed_frame, created_frame, removed_frame, unread_frame
from services.notifications.model import Marks, Notice, Notification, NotificationType
from services.notifications.preferences import Channel
from services.notifications.repository import NotificationRepository
from services.notifications.resources import NotificationResource, to_resource
from services.notifications.rules import notices_of
from services.notifications.table import Correction

Present = Callable[[str], bool]
Tell = Callable[[Sequence[Outgoing]], None]
Publish = Callable[[Sequence[DomainEvent]], None]


@dataclass(frozen=True)
class Notifier:
    """Writes notifications and sends frames to the recipients' devices; ``publish`` sends corrections to the push
    channels."""

    notifications: NotificationRepository
    people: People
    filter: NotificationFilter
    present: Present
    tell: Tell
    corrector: Corrector
    publish: Publish

    def handle(self, event: DomainEvent) -> int:
        """Notify everyone concerned; returns how many. A repetition has the same ids."""
        told = [*notices_of(event), *self.corrector.returned(event)]
        notices = self.filter.passing(told, Channel.IN_APP)
        notices = self._of_people_who_stay([notice for notice in notices if not self._has_it_already(notice)])
        for notice in notices:
            notification, marks, _ = self.notifications.add(notice)
            if notification is not None:
                self.tell([created_frame(notification, self._wire(notification, marks, notice.excerpt), marks)])
        corrections = self.corrector.corrections(event)
        for correction in corrections:
            self.tell([self._frame_of(correction)])
            if correction.onces:
                self.publish([corrected(event.id, correction)])
        return len(notices) + len(corrections)

    def _has_it_already(self, notice: Notice) -> bool:
        """Connected people see a chat message on their screen: as a notification it would count twice."""
        told_anyway = notice.away or notice.detail == "mention"
        return notice.type is NotificationType.MESSAGE and not told_anyway and self.present(notice.recipient)

    def _of_people_who_stay(self, notices: Sequence[Notice]) -> list[Notice]:
        """Without notices to or about deleted accounts, whose events were late."""
        gone = self.notifications.gone_among({user for one in notices for user in (one.recipient, one.actor)})
        return [notice for notice in notices if not gone & {notice.recipient, notice.actor}]

    def _frame_of(self, correction: Correction) -> Outgoing:
        after, marks = correction.after, correction.marks
        if after is None:
            return removed_frame(correction.before, marks)
        if after.read and not correction.before.read:
            return unread_frame(correction.recipient, marks, read=after)
        post = after.subject.post_id
        excerpt = self.filter.posts([post]).get(post) if post else None
        return changed_frame(after, self._wire(after, marks, excerpt.line if excerpt else None), marks)

    def _wire(self, notification: Notification, marks: Marks, excerpt: str | None) -> NotificationResource:
        people = self.people.find(notification.actors)
        return to_resource(notification, [author_of(people, one) for one in notification.actors], marks, excerpt)


def corrected(cause: str, correction: Correction) -> NotificationCorrected:
    """Corrections of its pushes: pushes of withdrawn or read facts are closed, the others are replaced."""
    shown = correction.after or correction.before
    gone = correction.after is None or correction.after.read
    return NotificationCorrected(
        cause=f"{cause}#{correction.recipient}#{correction.onces[:1]}",
        actor=correction.recipient,
        user_id=correction.recipient,
        tag=shown.tag,
        onces=correction.onces,
        gone=gone,
        kind=str(shown.type),
        actor_id=shown.actors[0] if shown.actors else "",
        others=max(0, shown.count - 1),
        preview=None if gone else shown.preview,
        detail=shown.detail,
        post_id=shown.subject.post_id,
        conversation_id=shown.subject.conversation_id,
    )
