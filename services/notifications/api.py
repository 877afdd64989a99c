"""HTTP routes of notifications."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Annotated

from fastapi import Path as PathParameter
from fastapi import Response
from fastapi.responses import JSONResponse
from pydantic import Field

from services.common import outbox
from services.common.errors import NotFound
from services.common.events import NotificationTestRequested, publish
from services.common.http import Body, CurrentViewer, Router
from services.common.ids import ULID_PATTERN, new_id
from services.common.settings import settings
from services.notifications import commands, devices
from services.notifications.device_repository import DeviceRepository
from services.notifications.devices import Device, Platform
from services.notifications.mobile import SnsMobile, applications_of
from services.notifications.model import Type
from services.notifications.preference_repository import PreferenceRepository
from services.notifications.preferences import Audience, Channel, QuietHours
from services.notifications.repository import NotificationRepository
from services.notifications.resources import NotificationSettings

router = Router(prefix="/v1", tags=["notifications"])
_notifications, _devices, _preferences = NotificationRepository(), DeviceRepository(), PreferenceRepository()

Endpoint = Annotated[str, Field(min_length=1, max_length=devices.ENDPOINT_LIMIT)]
NotificationId = Annotated[str, PathParameter(pattern=ULID_PATTERN)]
DeviceId = Annotated[str, PathParameter(pattern=r"^[0-9a-f]{32}$")]
DeviceName = Annotated[str, Field(max_length=devices.NAME_LIMIT, pattern=r"^[^\x00-\x1f\x7f]*$")]
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="`HH:MM`.")]


class MarkRead(Body):
    """``up_to`` is a notification's id."""

    up_to: Annotated[str, Field(pattern=ULID_PATTERN)]


class Keys(Body):
    p256dh: Annotated[str, Field(max_length=128)]
    auth: Annotated[str, Field(max_length=64)]


class Subscribe(Body):
    """``PushSubscription.toJSON()``, without the expiration time; ``name`` is what people know the browser by."""

    endpoint: Endpoint
    keys: Keys
    name: DeviceName = ""


class Unsubscribe(Body):
    endpoint: Endpoint


class RegisterPhone(Body):
    """``token`` is what the phone's push service gave the app."""

    platform: Platform
    token: Annotated[str, Field(min_length=8, max_length=4096, pattern=r"^[\x21-\x7e]+$")]
    name: DeviceName = ""


class QuietHoursBody(Body):
    """No pushes from ``start`` until ``end``, over midnight too."""

    enabled: bool
    start: Clock
    end: Clock
    time_zone: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_+\-/]+$")]


class ChangeSettings(Body):
    """What is left out stays as it is."""

    types: dict[Type, dict[Channel, Audience]] = Field(default_factory=dict)
    quiet_hours: QuietHoursBody | None = None


def tell(outgoing: Sequence[outbox.Outgoing]) -> None:
    outbox.put(settings().require("stream_realtime"), outgoing)


@cache
def mobile() -> SnsMobile:
    """The adapter with the applications of this deployment."""
    return SnsMobile(applications_of(settings().listed("platform_applications")))


@router.put("/notifications/read", status_code=204, summary="Mark all up to one as read")
async def mark_read(viewer: CurrentViewer, body: MarkRead) -> None:
    commands.mark_read(_notifications, tell, viewer.user_id, body.up_to)


@router.put("/notifications/{notification_id}/read", status_code=204, summary="Mark one as read")
async def mark_one_read(viewer: CurrentViewer, notification_id: NotificationId) -> None:
    commands.mark_one_read(_notifications, tell, viewer.user_id, notification_id)


@router.patch(
    "/notifications/settings",
    summary="Choose what to hear of, from whom, on which channel, and when",
    response_model=NotificationSettings,
)
async def change_settings(viewer: CurrentViewer, body: ChangeSettings) -> Response:
    quiet = body.quiet_hours
    hours = QuietHours(quiet.enabled, quiet.start, quiet.end, quiet.time_zone) if quiet else None
    return JSONResponse(commands.change_settings(_preferences, viewer.user_id, body.types, hours))


@router.put("/push-subscriptions", status_code=204, summary="Have pushes sent to this browser")
async def subscribe(viewer: CurrentViewer, body: Subscribe) -> None:
    devices.check_endpoint(body.endpoint, settings().listed("push_allowed_hosts"))
    devices.check_keys(body.keys.p256dh, body.keys.auth)
    _devices.save(Device(viewer.user_id, Channel.WEB_PUSH, body.endpoint, body.name, body.keys.p256dh, body.keys.auth))


@router.put("/push-subscriptions/mobile", status_code=204, summary="Have pushes sent to this phone")
async def register_phone(viewer: CurrentViewer, body: RegisterPhone) -> None:
    arn = mobile().register(viewer.user_id, body.platform, body.token)
    dropped = _devices.save(
        Device(viewer.user_id, Channel.MOBILE, body.token, body.name, platform=body.platform, endpoint_arn=arn)
    )
    for device in dropped:
        mobile().forget(device.endpoint_arn)


@router.delete("/push-subscriptions", status_code=204, summary="No more pushes to this browser")
async def unsubscribe(viewer: CurrentViewer, body: Unsubscribe) -> None:
    _devices.remove_address(viewer.user_id, body.endpoint)


@router.delete("/push-subscriptions/{device_id}", status_code=204, summary="No more pushes to one of one's devices")
async def remove_device(viewer: CurrentViewer, device_id: DeviceId) -> None:
    gone = _devices.remove(viewer.user_id, device_id)
    if gone is not None and gone.endpoint_arn:
        mobile().forget(gone.endpoint_arn)


@router.post("/push-subscriptions/{device_id}/test", status_code=202, summary="Push a test to one of one's devices")
async def test_device(viewer: CurrentViewer, device_id: DeviceId) -> None:
    """It goes the way of all pushes, by the queue of its channel; a failure then stands in the list of devices."""
    if _devices.get(viewer.user_id, device_id) is None:
        raise NotFound("You have no such device.")
    asked = NotificationTestRequested(cause=new_id(), actor=viewer.user_id, user_id=viewer.user_id, device_id=device_id)
    publish(settings().require("topic_events"), [asked])
