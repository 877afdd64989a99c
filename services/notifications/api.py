"""HTTP routes of notifications."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from services.common import outbox
from services.common.http import Body, CurrentViewer
from services.common.settings import settings
from services.notifications import commands, subscriptions
from services.notifications.repository import NotificationRepository, PushRepository
from services.notifications.subscriptions import Subscription

router = APIRouter(prefix="/v1", tags=["notifications"])
_notifications, _pushes = NotificationRepository(), PushRepository()

Endpoint = Annotated[str, Field(min_length=1, max_length=subscriptions.ENDPOINT_LIMIT)]


class MarkRead(Body):
    """``up_to`` is a notification's id."""

    up_to: Annotated[str, Field(pattern=r"^[0-7][0-9A-HJKMNP-TV-Z]{25}$")]


class Keys(Body):
    p256dh: Annotated[str, Field(max_length=128)]
    auth: Annotated[str, Field(max_length=64)]


class Subscribe(Body):
    """``PushSubscription.toJSON()``, without the expiration time."""

    endpoint: Endpoint
    keys: Keys


class Unsubscribe(Body):
    endpoint: Endpoint


def tell(outgoing: Sequence[outbox.Outgoing]) -> None:
    outbox.put(settings().require("stream_realtime"), outgoing)


@router.put("/notifications/read", status_code=204, summary="Mark all up to one as read")
async def mark_read(viewer: CurrentViewer, body: MarkRead) -> None:
    commands.mark_read(_notifications, tell, viewer.user_id, body.up_to)


@router.put("/push-subscriptions", status_code=204, summary="Have pushes sent to this browser")
async def subscribe(viewer: CurrentViewer, body: Subscribe) -> None:
    subscriptions.check_endpoint(body.endpoint, settings().listed("push_allowed_hosts"))
    subscriptions.check_keys(body.keys.p256dh, body.keys.auth)
    _pushes.save(Subscription(viewer.user_id, body.endpoint, body.keys.p256dh, body.keys.auth))


@router.delete("/push-subscriptions", status_code=204, summary="No more pushes to this browser")
async def unsubscribe(viewer: CurrentViewer, body: Unsubscribe) -> None:
    _pushes.remove(viewer.user_id, body.endpoint)
