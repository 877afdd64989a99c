"""Texts of edited messages, for existing notifications and for later ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.common.clock import epoch_in
from services.common.dynamo import Item
from services.common.lazy_dataclasses import dataclass
from services.notifications.items import FACTS, TEXT, about_key
from services.notifications.model import KEPT_DAYS, Notice, NotificationType
from services.notifications.table import Correction, NotificationTable


@dataclass(frozen=True)
class EditedText:
    """A message's shown text and mentions since ``at``."""

    at: str
    preview: str | None
    mention_ids: frozenset[str]


def _detail_since(before: str | None, mentioned: bool) -> str | None:
    """An edit can change a mention, not that the message is a request or that people were added."""
    return ("mention" if mentioned else None) if before in (None, "mention") else before


def edited(notice: Notice, text: Item | None) -> Notice:
    if text is None:
        return notice
    detail = _detail_since(notice.detail, notice.recipient in text["mentionIds"])
    return replace(notice, preview=text.get("preview"), detail=detail)


class EditedTexts(NotificationTable):
    """Stores the text of an edited message, in one item beside those of its notified people."""

    def text_of(self, notice: Notice) -> Item | None:
        """The edited text of a message; other notices carry no text."""
        is_message = notice.type is NotificationType.MESSAGE and notice.about
        return self.item(about_key(notice.about), TEXT) if is_message and notice.about else None

    def checks_of_text(self, notice: Notice, text: Item | None) -> list[dict[str, Any]]:
        """A transaction's check that the text is still the one that ``text_of`` returned."""
        if not notice.about or notice.type is not NotificationType.MESSAGE:
            return []
        condition, values = (
            ("editedAt = :at", {":at": text["editedAt"]}) if text else ("attribute_not_exists(pk)", None)
        )
        return [self.check(about_key(notice.about), TEXT, condition, values)]

    def keep_text(self, subject: str, text: EditedText) -> None:
        """Notifications of a message have this text from now on, unless a later one is known.

        Raises:
            Unavailable: too many changes at the same time, twelve tries long.
        """

        def keep() -> None:
            known = self.item(about_key(subject), TEXT)
            if known and known["editedAt"] >= text.at:
                return
            mentions = sorted(text.mention_ids)
            item = {
                "preview": text.preview,
                "mentionIds": mentions,
                "editedAt": text.at,
                "ttl": epoch_in(days=KEPT_DAYS),
            }
            put = self.put_item(about_key(subject), TEXT, item)
            put["Put"]["ConditionExpression"] = "attribute_not_exists(pk) OR editedAt < :at"
            put["Put"]["ExpressionAttributeValues"] = {":at": text.at}
            self.transact([put])

        self.repeatedly(keep)

    def revise(self, recipient: str, once: str, subject: str) -> Correction | None:
        """Give the fact the stored text of its subject. No effect without a notification, or when it has the text
        already.

        Raises:
            Unavailable: too many changes at the same time, twelve tries long.
        """
        return self.repeatedly(lambda: self._revise(recipient, once, subject))

    def _revise(self, user: str, once: str, subject: str) -> Correction | None:
        text, fact, marks = self.item(about_key(subject), TEXT), self.get(user, f"{FACTS}{once}"), self.marks(user)
        if text is None or fact is None or fact.get("withdrawn"):
            return None
        detail = _detail_since(fact.get("detail"), user in text["mentionIds"])
        told = {"preview": text.get("preview"), "detail": detail}
        if told == {name: fact.get(name) for name in told}:
            return None
        kept = {name: value for name, value in {**fact, **told}.items() if value is not None}
        changed = [
            self.put_fact(user, once, kept, fact),
            self.check(about_key(subject), TEXT, "editedAt = :at", {":at": text["editedAt"]}),
        ]
        held = self.holding(user, fact)
        if held is None or not any(one.once == once for one in held.facts):
            # Older than those that are shown: it is shown when they are gone.
            self.transact([*changed, self.check_marks(user, marks)])
            return None
        preview = text.get("preview")
        facts = [replace(one, preview=preview, detail=detail) if one.once == once else one for one in held.facts]
        left, after = held.with_facts(facts, held.count), marks.after(marks.unread)
        self.transact([*changed, self.replace(held, left), self.update_marks(user, marks, after)])
        return Correction(held, left, after, (once,))
