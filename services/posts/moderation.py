"""Applies moderators' decisions to posts. Each change is a new version, so that the search index follows."""

from __future__ import annotations

from typing import Any

from services.common.cursors import Cursor
from services.common.dynamo import Repository, accepted, query_page
from services.posts.keys import post_key

_PAGE = 50


class PostModeration(Repository):
    """Hides single posts, and withholds all of a suspended person. A tombstone stays as it is."""

    def moderate(self, post_id: str, reason: str | None, version: int) -> bool:
        """Hide a post for this reason, or show it again (``None``); ``False`` when a later decision was applied."""
        return self._mark(post_id, "hidden", reason, "hiddenBy", version)

    def withhold(self, author_id: str, withheld: bool, version: int, cursor: str | None) -> str | None:
        """Mark a page of a person's posts as a suspended person's, or no longer.

        Returns:
            Where the next page begins, ``None`` after the last.
        """
        after = Cursor("author", "older", cursor) if cursor else None
        rows = query_page(self.table, f"AUTHOR#{author_id}", cursor=after, limit=_PAGE, index="gsi1")
        for row in rows[:_PAGE]:
            self._mark(row["id"], "withheld", True if withheld else None, "withheldBy", version)
        return str(rows[_PAGE - 1]["gsi1sk"]) if len(rows) > _PAGE else None

    def _mark(self, post_id: str, attribute: str, value: Any, guard: str, version: int) -> bool:
        pk, sk = post_key(post_id)
        change = f"SET {guard} = :by, #mark = :value" if value else f"SET {guard} = :by REMOVE #mark"
        values = {":by": version, ":one": 1, ":live": "live"} | ({":value": value} if value else {})
        return accepted(
            self.table.update_item,
            Key={"pk": pk, "sk": sk},
            UpdateExpression=f"{change} ADD #version :one",
            ConditionExpression=f"#state = :live AND (attribute_not_exists({guard}) OR {guard} < :by)",
            ExpressionAttributeNames={"#mark": attribute, "#version": "version", "#state": "state"},
            ExpressionAttributeValues=values,
        )
