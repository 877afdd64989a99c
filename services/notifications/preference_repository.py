"""A person's preferences in DynamoDB: one item each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from botocore.exceptions import ClientError

from services.common.dynamo import Item, Repository, batch_get, is_conditional_failure
from services.common.errors import Conflict
from services.notifications.items import user_key
from services.notifications.model import NotificationType
from services.notifications.preferences import Channel, NotificationAudience, Preferences, QuietHours

_SORT_KEY = "PREFERENCES"


class PreferenceRepository(Repository):
    """Reads and writes preferences."""

    def of(self, user_ids: Collection[str], *, consistent: bool = False) -> Mapping[str, Preferences]:
        """Preferences of people who changed any, in one batch read."""
        keys = [(user_key(one), _SORT_KEY) for one in user_ids]
        found = batch_get({self.name: keys}, consistent=consistent)
        return {pk.removeprefix("USER#"): _preferences(item) for (_, pk, _), item in found.items()}

    def one(self, user_id: str) -> Preferences:
        """Strongly consistent: people see their latest change."""
        return self.of([user_id], consistent=True).get(user_id, Preferences())

    def save(self, user_id: str, preferences: Preferences) -> None:
        """Replace the previous revision.

        Raises:
            Conflict: another device has changed them meanwhile.
        """
        item = {
            "pk": user_key(user_id),
            "sk": _SORT_KEY,
            "chosen": {f"{kind}.{channel}": str(one) for (kind, channel), one in preferences.chosen.items()},
            "quietHours": preferences.quiet_hours.to_item(),
            "revision": preferences.revision,
        }
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
        if preferences.revision > 1:
            condition = {
                "ConditionExpression": "revision = :before",
                "ExpressionAttributeValues": {":before": preferences.revision - 1},
            }
        try:
            self.table.put_item(Item=item, **condition)
        except ClientError as error:
            if is_conditional_failure(error):
                raise Conflict("Another device has changed the settings; try again.") from error
            raise


def _preferences(item: Item) -> Preferences:
    quiet = item["quietHours"]
    return Preferences(
        {cell: NotificationAudience(value) for entry, value in item["chosen"].items() if (cell := _cell(entry))},
        QuietHours(quiet["enabled"], quiet["start"], quiet["end"], quiet["timeZone"]),
        int(item["revision"]),
    )


def _cell(entry: str) -> tuple[NotificationType, Channel] | None:
    """``like.webPush``; nothing for a type of a newer version."""
    kind, _, channel = entry.partition(".")
    try:
        return NotificationType(kind), Channel(channel)
    except ValueError:
        return None
