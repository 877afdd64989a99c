"""Privacy settings of chat: who may write, receipts and presence; and presence itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Literal

from services.chat.model import RECEIPTS_LIMIT, State
from services.common.clock import epoch_in, now_text
from services.common.dynamo import Repository, batch_get
from services.common.errors import Forbidden
from services.common.lazy_dataclasses import dataclass
from services.common.people import SocialGraph

WhoMayWrite = Literal["everyone", "following", "nobody"]
_KEPT_DAYS = 30
_TWO = 2


@dataclass(frozen=True)
class ChatSettings:
    """``who_may_write``: to begin a conversation with me; ``following`` are those whom I follow."""

    who_may_write: WhoMayWrite = "everyone"
    receipts: bool = True
    presence: bool = True

    def takes_first_message(self, follows: bool) -> bool:
        """Whether a person whom this one follows (or not) may start to write."""
        return self.who_may_write == "everyone" or (self.who_may_write == "following" and follows)

    def to_item(self) -> dict[str, Any]:
        return {"whoMayWrite": self.who_may_write, "receipts": self.receipts, "presence": self.presence}

    @classmethod
    def of_item(cls, item: Mapping[str, Any]) -> ChatSettings:
        return cls(item.get("whoMayWrite", "everyone"), item.get("receipts", True), item.get("presence", True))


class ChatSettingsRepository(Repository):
    """``USER#<id>`` / ``SETTINGS`` and ``USER#<id>`` / ``SEEN`` of the chat table."""

    def settings_of(self, user_ids: Iterable[str]) -> dict[str, ChatSettings]:
        """The settings of each of these people, or the defaults; strongly consistent."""
        wanted = list(user_ids)
        found = batch_get({self.name: [(f"USER#{one}", "SETTINGS") for one in wanted]}, consistent=True)
        return {one: ChatSettings.of_item(found.get((self.name, f"USER#{one}", "SETTINGS"), {})) for one in wanted}

    def save(self, user_id: str, settings: ChatSettings) -> None:
        self.table.put_item(Item={"pk": f"USER#{user_id}", "sk": "SETTINGS", **settings.to_item()})

    def saw(self, user_id: str) -> None:
        """Record that this person is present now."""
        seen = {"pk": f"USER#{user_id}", "sk": "SEEN", "at": now_text(), "ttl": epoch_in(days=_KEPT_DAYS)}
        self.table.put_item(Item=seen)

    def last_seen(self, user_ids: Iterable[str]) -> dict[str, str]:
        found = batch_get({self.name: [(f"USER#{one}", "SEEN") for one in user_ids]})
        return {pk.removeprefix("USER#"): item["at"] for (_, pk, _), item in found.items()}


class ChatPrivacy:
    """Rules on who may start to write to whom, and whether as a request."""

    def __init__(self, settings: ChatSettingsRepository, relations: SocialGraph) -> None:
        self._settings, self._graph = settings, relations

    def check_blocks(self, writer: str, reader: str) -> None:
        """Raises ``Forbidden`` when one of the two blocks the other."""
        if self._graph.blocked_between(writer, [reader]):
            raise Forbidden("You can't write to this person.")

    def without_blocked(self, user_id: str, others: Iterable[str]) -> list[str]:
        """People of ``others`` without a block in either direction."""
        wanted = list(others)
        blocked = self._graph.blocked_between(user_id, wanted) if wanted else set()
        return [one for one in wanted if one not in blocked]

    def showing_receipts(self, user_id: str, members: Collection[str]) -> set[str]:
        """Members of a conversation whose receipts this person may see.

        None in a large conversation, where each mark would go to everyone, and none across a block in a conversation of
        two. In a group, people see each other anyway.
        """
        if len(members) > RECEIPTS_LIMIT:
            return set()
        showing = {one for one, chosen in self._settings.settings_of(members).items() if chosen.receipts}
        if len(members) > _TWO:
            return showing
        return showing.intersection([user_id, *self.without_blocked(user_id, showing - {user_id})])

    def states(self, writer: str, readers: Iterable[str]) -> dict[str, State]:
        """The state of a new conversation of ``writer`` for each reader: accepted, or a request.

        Raises:
            Forbidden: somebody's settings don't allow it, or a block stands between.
        """
        wanted = list(readers)
        relations = self._graph.relations(wanted, writer)
        states: dict[str, State] = {}
        for user, chosen in self._settings.settings_of(wanted).items():
            known = relations[user].follows
            if relations[user].blocked:
                raise Forbidden("You can't write to this person.")
            if not chosen.takes_first_message(known):
                raise Forbidden("This person does not accept messages from you.")
            states[user] = "active" if known else "request"
        return states
