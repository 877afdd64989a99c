"""Corrects notifications after a domain event about their subject: withdraws, changes, or marks them as read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from services.common.events import (
    AboutPost,
    ChatMemberLeft,
    ChatMessageDeleted,
    ChatMessageEdited,
    ConversationRead,
    DomainEvent,
    FollowRequestEnded,
    LiveEnded,
    ModerationDecided,
    Moment,
    PostDeleted,
    PostEdited,
    PostUnliked,
    PostUnreacted,
    PostUnreposted,
    UserBlocked,
    UserDeleted,
    UserUnfollowed,
)
from services.common.lazy_dataclasses import dataclass
from services.notifications.corrections_repository import CorrectionRepository, Told
from services.notifications.edited_texts import EditedText
from services.notifications.filtering import ReaderRelations
from services.notifications.model import Notice, NotificationType, subject_key
from services.notifications.rules import (
    conversation_group,
    edge_once,
    follow_once,
    mentions_of,
    message_once,
    post_once,
    shown_text,
)
from services.notifications.table import Correction

Corrections = Iterable[Correction | None]


@dataclass(frozen=True)
class Corrector:
    """Event → corrections. A repeated event, or one before the notification that it corrects, has the same result."""

    kept: CorrectionRepository
    graph: ReaderRelations

    def corrections(self, event: DomainEvent) -> list[Correction]:
        """Apply an event's corrections; returns the changes per person, none for other events."""
        rule = CORRECTIONS.get(type(event))
        return [one for one in rule(self, event) if one] if rule else []

    def _withdrawn(self, told: Iterable[Told], at: str) -> Corrections:
        """Withdrawals caused by another item: their positions in streams can't be compared."""
        return (self.kept.withdraw(one.recipient, one.once, Moment(at)) for one in told)

    def post_deleted(self, event: PostDeleted) -> Corrections:
        self.kept.close(subject_key("post", event.post_id), event.at)
        return self._post_gone(event.post_id, event.at)

    def _post_gone(self, post_id: str, at: str) -> Corrections:
        """Moderators' decisions about it stay: they explain why the post is gone."""
        return self._withdrawn(list(self.kept.told_about(subject_key("post", post_id))), at)

    def post_edited(self, event: PostEdited) -> Corrections:
        """People who are no longer mentioned, or may no longer see it, lose the notification; the others see its new
        text."""
        concerned = [
            one
            for one in self.kept.told_about(subject_key("post", event.post_id))
            if one.once == post_once(event.post_id)
        ]
        hidden = self._hidden_from(event, [one for one in concerned if one.recipient not in event.mentions])
        yield from self._withdrawn([one for one in concerned if one.recipient in hidden], event.at)
        for one in concerned:
            if one.recipient not in hidden:
                yield self.kept.standing(one.recipient, one.once)

    def returned(self, event: DomainEvent) -> list[Notice]:
        """People whom a further edit mentions again, after their mention was withdrawn."""
        if not isinstance(event, PostEdited):
            return []
        former = set(event.mentions) - set(event.mentions_added)
        return [one for one in mentions_of(event, former) if self.kept.is_withdrawn(one.recipient, one.once)]

    def _hidden_from(self, event: PostEdited, told: Sequence[Told]) -> set[str]:
        """Recipients, among people who are not mentioned any more, who lose the notification."""
        hidden = {one.recipient for one in told if one.type == NotificationType.MENTION}
        if event.visibility == "mentioned":
            hidden = {one.recipient for one in told}
        elif event.visibility == "followers":
            relations, _ = self.graph.standings({(one.recipient, event.author_id) for one in told})
            follows = {recipient for (recipient, _), relation in relations.items() if relation.follows}
            hidden |= {one.recipient for one in told if one.recipient not in follows}
        return hidden

    def unliked(self, event: PostUnliked) -> Corrections:
        return self._undone(NotificationType.LIKE, event)

    def unreposted(self, event: PostUnreposted) -> Corrections:
        return self._undone(NotificationType.REPOST, event)

    def unreacted(self, event: PostUnreacted) -> Corrections:
        return self._undone(NotificationType.REACTION, event)

    def _undone(self, kind: NotificationType, event: AboutPost) -> Corrections:
        if event.author_id != event.user_id:
            once = edge_once(kind, event.post_id, event.user_id)
            yield self.kept.withdraw(event.author_id, once, event.moment)

    def unfollowed(self, event: UserUnfollowed) -> Corrections:
        yield self.kept.withdraw(
            event.followee_id, follow_once(NotificationType.FOLLOW, event.follower_id), event.moment
        )
        accepted = follow_once(NotificationType.FOLLOW_ACCEPTED, event.followee_id)
        yield self.kept.withdraw(event.follower_id, accepted, event.moment)

    def request_ended(self, event: FollowRequestEnded) -> Corrections:
        once = follow_once(NotificationType.FOLLOW_REQUEST, event.follower_id)
        yield self.kept.withdraw(event.followee_id, once, event.moment)

    def blocked(self, event: UserBlocked) -> Corrections:
        """Withdraw notifications of the two about each other."""
        for actor, recipient in ((event.blocked_id, event.blocker_id), (event.blocker_id, event.blocked_id)):
            yield from self._withdrawn(list(self.kept.told_by(actor, recipient)), event.at)

    def deleted(self, event: UserDeleted) -> Corrections:
        return self._withdrawn(list(self.kept.told_by(event.user_id)), event.at)

    def decided(self, event: ModerationDecided) -> Corrections:
        subject = subject_key("post", event.subject_id)
        if event.subject_kind == "post" and event.decision == "hide":
            last = self.kept.close(subject, event.at, event.subject_version)
            return self._post_gone(event.subject_id, event.at) if last else []
        if event.subject_kind == "post" and event.decision == "unhide":
            self.kept.reopen(subject, event.at, event.subject_version)
        if event.subject_kind == "person" and event.decision == "suspend":
            return self._withdrawn(list(self.kept.told_by(event.subject_id)), event.at)
        return []

    def message_deleted(self, event: ChatMessageDeleted) -> Corrections:
        subject = subject_key("message", event.message_id)
        self.kept.close(subject, event.at)
        return self._withdrawn(list(self.kept.told_about(subject)), event.at)

    def message_edited(self, event: ChatMessageEdited) -> Corrections:
        """Stored also for later notifications, because queues don't keep order."""
        subject, once = (
            subject_key("message", event.message_id),
            message_once(event.conversation_id, event.message_id),
        )
        preview = shown_text(event.title, event.preview)
        self.kept.keep_text(subject, EditedText(event.at, preview, frozenset(event.mention_ids)))
        for told in list(self.kept.told_about(subject)):
            yield self.kept.revise(told.recipient, once, subject)

    def live_ended(self, event: LiveEnded) -> Corrections:
        """Also blocks later notifications: nobody is invited to a broadcast that is over."""
        subject = subject_key("live", event.live_id)
        self.kept.close(subject, event.at)
        return self._withdrawn(list(self.kept.told_about(subject)), event.at)

    def read(self, event: ConversationRead) -> Corrections:
        yield self.kept.read_conversation(event.actor, conversation_group(event.conversation_id), event.seq)

    def left(self, event: ChatMemberLeft) -> Corrections:
        group = conversation_group(event.conversation_id)
        self.kept.keep_left(event.user_id, group, event.at)
        return self._withdrawn(list(self.kept.told_of_group(event.user_id, group)), event.at)


#: event → what it corrects; the queue of notifications in the app gets these types too (``infra/constants.py``)
CORRECTIONS: dict[type[DomainEvent], Callable[[Corrector, Any], Corrections]] = {
    PostDeleted: Corrector.post_deleted,
    PostEdited: Corrector.post_edited,
    PostUnliked: Corrector.unliked,
    PostUnreacted: Corrector.unreacted,
    PostUnreposted: Corrector.unreposted,
    UserUnfollowed: Corrector.unfollowed,
    FollowRequestEnded: Corrector.request_ended,
    UserBlocked: Corrector.blocked,
    UserDeleted: Corrector.deleted,
    ModerationDecided: Corrector.decided,
    ChatMessageDeleted: Corrector.message_deleted,
    ChatMessageEdited: Corrector.message_edited,
    ConversationRead: Corrector.read,
    LiveEnded: Corrector.live_ended,
    ChatMemberLeft: Corrector.left,
}
