"""The consumers of the push channels: browsers by Web Push, phones by Amazon SNS, by the same rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.common.clock import from_text, now
from services.common.events import (
    CallRinging,
    CallRingingEnded,
    DomainEvent,
    NotificationCorrected,
    NotificationTestRequested,
    RoomRinging,
    RoomRingingEnded,
)
from services.common.lazy_dataclasses import dataclass
from services.common.observability import logger
from services.common.people import People
from services.common.tracing import call_of, current
from services.notifications import texts
from services.notifications.device_repository import DeviceRepository
from services.notifications.devices import Device, DeviceGone, PushFailed, PushSender
from services.notifications.filtering import NotificationFilter
from services.notifications.model import Notice, NotificationSubject, NotificationType
from services.notifications.notifier import Present
from services.notifications.preferences import Channel
from services.notifications.rules import notices_of, ringings_ended_by, ringings_of


@dataclass(frozen=True)
class Pusher:
    """Pushes to devices of one channel, for people who are not connected."""

    channel: Channel
    devices: DeviceRepository
    people: People
    filter: NotificationFilter
    present: Present
    sender: PushSender
    #: How many other facts the unread notification of a notice's group has.
    others: Callable[[Notice], int]
    #: The notice with its text as it is now; ``None`` when there is nothing left to tell.
    as_it_stands: Callable[[Notice], Notice | None]

    def handle(self, event: DomainEvent) -> int:
        """Push to everyone concerned who is away; returns the number of pushes.

        Raises:
            PushFailed: some pushes failed; the event is retried, and successful pushes are not sent again.
        """
        if isinstance(event, NotificationTestRequested):
            return self._test(event)
        if isinstance(event, NotificationCorrected):
            return self._correct(event)
        if isinstance(event, CallRinging | RoomRinging):
            return self._ring(event)
        if isinstance(event, CallRingingEnded | RoomRingingEnded):
            return self._stop_ringing(event)
        passing = self._passing(notices_of(event))
        wanted = [(notice, device) for told, devices in passing for notice, device in self._to_push(told, devices)]
        if not wanted:
            return 0
        people = self.people.find({one for notice, _ in wanted for one in (notice.actor, notice.recipient) if one})
        sent, failures = 0, []
        for notice, device in wanted:
            recipient, actor = people.get(notice.recipient), people.get(notice.actor)
            payload = texts.payload_of(
                notice,
                actor.display_name if actor else "",
                recipient.locale if recipient else "en",
                self.others(notice) if notice.type in texts.OF_PEOPLE else 0,
            )
            try:
                sent += self._push(notice, device, payload)
            except PushFailed as error:
                failures.append(error)
        _raise_first(failures, len(wanted))
        return sent

    def _passing(self, notices: Sequence[Notice]) -> list[tuple[Notice, list[Device]]]:
        """The notices to send, each with the devices of its recipient. Devices are looked up first: most people have
        none, and then nothing else has to be read."""
        found = {one: self.devices.of_user(one, self.channel) for one in {notice.recipient for notice in notices}}
        with_devices = [notice for notice in notices if found[notice.recipient]]
        return [(notice, found[notice.recipient]) for notice in self.filter.passing(with_devices, self.channel)]

    def _to_push(self, notice: Notice, devices: Sequence[Device]) -> list[tuple[Notice, Device]]:
        """Nothing while the recipient is connected. The notification may have been withdrawn, changed or read before
        its push is sent, above all at a retry."""
        now_told = self.as_it_stands(notice) if self._is_away(notice) else None
        return [(now_told, device) for device in devices] if now_told else []

    def _is_away(self, notice: Notice) -> bool:
        return notice.away or not self.present(notice.recipient)

    def _push(self, notice: Notice, device: Device, payload: Mapping[str, Any]) -> int:
        if self.devices.was_pushed(notice, device) or not self._sent(device, payload):
            return 0
        self.devices.set_pushed(notice, device)
        return 1

    def _sent(self, device: Device, payload: Mapping[str, Any]) -> bool:
        try:
            taken = self._handed_over(device, payload)
        except PushFailed as error:
            self.devices.note_failure(device, str(error))
            raise
        if not taken:
            logger.info("a device is gone", extra={"channel": str(self.channel)})
            self.devices.remove(device.user_id, device.id)
            return False
        self.devices.note_use(device)
        return True

    def _handed_over(self, device: Device, payload: Mapping[str, Any]) -> bool:
        """Push to one device; False when it is gone. The push is a span of its own, which the device's trace
        continues."""
        with call_of("push-service", "remote") as span:
            trace = current()
            try:
                self.sender.send(device, {**payload, "trace": trace} if trace else payload)
                taken = True
            except DeviceGone:
                taken = False
            if span is not None:
                span.put_annotation("channel", str(self.channel))
                span.put_annotation("taken", taken)
            return taken

    def _ring(self, event: CallRinging | RoomRinging) -> int:
        """A failed push is retried while the call rings. Later pushes are dropped, as are those after the end of the
        ringing."""
        left = int((from_text(event.until) - now()).total_seconds())
        passing = self._passing(ringings_of(event)) if left > 0 else []
        wanted = [(notice, device) for notice, devices in passing if self._is_away(notice) for device in devices]
        people = self.people.find({one for notice, _ in wanted for one in (notice.actor, notice.recipient)})
        sent, failures = 0, []
        for notice, device in wanted:
            actor, recipient = people.get(notice.actor), people.get(notice.recipient)
            name, locale = actor.display_name if actor else "", recipient.locale if recipient else "en"
            try:
                sent += self._ring_at(notice, device, texts.ringing_payload(notice, name, locale, left))
            except PushFailed as error:
                failures.append(error)
        _raise_first(failures, len(wanted))
        return sent

    def _ring_at(self, notice: Notice, device: Device, payload: Mapping[str, Any]) -> int:
        """Queues don't keep order: the end of the ringing may arrive before it, or during the push."""
        if self.devices.was_pushed(_silence_of(notice), device) or not self._push(notice, device, payload):
            return 0
        if self.devices.was_pushed(_silence_of(notice), device):
            self._sent(device, texts.closing_payload(payload["tag"], self._locale(notice.recipient)))
        return 1

    def _stop_ringing(self, event: CallRingingEnded | RoomRingingEnded) -> int:
        """Close the ringing on the devices that got its push, connected or not."""
        notices = ringings_ended_by(event)
        rung = [(one, device) for one in notices for device in self.devices.of_user(one.recipient, self.channel)]
        people = self.people.find({notice.recipient for notice, _ in rung})
        sent, failures = 0, []
        for notice, device in rung:
            recipient = people.get(notice.recipient)
            payload = texts.closing_payload(notice.group or "", recipient.locale if recipient else "en")
            self.devices.set_pushed(_silence_of(notice), device)
            try:
                sent += int(self.devices.was_pushed(notice, device) and self._sent(device, payload))
            except PushFailed as error:
                failures.append(error)
        _raise_first(failures, len(rung))
        return sent

    def _locale(self, user_id: str) -> str:
        person = self.people.find([user_id]).get(user_id)
        return person.locale if person else "en"

    def _correct(self, event: NotificationCorrected) -> int:
        """Replace or close pushes on the devices that got them, connected or not."""
        devices = [
            device
            for device in self.devices.of_user(event.user_id, self.channel)
            if any(self.devices.was_pushed(_notice_of(event, once), device) for once in event.onces)
        ]
        if not devices:
            return 0
        payload, failures = self._corrected_payload(event), []
        for device in devices:
            try:
                self._sent(device, payload)
            except PushFailed as error:
                failures.append(error)
        _raise_first(failures, len(devices))
        return len(devices)

    def _corrected_payload(self, event: NotificationCorrected) -> Mapping[str, Any]:
        people = self.people.find([one for one in (event.user_id, event.actor_id) if one])
        recipient, actor = people.get(event.user_id), people.get(event.actor_id)
        locale = recipient.locale if recipient else "en"
        if event.gone:
            return texts.closing_payload(event.tag, locale)
        posts = self.filter.posts([event.post_id]) if event.post_id else {}
        post = posts.get(event.post_id or "")
        excerpt = post.line if post else None
        notice = replace(_notice_of(event, event.onces[0]), excerpt=excerpt)
        others = event.others if notice.type in texts.OF_PEOPLE else 0
        return texts.payload_of(notice, actor.display_name if actor else "", locale, others) | {"silent": True}

    def _test(self, event: NotificationTestRequested) -> int:
        """A test push, requested by the person: sent regardless of preferences and connections."""
        device = self.devices.get(event.user_id, event.device_id)
        if device is None or device.channel is not self.channel:
            return 0
        recipient = self.people.find([device.user_id]).get(device.user_id)
        payload = texts.test_payload(event.id, recipient.locale if recipient else "en")
        return int(self._sent(device, payload))


def _silence_of(ringing: Notice) -> Notice:
    """The fact that a call no longer rings for somebody."""
    return replace(ringing, once=f"{ringing.once}#ended")


def _notice_of(event: NotificationCorrected, once: str) -> Notice:
    subject = NotificationSubject(event.post_id, event.conversation_id)
    return Notice(
        event.user_id, NotificationType(event.kind), event.actor_id, event.at, once, event.tag, subject, event.preview,
        event.detail,
    )  # fmt: skip


def _raise_first(failures: Sequence[PushFailed], wanted: int) -> None:
    if failures:
        raise PushFailed(f"{len(failures)} of {wanted} pushes failed; the first: {failures[0]}")
