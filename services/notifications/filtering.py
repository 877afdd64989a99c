"""Whether a notice reaches its recipient on a channel: visibility, blocks, mutes, preferences, quiet hours."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

from services.common.lazy_dataclasses import dataclass
from services.common.relations import NO_RELATION, Relation
from services.notifications.model import Notice, NotificationType
from services.notifications.preferences import Channel, Preferences

#: (recipient, actor)
Pair = tuple[str, str]
#: Types about content: when the content is gone, there is no notification.
_NEED_POST = frozenset({NotificationType.MENTION, NotificationType.REPLY, NotificationType.QUOTE})
#: Chat has mutes of its own, and moderators are not muted.
_NOT_MUTED = frozenset(
    {
        NotificationType.MESSAGE,
        NotificationType.MISSED_CALL,
        NotificationType.MODERATION,
        NotificationType.SCHEDULED_POST,
    }
)


class MuteRules(Protocol):
    """One person's mutes."""

    def hides(self, author_id: str, thread_id: str | None = None, *texts: str) -> bool:
        """Whether content by this person, in this thread, with these texts is muted."""


class ReaderRelations(Protocol):
    """Reads of the social graph."""

    def standings(self, pairs: Collection[Pair]) -> tuple[Mapping[Pair, Relation], Mapping[str, MuteRules]]:
        """The relations of pairs, and the recipients' mutes; recipients without mutes may be left out."""


class ChosenPreferences(Protocol):
    """Reads of preferences."""

    def of(self, user_ids: Collection[str]) -> Mapping[str, Preferences]:
        """Settings of people who changed any."""


class PostExcerpt(Protocol):
    """The facts of a post: its beginning on one line, its full text, the root of its thread, and who may see it now."""

    @property
    def line(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def thread_id(self) -> str: ...
    def visible_to(self, viewer_id: str, relation: Relation, /) -> bool: ...
    def mentions(self, user_id: str, /) -> bool: ...


#: By id, as they are now, without those that are gone.
PostExcerpts = Callable[[Collection[str]], Mapping[str, PostExcerpt]]


@dataclass(frozen=True)
class NotificationFilter:
    """Three batch reads for all notices of an event, for any number of people."""

    preferences: ChosenPreferences
    graph: ReaderRelations
    posts: PostExcerpts

    def passing(self, notices: Sequence[Notice], channel: Channel, at: datetime | None = None) -> list[Notice]:
        """The notices to send on ``channel`` at the moment ``at`` (now), with their ``excerpt``."""
        if not notices:
            return []
        moment = at or datetime.now(UTC)
        chosen = self.preferences.of({notice.recipient for notice in notices})
        relations, mutes = self.graph.standings({(one.recipient, one.actor) for one in notices})
        posts = self.posts({one.subject.post_id for one in notices if one.subject.post_id})
        passing = []
        for notice in notices:
            relation, post = (
                relations.get((notice.recipient, notice.actor), NO_RELATION),
                posts.get(notice.subject.post_id or ""),
            )
            wishes = chosen.get(notice.recipient, Preferences())
            if (
                _may_hear(notice, relation, post)
                and not _is_muted(notice, mutes.get(notice.recipient), post)
                and wishes.want(notice.type, channel, follows=relation.follows, at=moment)
            ):
                passing.append(replace(notice, excerpt=post.line if post else None))
        return passing


def _may_hear(notice: Notice, relation: Relation, post: PostExcerpt | None) -> bool:
    """By the current post: an edit may have overtaken the notice of the version before it."""
    if relation.blocked or (notice.followers_only and not relation.follows):
        return False
    if post is None or notice.type not in _NEED_POST:
        return notice.type not in _NEED_POST
    is_meant = notice.type is not NotificationType.MENTION or post.mentions(notice.recipient)
    return is_meant and may_see(notice.type, notice.recipient, relation, post)


def may_see(kind: NotificationType, viewer_id: str, relation: Relation, post: PostExcerpt | None) -> bool:
    """Whether the recipient may still see the content; ``False`` when it is gone."""
    return kind not in _NEED_POST or post is None or post.visible_to(viewer_id, relation)


def _is_muted(notice: Notice, mutes: MuteRules | None, post: PostExcerpt | None) -> bool:
    return mutes is not None and mutes_hide(mutes, notice.type, notice.actor, post)


def mutes_hide(mutes: MuteRules, kind: NotificationType, actor: str, post: PostExcerpt | None) -> bool:
    """Whether mutes hide the action of ``actor``, about ``post`` if it has one."""
    if kind in _NOT_MUTED:
        return False
    return mutes.hides(actor, post.thread_id if post else None, *([post.text] if post else []))
