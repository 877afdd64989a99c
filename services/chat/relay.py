"""Turns changes of items into their effects."""

from __future__ import annotations

from dataclasses import replace

from services.chat import events
from services.chat.items import conversation_of, membership_of
from services.chat.media_events import media_events_of
from services.chat.model import MemberList, Membership
from services.chat.privacy import ChatPrivacy
from services.chat.repository import ChatRepository
from services.common.dynamo import Item
from services.common.streams import Change


class Relay:
    """Reads data that a change does not hold: the conversation's members, and their privacy settings."""

    def __init__(self, chat: ChatRepository, privacy: ChatPrivacy) -> None:
        self._chat, self._privacy = chat, privacy

    def effects(self, change: Change) -> events.ChatEffects:
        """Repeating it repeats the same event ids."""
        if not str(change.item["pk"]).startswith("CONV#"):
            return events.ChatEffects()
        effects = self._told(change)
        return replace(effects, domain_events=[*effects.domain_events, *media_events_of(change)])

    def _told(self, change: Change) -> events.ChatEffects:
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
            return events.of_hidden(conversation_id, str(item["userId"]), fresh) if fresh else events.ChatEffects()
        return events.ChatEffects()

    def _of_head(self, old: Item, new: Item) -> events.ChatEffects:
        """The head changes in the transaction of each message and holds it: only the member list has to be read."""
        if new["seq"] <= old.get("seq", 0):
            return events.ChatEffects()
        member_list = self._chat.member_list(str(new["pk"]).removeprefix("CONV#"))
        return (
            events.of_message(conversation_of(new), member_list, old.get("updatedAt"))
            if member_list
            else events.ChatEffects()
        )

    def _of_entry(self, conversation_id: str, entry: Item) -> events.ChatEffects:
        member_list = self._chat.member_list(conversation_id)
        message = self._chat.message(conversation_id, int(entry["seq"]))
        if member_list is None or message is None:
            return events.ChatEffects()
        title = None
        if message.edited_at and not message.deleted:
            head = self._chat.heads([conversation_id]).get(conversation_id)
            title = head.title if head else None
        return events.of_change(member_list, int(entry["rev"]), message, title)

    def _of_member(self, conversation_id: str, change: Change) -> events.ChatEffects:
        old, new = change.old or {}, change.new
        if new is None:
            return events.of_own(conversation_id, [str(old["userId"])], change.event_id, gone=True)
        if not old:
            return events.ChatEffects()
        membership = membership_of(new)
        if new["lastReadSeq"] > old.get("lastReadSeq", 0) and new.get("readBy") == "read":
            member_list = self._chat.member_list(conversation_id)
            return (
                events.of_read(member_list, membership, self._showing(member_list, membership))
                if member_list
                else events.ChatEffects()
            )
        if new["lastReadSeq"] > old.get("lastReadSeq", 0) + 1:
            # Somebody who answers has read what came before.
            return events.of_answered(membership)
        if new.get("deliveredSeq", 0) > old.get("deliveredSeq", 0):
            member_list = self._chat.member_list(conversation_id)
            return (
                events.of_delivered(member_list, membership, self._showing(member_list, membership))
                if member_list
                else events.ChatEffects()
            )
        if new.get("state") != old.get("state"):
            return self._of_answer(conversation_id, membership, change.event_id)
        if new.get("mutedUntil") != old.get("mutedUntil"):
            return events.of_own(conversation_id, [membership.user_id], change.event_id)
        return events.ChatEffects()

    def _of_answer(self, conversation_id: str, membership: Membership, cause: str) -> events.ChatEffects:
        """Acceptance is shown to others; a decline is not, and closes earlier notifications."""
        told = [membership.user_id]
        if membership.state == "declined":
            return events.of_declined(conversation_id, membership.user_id, cause)
        member_list = self._chat.member_list(conversation_id) if membership.state == "active" else None
        if member_list:
            told = sorted({*told, *member_list.active()})
        return events.of_own(conversation_id, told, cause)

    def _showing(self, member_list: MemberList, marker: Membership) -> set[str]:
        return self._privacy.showing_receipts(marker.user_id, member_list.members.keys())
