"""Pushes to phones: platform endpoints of Amazon SNS.

Tokens come from the phone's own push service and change; the endpoint of one token is created once and then updated, as
https://docs.aws.amazon.com/sns/latest/dg/mobile-platform-endpoint.html says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from services.common.aws import client
from services.common.errors import Unprocessable
from services.common.lazy_dataclasses import dataclass
from services.notifications.devices import Device, DeviceGone, Platform, PushFailed

_EXISTING = re.compile(r"(arn:aws[\w-]*:sns:\S+) already exists")
_GONE = {"EndpointDisabled", "EndpointDisabledException", "NotFound", "NotFoundException"}
#: Phones show no more; APNs takes 4 KB in all.
_BODY_LIMIT = 1000


def applications_of(entries: Sequence[str]) -> dict[Platform, str]:
    """``["fcm=arn:…", "apns=arn:…"]``: the platform applications of the deployment.

    Raises:
        ValueError: an entry is no such pair.
    """
    pairs = (entry.partition("=") for entry in entries)
    return {Platform(name): arn for name, _, arn in pairs}


@dataclass(frozen=True)
class SnsMobile:
    """``PushSender`` for phones; also creates and deletes their endpoints."""

    applications: Mapping[Platform, str]
    sns: Any = field(default_factory=lambda: client("sns"))

    def register(self, user_id: str, platform: Platform, token: str) -> str:
        """The ARN of the token's endpoint, enabled and with this person's id, even if the phone was another person's
        before.

        Raises:
            Unprocessable: this deployment has no application for the platform, or SNS does not take the token.
        """
        application = self.applications.get(platform)
        if application is None:
            raise Unprocessable(f"Pushes to {platform} are not configured here.")
        wanted = {"Token": token, "CustomUserData": user_id, "Enabled": "true"}
        try:
            made = self.sns.create_platform_endpoint(
                PlatformApplicationArn=application, Token=token, CustomUserData=user_id
            )
            arn = str(made["EndpointArn"])
        except ClientError as error:
            # The only way in which SNS tells the endpoint that a token already has.
            existing = _EXISTING.search(error.response["Error"]["Message"])
            if existing is None:
                if error.response["Error"]["Code"].startswith("InvalidParameter"):
                    raise Unprocessable("This is not a token of the platform.") from error
                raise
            arn = existing[1]
        found = self.sns.get_endpoint_attributes(EndpointArn=arn)["Attributes"]
        if any(found.get(name) != value for name, value in wanted.items()):
            self.sns.set_endpoint_attributes(EndpointArn=arn, Attributes=wanted)
        return arn

    def forget(self, endpoint_arn: str) -> None:
        """Idempotent."""
        self.sns.delete_endpoint(EndpointArn=endpoint_arn)

    def send(self, device: Device, payload: Mapping[str, Any]) -> None:
        try:
            self.sns.publish(
                TargetArn=device.endpoint_arn, MessageStructure="json", Message=json.dumps(message_of(payload))
            )
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in _GONE:
                self.forget(device.endpoint_arn)
                raise DeviceGone(device.id) from error
            raise PushFailed(f"SNS answered {code}") from error
        except BotoCoreError as error:
            raise PushFailed(repr(error)[:200]) from error


def message_of(payload: Mapping[str, Any]) -> dict[str, str]:
    """The message of each platform: the shown text, and the link.

    https://docs.aws.amazon.com/sns/latest/dg/sns-send-custom-platform-specific-payloads-mobile-devices.html
    """
    title, body = str(payload["title"]), str(payload["body"])[:_BODY_LIMIT]
    data = {"url": str(payload["url"]), "tag": str(payload["tag"])}
    if payload.get("trace"):
        data["trace"] = str(payload["trace"])
    if payload.get("close"):
        return _closing(title, data | {"close": "true"})
    fcm = {
        "fcmV1Message": {
            "message": {
                "notification": {"title": title, "body": body},
                "data": data,
                "android": {"notification": {"tag": data["tag"]}, "collapse_key": data["tag"]},
            }
        }
    }
    aps: dict[str, Any] = {"alert": {"title": title, "body": body}, "thread-id": data["tag"]}
    if not payload.get("silent"):
        aps["sound"] = "default"
    return _wrapped(title, fcm, {"aps": aps, **data})


def _closing(title: str, data: Mapping[str, str]) -> dict[str, str]:
    """Shows nothing: the app removes notifications with this tag."""
    return _wrapped(title, {"fcmV1Message": {"message": {"data": data}}}, {"aps": {"content-available": 1}, **data})


def _wrapped(default: str, fcm: Mapping[str, Any], apns: Mapping[str, Any]) -> dict[str, str]:
    for_apple = json.dumps(apns, ensure_ascii=False)
    return {
        "default": default,
        "GCM": json.dumps(fcm, ensure_ascii=False),
        "APNS": for_apple,
        "APNS_SANDBOX": for_apple,
    }
