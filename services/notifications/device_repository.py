"""A person's devices and their pushes, in DynamoDB. Keys: docs/contexts/notifications.md."""

from __future__ import annotations

from typing import Any

from boto3.dynamodb.conditions import Key
from botocore.exceptions import ClientError

from services.common.clock import epoch_in, now_text
from services.common.dynamo import Item, Repository, is_conditional_failure
from services.notifications.devices import Device, Platform, device_id
from services.notifications.items import user_key
from services.notifications.model import Notice
from services.notifications.preferences import Channel

_PER_PERSON = 10
#: Longer than a message can wait in the queue and its DLQ (14 days each).
_PUSHED_KEPT_DAYS = 30
_PREFIX = "PUSH#"
#: ``2026-01-01T12``: what is compared to know whether the hour has changed since the last use.
_HOUR = 13


class DeviceRepository(Repository):
    """Reads and writes a person's devices and their pushes."""

    def save(self, device: Device) -> list[Device]:
        """Add or renew a device, which may have been another person's; the oldest are removed beyond ten of a channel.

        Returns:
            The removed devices.
        """
        endpoint = f"ENDPOINT#{device.id}"
        held = self.table.query(IndexName="gsi1", KeyConditionExpression=Key("gsi1pk").eq(endpoint))["Items"]
        known = next((item for item in held if item["pk"] == user_key(device.user_id)), None)
        for item in held:
            if item is not known:
                self.table.delete_item(Key={"pk": item["pk"], "sk": item["sk"]})
        now = now_text()
        item = {
            "pk": user_key(device.user_id),
            "sk": f"{_PREFIX}{device.id}",
            "gsi1pk": endpoint,
            "gsi1sk": user_key(device.user_id),
            "channel": str(device.channel),
            "endpoint": device.address,
            "name": device.name or (known or {}).get("name", ""),
            "p256dh": device.p256dh,
            "auth": device.auth,
            "platform": str(device.platform) if device.platform else None,
            "endpointArn": device.endpoint_arn or None,
            "at": now,
            "createdAt": (known or {}).get("createdAt", now),
            "lastUsedAt": (known or {}).get("lastUsedAt"),
        }
        self.table.put_item(Item={key: value for key, value in item.items() if value is not None})
        mine = [one for one in self._items(device.user_id) if _channel(one) is device.channel]
        oldest = sorted(mine, key=lambda one: str(one["at"]), reverse=True)[_PER_PERSON:]
        for one in oldest:
            self.table.delete_item(Key={"pk": one["pk"], "sk": one["sk"]})
        return [_device(one) for one in oldest]

    def remove(self, user_id: str, device: str) -> Device | None:
        """Delete a device by its id; returns it, or ``None`` without one."""
        key = {"pk": user_key(user_id), "sk": f"{_PREFIX}{device}"}
        old = self.table.delete_item(Key=key, ReturnValues="ALL_OLD").get("Attributes")
        return _device(old) if old else None

    def remove_address(self, user_id: str, address: str) -> Device | None:
        return self.remove(user_id, device_id(address))

    def get(self, user_id: str, device: str) -> Device | None:
        key = {"pk": user_key(user_id), "sk": f"{_PREFIX}{device}"}
        item = self.table.get_item(Key=key, ConsistentRead=True).get("Item")
        return _device(item) if item else None

    def of_user(self, user_id: str, channel: Channel | None = None) -> list[Device]:
        """All, or those of one channel; the newest first."""
        items = sorted(self._items(user_id), key=lambda item: str(item["at"]), reverse=True)
        return [_device(item) for item in items if channel in (None, _channel(item))]

    def was_pushed(self, notice: Notice, device: Device) -> bool:
        """Whether an earlier delivery of the same event reached this device."""
        key = {"pk": user_key(notice.recipient), "sk": f"PUSHED#{notice.once}#{device.id}"}
        return "Item" in self.table.get_item(Key=key, ConsistentRead=True)

    def set_pushed(self, notice: Notice, device: Device) -> None:
        key = {"pk": user_key(notice.recipient), "sk": f"PUSHED#{notice.once}#{device.id}"}
        self.table.put_item(Item={**key, "ttl": epoch_in(days=_PUSHED_KEPT_DAYS)})

    def note_use(self, device: Device) -> None:
        """Record an accepted push. Written once an hour, or after a failure: for display, not for counting."""
        now = now_text()
        if device.failure is None and (device.last_used_at or "")[:_HOUR] == now[:_HOUR]:
            return
        self._note(device, "SET lastUsedAt = :now REMOVE failure", {":now": now})

    def note_failure(self, device: Device, reason: str) -> None:
        if device.failure != reason:
            self._note(device, "SET failure = :reason", {":reason": reason})

    def _note(self, device: Device, update: str, values: dict[str, Any]) -> None:
        try:
            self.table.update_item(
                Key={"pk": user_key(device.user_id), "sk": f"{_PREFIX}{device.id}"},
                UpdateExpression=update,
                ConditionExpression="attribute_exists(pk)",
                ExpressionAttributeValues=values,
            )
        except ClientError as error:
            # Removed in the meantime: it must not come back.
            if not is_conditional_failure(error):
                raise

    def _items(self, user_id: str) -> list[Item]:
        condition = Key("pk").eq(user_key(user_id)) & Key("sk").begins_with(_PREFIX)
        items: list[Item] = self.table.query(KeyConditionExpression=condition, ConsistentRead=True)["Items"]
        return items


def _channel(item: Item) -> Channel:
    return Channel(item.get("channel", Channel.WEB_PUSH))


def _device(item: Item) -> Device:
    return Device(
        user_id=item["pk"].removeprefix("USER#"),
        channel=_channel(item),
        address=item["endpoint"],
        name=item.get("name", ""),
        p256dh=item.get("p256dh", ""),
        auth=item.get("auth", ""),
        platform=Platform(item["platform"]) if item.get("platform") else None,
        endpoint_arn=item.get("endpointArn", ""),
        created_at=str(item.get("createdAt", item["at"])),
        last_used_at=item.get("lastUsedAt"),
        failure=item.get("failure"),
    )
