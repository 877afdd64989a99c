"""Commands of people on the browsers and phones that get their pushes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from services.common.errors import NotFound
from services.common.events import DomainEvent, NotificationTestRequested
from services.common.ids import new_id
from services.common.lazy_dataclasses import dataclass
from services.notifications.device_repository import DeviceRepository
from services.notifications.devices import Device, Platform, check_endpoint, check_keys
from services.notifications.mobile import SnsMobile
from services.notifications.preferences import Channel


@dataclass(frozen=True)
class DeviceCommands:
    """``mobile`` and ``allowed_hosts`` (those that a Web Push subscription may name) are created when needed."""

    devices: DeviceRepository
    mobile: Callable[[], SnsMobile]
    allowed_hosts: Callable[[], Sequence[str]]
    publish: Callable[[Sequence[DomainEvent]], None]

    def subscribe(self, user_id: str, endpoint: str, name: str, p256dh: str, auth: str) -> None:
        """Have pushes sent to a browser. Raises ``BadRequest`` for a foreign host or unusable keys."""
        check_endpoint(endpoint, self.allowed_hosts())
        check_keys(p256dh, auth)
        self.devices.save(Device(user_id, Channel.WEB_PUSH, endpoint, name, p256dh, auth))

    def register_phone(self, user_id: str, platform: Platform, token: str, name: str) -> None:
        """Have pushes sent to a phone; devices beyond the limit are dropped."""
        arn = self.mobile().register(user_id, platform, token)
        dropped = self.devices.save(Device(user_id, Channel.MOBILE, token, name, platform=platform, endpoint_arn=arn))
        for device in dropped:
            self.mobile().forget(device.endpoint_arn)

    def unsubscribe(self, user_id: str, endpoint: str) -> None:
        self.devices.remove_address(user_id, endpoint)

    def remove(self, user_id: str, device_id: str) -> None:
        gone = self.devices.remove(user_id, device_id)
        if gone is not None and gone.endpoint_arn:
            self.mobile().forget(gone.endpoint_arn)

    def request_test(self, user_id: str, device_id: str) -> None:
        """Send a test push through the queue of its channel, like every push; the list of devices shows a failure.

        Raises:
            NotFound: the person has no such device.
        """
        if self.devices.get(user_id, device_id) is None:
            raise NotFound("Device not found.")
        self.publish([NotificationTestRequested(cause=new_id(), actor=user_id, user_id=user_id, device_id=device_id)])
