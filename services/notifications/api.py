"""HTTP routes of notifications."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path as PathParameter
from fastapi import Response
from pydantic import Field

from services.common.http import Body, CurrentViewer, Router
from services.common.ids import ULID_PATTERN
from services.common.responses import JSONResponse
from services.notifications.commands import NotificationCommands
from services.notifications.device_commands import DeviceCommands
from services.notifications.devices import ENDPOINT_LIMIT, NAME_LIMIT, Platform
from services.notifications.model import NotificationType
from services.notifications.preferences import Channel, NotificationAudience, QuietHours
from services.notifications.resources import NotificationSettings

Endpoint = Annotated[str, Field(min_length=1, max_length=ENDPOINT_LIMIT)]
NotificationId = Annotated[str, PathParameter(pattern=ULID_PATTERN)]
DeviceId = Annotated[str, PathParameter(pattern=r"^[0-9a-f]{32}$")]
DeviceName = Annotated[str, Field(max_length=NAME_LIMIT, pattern=r"^[^\x00-\x1f\x7f]*$")]
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="`HH:MM`.")]


class MarkRead(Body):
    """``up_to`` is a notification's id."""

    up_to: Annotated[str, Field(pattern=ULID_PATTERN)]


class Keys(Body):
    p256dh: Annotated[str, Field(max_length=128)]
    auth: Annotated[str, Field(max_length=64)]


class Subscribe(Body):
    """``PushSubscription.toJSON()``, without the expiration time; ``name`` is the browser's name as shown to the
    person."""

    endpoint: Endpoint
    keys: Keys
    name: DeviceName = ""


class Unsubscribe(Body):
    endpoint: Endpoint


class RegisterPhone(Body):
    """``token`` is the token that the app got from the phone's push service."""

    platform: Platform
    token: Annotated[str, Field(min_length=8, max_length=4096, pattern=r"^[\x21-\x7e]+$")]
    name: DeviceName = ""


class QuietHoursBody(Body):
    """No pushes from ``start`` until ``end``, also across midnight."""

    enabled: bool
    start: Clock
    end: Clock
    time_zone: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_+\-/]+$")]


class ChangeSettings(Body):
    """Absent fields stay as they are."""

    types: dict[NotificationType, dict[Channel, NotificationAudience]] = Field(default_factory=dict)
    quiet_hours: QuietHoursBody | None = None


def build_router(commands: NotificationCommands, devices: DeviceCommands) -> Router:
    """``/v1/notifications`` and ``/v1/push-subscriptions``."""
    router = Router(prefix="/v1", tags=["notifications"])
    _add_notification_routes(router, commands)
    _add_device_routes(router, devices)
    return router


def _add_notification_routes(router: Router, commands: NotificationCommands) -> None:
    @router.put("/notifications/read", status_code=204, summary="Mark notifications up to this one as read")
    async def mark_read(viewer: CurrentViewer, body: MarkRead) -> None:
        commands.mark_read(viewer.user_id, body.up_to)

    @router.put("/notifications/seen", status_code=204, summary="Mark notifications up to this one as seen")
    async def mark_seen(viewer: CurrentViewer, body: MarkRead) -> None:
        commands.mark_seen(viewer.user_id, body.up_to)

    @router.put("/notifications/{notification_id}/read", status_code=204, summary="Mark a notification as read")
    async def mark_one_read(viewer: CurrentViewer, notification_id: NotificationId) -> None:
        commands.mark_one_read(viewer.user_id, notification_id)

    @router.patch(
        "/notifications/settings",
        summary="Change your notification settings",
        response_model=NotificationSettings,
    )
    async def change_settings(viewer: CurrentViewer, body: ChangeSettings) -> Response:
        quiet = body.quiet_hours
        hours = QuietHours(quiet.enabled, quiet.start, quiet.end, quiet.time_zone) if quiet else None
        return JSONResponse(commands.change_settings(viewer.user_id, body.types, hours))


def _add_device_routes(router: Router, devices: DeviceCommands) -> None:
    @router.put("/push-subscriptions", status_code=204, summary="Start pushes to this browser")
    async def subscribe(viewer: CurrentViewer, body: Subscribe) -> None:
        devices.subscribe(viewer.user_id, body.endpoint, body.name, body.keys.p256dh, body.keys.auth)

    @router.put("/push-subscriptions/mobile", status_code=204, summary="Start pushes to this phone")
    async def register_phone(viewer: CurrentViewer, body: RegisterPhone) -> None:
        devices.register_phone(viewer.user_id, body.platform, body.token, body.name)

    @router.delete("/push-subscriptions", status_code=204, summary="Stop pushes to this browser")
    async def unsubscribe(viewer: CurrentViewer, body: Unsubscribe) -> None:
        devices.unsubscribe(viewer.user_id, body.endpoint)

    @router.delete("/push-subscriptions/{device_id}", status_code=204, summary="Stop pushes to one of your devices")
    async def remove_device(viewer: CurrentViewer, device_id: DeviceId) -> None:
        devices.remove(viewer.user_id, device_id)

    @router.post(
        "/push-subscriptions/{device_id}/test", status_code=202, summary="Send a test push to one of your devices"
    )
    async def test_device(viewer: CurrentViewer, device_id: DeviceId) -> None:
        """It goes the way of all pushes, by the queue of its channel; a failure then stands in the list of devices."""
        devices.request_test(viewer.user_id, device_id)
