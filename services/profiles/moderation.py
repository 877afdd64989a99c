"""Applies moderators' decisions to people. Each change is a new version, so that the search index follows."""

from __future__ import annotations

from services.common.dynamo import Repository, accepted
from services.profiles.keys import profile_key


class PersonModeration(Repository):
    """Marks people as suspended."""

    def moderate(self, user_id: str, reason: str | None, version: int) -> bool:
        """``suspended`` for this reason, or no longer (``None``).

        Returns:
            ``False`` when a later decision was applied, or the profile is gone. A repeated decision returns ``True``,
            because its later steps may have to be repeated.
        """
        pk, sk = profile_key(user_id)
        change = "SET standing = :by, suspended = :reason" if reason else "SET standing = :by REMOVE suspended"
        return accepted(
            self.table.update_item,
            Key={"pk": pk, "sk": sk},
            UpdateExpression=f"{change} ADD #version :one",
            ConditionExpression="attribute_exists(pk) AND (attribute_not_exists(standing) OR standing <= :by)",
            ExpressionAttributeNames={"#version": "version"},
            ExpressionAttributeValues={":by": version, ":one": 1} | ({":reason": reason} if reason else {}),
        )
