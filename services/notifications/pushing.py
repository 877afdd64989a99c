"""What the consumers of the push channels do: browsers by Web Push, phones by Amazon SNS, by the same rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from services.common.events import DomainEvent, NotificationTestRequested
from services.common.observability import logger
from services.common.people import People
from services.notifications import texts
from services.notifications.device_repository import DeviceRepository
from services.notifications.devices import Device, DeviceGone, PushFailed, PushSender
from services.notifications.filtering import NotificationFilter
from services.notifications.model import Notice
from services.notifications.notifier import Present
from services.notifications.preferences import Channel
from services.notifications.rules import notices_of


@dataclass(frozen=True)
class Pusher:
    """Pushes to the devices of one channel of those who are not connected."""

    channel: Channel
    devices: DeviceRepository
    people: People
    filter: NotificationFilter
    present: Present
    sender: PushSender
    #: How many others the unread notification of a notice's group stands for.
    others: Callable[[Notice], int]

    def handle(self, event: DomainEvent) -> int:
        """Push to everyone concerned who is away; how many pushes went out.

        Raises:
            PushFailed: some could not be pushed; the event is to be tried again, what went out is not sent twice.
        """
        if isinstance(event, NotificationTestRequested):
            return self._test(event)
        notices = self.filter.passing(notices_of(event), self.channel)
        wanted = [(notice, device) for notice in notices for device in self._devices_of(notice)]
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
        if failures:
            raise PushFailed(f"{len(failures)} of {len(wanted)} pushes failed; the first: {failures[0]}")
        return sent

    def _devices_of(self, notice: Notice) -> list[Device]:
        """None of whoever is connected. Who has no device at all is not asked for: most have none."""
        devices = self.devices.of_user(notice.recipient, self.channel)
        return [] if not devices or (not notice.away and self.present(notice.recipient)) else devices

    def _push(self, notice: Notice, device: Device, payload: Mapping[str, Any]) -> int:
        if self.devices.was_pushed(notice, device) or not self._sent(device, payload):
            return 0
        self.devices.set_pushed(notice, device)
        return 1

    def _sent(self, device: Device, payload: Mapping[str, Any]) -> bool:
        try:
            self.sender.send(device, payload)
        except DeviceGone:
            logger.info("a device is gone", extra={"channel": str(self.channel)})
            self.devices.remove(device.user_id, device.id)
            return False
        except PushFailed as error:
            self.devices.note_failure(device, str(error))
            raise
        self.devices.note_use(device)
        return True

    def _test(self, event: NotificationTestRequested) -> int:
        """The person asked for it at the device's own screen: sent whatever the preferences, connected or not."""
        device = self.devices.get(event.user_id, event.device_id)
        if device is None or device.channel is not self.channel:
            return 0
        recipient = self.people.find([device.user_id]).get(device.user_id)
        payload = texts.test_payload(event.id, recipient.locale if recipient else "en")
        return int(self._sent(device, payload))
