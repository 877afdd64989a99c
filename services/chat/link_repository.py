"""Join links of groups: one at a time per group, expiring, revocable at any time."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from services.chat.items import ChatTable, conversation_key
from services.common.clock import epoch_in, now
from services.common.dynamo import plain, transact
from services.common.errors import NotFound
from services.common.lazy_dataclasses import dataclass

LINK = "LINK"
_TOKEN_BYTES = 18
_TOKEN_LENGTH = 64
MAX_HOURS = 24 * 30


@dataclass(frozen=True)
class JoinLink:
    """``expires_at`` in seconds since the epoch; ``barred``: people who were removed from the group since it was
    made."""

    conversation_id: str
    token: str
    created_by: str
    expires_at: int
    barred: frozenset[str] = frozenset()


def no_link() -> NotFound:
    """The same error for links that never existed, were revoked or have expired."""
    return NotFound("This link does not work or has expired.")


class LinkRepository(ChatTable):
    """``CONV#<id>`` / ``LINK`` is the valid link; ``LINK#<sha256>`` only names its group."""

    def make(self, conversation_id: str, user_id: str, hours: int) -> JoinLink:
        """A new link; the one before stops working."""
        made = JoinLink(conversation_id, secrets.token_urlsafe(_TOKEN_BYTES), user_id, epoch_in(hours=hours))
        digest = _digest(made.token)
        held = {"token": made.token, "digest": digest, "createdBy": user_id, "expiresAt": made.expires_at}
        pointer = {"pk": f"LINK#{digest}", "sk": LINK, "conversationId": conversation_id, "ttl": made.expires_at}
        transact([self.put(conversation_id, LINK, held), {"Put": {"TableName": self.name, "Item": pointer}}])
        return made

    def of_group(self, conversation_id: str) -> JoinLink | None:
        """The link that works now."""
        item = self.get(conversation_id, LINK)
        if item is None or item["expiresAt"] <= now().timestamp():
            return None
        barred = frozenset(item.get("barred", ()))
        return JoinLink(conversation_id, item["token"], item["createdBy"], item["expiresAt"], barred)

    def revoke(self, conversation_id: str) -> None:
        self.table.delete_item(Key={"pk": conversation_key(conversation_id), "sk": LINK})

    def leading_to(self, token: str) -> JoinLink:
        """The link as it is now.

        Raises:
            NotFound: it leads to no group.
        """
        if not 0 < len(token) <= _TOKEN_LENGTH:
            raise no_link()
        key = {"pk": f"LINK#{_digest(token)}", "sk": LINK}
        item = plain(self.table.get_item(Key=key, ConsistentRead=True).get("Item"))
        link = self.of_group(item["conversationId"]) if item else None
        if link is None or link.token != token:
            raise no_link()
        return link

    def still_holds(self, link: JoinLink, user_id: str) -> Mapping[str, Any]:
        """A transaction's check that the link was not revoked meanwhile, and that this person is not barred."""
        return {
            "ConditionCheck": {
                "TableName": self.name,
                "Key": {"pk": conversation_key(link.conversation_id), "sk": LINK},
                "ConditionExpression": "digest = :digest AND NOT contains(barred, :user)",
                "ExpressionAttributeValues": {":digest": _digest(link.token), ":user": user_id},
            }
        }

    def barring(self, link: JoinLink, user_ids: Iterable[str]) -> Mapping[str, Any]:
        """A transaction's step that bars these people from the link; it fails when there is another link by then."""
        return self._barred(link, "ADD barred :users", user_ids)

    def readmitting(self, link: JoinLink, user_ids: Iterable[str]) -> Mapping[str, Any]:
        """The opposite of ``barring``."""
        return self._barred(link, "DELETE barred :users", user_ids)

    def _barred(self, link: JoinLink, expression: str, user_ids: Iterable[str]) -> Mapping[str, Any]:
        values = {":users": set(user_ids), ":digest": _digest(link.token)}
        return self.update(link.conversation_id, LINK, expression, values, "digest = :digest")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
