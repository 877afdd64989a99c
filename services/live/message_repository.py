"""Chat messages of broadcasts, in the same table. Access patterns and keys: docs/contexts/live.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.common.clock import epoch_in
from services.common.cursors import Cursor, Page, page_of
from services.common.dynamo import Repository, plain, query_page, transacted
from services.common.ids import derived_id
from services.live.model import LiveMessage
from services.live.repository import KEPT_DAYS

SCOPE = "live-messages"
_PREFIX = "MESSAGE#"


class LiveMessageRepository(Repository):
    """A message is in the partition of its broadcast, and in the index under its author."""

    def add(self, message: LiveMessage, client_id: str) -> LiveMessage:
        """Store it; if the author sent one with this ``client_id`` before, return that one."""
        sent = {"pk": f"LIVE#{message.live_id}", "sk": f"SENT#{derived_id(message.author_id, client_id)}"}
        item = {
            "pk": sent["pk"],
            "sk": f"{_PREFIX}{message.id}",
            "type": "message",
            "liveId": message.live_id,
            "authorId": message.author_id,
            "text": message.text,
            "createdAt": message.created_at,
            "gsi1pk": f"USER#{message.author_id}",
            "gsi1sk": f"{_PREFIX}{message.live_id}#{message.id}",
            "ttl": epoch_in(days=KEPT_DAYS),
        }
        once = {
            "TableName": self.name,
            "Item": {**sent, "messageId": message.id, "ttl": item["ttl"]},
            "ConditionExpression": "attribute_not_exists(pk)",
        }
        if transacted([{"Put": once}, {"Put": {"TableName": self.name, "Item": item}}]):
            return message
        first = self.table.get_item(Key=sent, ConsistentRead=True)["Item"]["messageId"]
        found = self.table.get_item(Key={"pk": sent["pk"], "sk": f"{_PREFIX}{first}"}, ConsistentRead=True).get("Item")
        return message_of(plain(found)) if found else message

    def page(self, live_id: str, cursor: Cursor | None, limit: int) -> Page[LiveMessage]:
        """Newest first, strongly consistent."""
        rows = query_page(self.table, f"LIVE#{live_id}", cursor=cursor, limit=limit, prefix=_PREFIX, consistent=True)
        page = page_of(rows, scope=SCOPE, cursor=cursor, limit=limit, key=lambda row: str(row["sk"]))
        return Page([message_of(row) for row in page.items], page.older, page.newer)


def message_of(item: Mapping[str, Any]) -> LiveMessage:
    """A message from its item."""
    message_id = str(item["sk"]).removeprefix(_PREFIX)
    return LiveMessage(message_id, item["liveId"], item["authorId"], item["text"], item["createdAt"])
