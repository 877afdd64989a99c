"""From a change of an item to what follows from it."""

from __future__ import annotations

from dataclasses import replace

from services.chat import events
from services.chat.items import conversation_of, membership_of
from services.chat.media_events import media_events_of
from services.chat.model import RECEIPTS_LIMIT, Membership, Roster
from services.chat.privacy import PrivacyRepository
from services.chat.repository import ChatRepository
from services.common.dynamo import Item
from services.common.streams import Change


class Relay:
    """Reads what a change does not hold: who is in the conversation, and what they show to others."""

    def __init__(self, chat: ChatRepository, privacy: PrivacyRepository) -> None:
        self._chat, self._privacy = chat, privacy

    def effects(self, change: Change) -> events.Effects:
        """Repeating it repeats the same event ids."""
        if not str(change.item["pk"]).startswith("CONV#"):
            return events.Effects()
        effects = self._told(change)
        return replace(effects, domain_events=[*effects.domain_events, *media_events_of(change)])

    def _told(self, change: Change) -> events.Effects:
        item = change.item
        kind = str(item["sk"]).split("#")[0]
        conversation_id = str(item["pk"]).removeprefix("CONV#")
        if kind == "HEAD" and change.new:
            return self._of_head(change.old or {}, change.new)
        if kind == "CHG" and change.new and change.old is None:
            return self._of_entry(conversation_id, change.new)
        if kind == "MEMBER":
            return self._of_member(conversation_id, change)
        if kind == "HIDDEN" and change.new:
            before = set((change.old or {}).get("seqs", ()))
            fresh = sorted(int(seq) for seq in change.new["seqs"] if seq not in before)
            return events.of_hidden(conversation_id, str(item["userId"]), fresh) if fresh else events.Effects()
        return events.Effects()

    def _of_head(self, old: Item, new: Item) -> events.Effects:
        """The head changes in the transaction of each message and holds it: only the roster has to be read."""
        if new["seq"] <= old.get("seq", 0):
            return events.Effects()
        roster = self._chat.roster(str(new["pk"]).removeprefix("CONV#"))
        return events.of_message(conversation_of(new), roster, old.get("updatedAt")) if roster else events.Effects()

    def _of_entry(self, conversation_id: str, entry: Item) -> events.Effects:
        roster = self._chat.roster(conversation_id)
        message = self._chat.message(conversation_id, int(entry["seq"]))
        if roster is None or message is None:
            return events.Effects()
        return events.of_change(roster, int(entry["rev"]), message)

    def _of_member(self, conversation_id: str, change: Change) -> events.Effects:
        old, new = change.old or {}, change.new
        if new is None:
            return events.of_own(conversation_id, [str(old["userId"])], change.event_id, gone=True)
        if not old:
            return events.Effects()
        membership = membership_of(new)
        if new["lastReadSeq"] > old.get("lastReadSeq", 0) and new.get("readBy") == "read":
            roster = self._chat.roster(conversation_id)
            return events.of_read(roster, membership, self._showing(roster)) if roster else events.Effects()
        if new.get("deliveredSeq", 0) > old.get("deliveredSeq", 0):
            roster = self._chat.roster(conversation_id)
            return events.of_delivered(roster, membership, self._showing(roster)) if roster else events.Effects()
        if new.get("state") != old.get("state"):
            return self._of_answer(conversation_id, membership, change.event_id)
        if new.get("mutedUntil") != old.get("mutedUntil"):
            return events.of_own(conversation_id, [membership.user_id], change.event_id)
        return events.Effects()

    def _of_answer(self, conversation_id: str, membership: Membership, cause: str) -> events.Effects:
        """Who accepts shows it; who declines does not."""
        told = [membership.user_id]
        roster = self._chat.roster(conversation_id) if membership.state == "active" else None
        if roster:
            told = sorted({*told, *roster.active()})
        return events.of_own(conversation_id, told, cause)

    def _showing(self, roster: Roster | None) -> set[str]:
        """Who shows receipts, where there are any."""
        if roster is None or len(roster.entries) > RECEIPTS_LIMIT:
            return set()
        return {user for user, one in self._privacy.settings_of(roster.entries).items() if one.receipts}
