"""Reads of notifications, for the Query function: always the reader's own."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from services.common.cursors import Page, decode, page_of
from services.common.lazy_dataclasses import dataclass
from services.common.people import People, author_of
from services.common.relations import NO_RELATION
from services.notifications.device_repository import DeviceRepository
from services.notifications.filtering import PostExcerpt, PostExcerpts, ReaderRelations, may_see, mutes_hide
from services.notifications.items import PREFIX
from services.notifications.model import Marks, Notification, NotificationType
from services.notifications.preference_repository import PreferenceRepository
from services.notifications.repository import NotificationRepository
from services.notifications.resources import (
    NotificationResource,
    NotificationSettings,
    PushDevice,
    device_to_resource,
    settings_to_resource,
    to_resource,
)

#: Unread ones that are looked through for those that are hidden by now.
UNREAD_LOOKED_AT = 100


@dataclass(frozen=True)
class NotificationQueries:
    """Reads without notifications from people, threads and words that the reader has blocked or muted since."""

    notifications: NotificationRepository
    devices: DeviceRepository
    preferences: PreferenceRepository
    people: People
    graph: ReaderRelations
    posts: PostExcerpts

    def page(
        self, user_id: str, cursor: str | None, limit: int, kinds: Collection[NotificationType] = ()
    ) -> Page[NotificationResource]:
        """The API's ``Notification`` resources, newest first; of ``kinds`` only, where some are given. A page may
        hold fewer than ``limit`` though ``older`` leads on.

        Raises:
            InvalidCursor: not a cursor of this list.
        """
        at = decode(cursor, "notifications")
        rows = self.notifications.page(user_id, at, limit, kinds)
        page = page_of(rows, scope="notifications", cursor=at, limit=limit, key=lambda row: f"{PREFIX}{row.id}")
        marks = self.notifications.marks(user_id)
        posts = self._posts_of(page.items)
        hidden = self._hidden(user_id, page.items, posts)
        shown = [one for one in page.items if one.id not in hidden]
        found = self.people.find({actor for one in shown for actor in one.actors})
        items = [
            to_resource(
                one,
                [author_of(found, actor) for actor in one.actors],
                marks,
                post.line if (post := posts.get(one.subject.post_id or "")) else None,
            )
            for one in shown
        ]
        return Page(items, page.older, page.newer)

    def unread(self, user_id: str) -> tuple[Marks, int]:
        """The number of unread notifications with its revision, and how many of them are hidden, among the newest
        ``UNREAD_LOOKED_AT``."""
        marks = self.notifications.marks(user_id)
        if marks.unread == 0:
            return marks, 0
        rows = self.notifications.page(user_id, None, UNREAD_LOOKED_AT - 1)
        unread = [one for one in rows if marks.counts(one)]
        return marks, min(marks.unread, len(self._hidden(user_id, unread, self._posts_of(unread))))

    def settings_of(self, user_id: str) -> NotificationSettings:
        """The API's ``NotificationSettings``."""
        return settings_to_resource(self.preferences.one(user_id))

    def devices_of(self, user_id: str) -> list[PushDevice]:
        """The API's ``PushDevice`` resources, the newest first."""
        return [device_to_resource(device) for device in self.devices.of_user(user_id)]

    def _posts_of(self, found: Sequence[Notification]) -> Mapping[str, PostExcerpt]:
        return self.posts({one.subject.post_id for one in found if one.subject.post_id})

    def _hidden(self, viewer_id: str, found: Sequence[Notification], posts: Mapping[str, PostExcerpt]) -> set[str]:
        """Ids of those by people with whom there is a block, of those that are muted (by person, thread or word), and
        of those about a post that the viewer may not see any more. One request per hundred people."""
        actors = {one.id: one.actors[0] for one in found if one.actors}
        if not actors:
            return set()
        others = {actor if actor != viewer_id else "" for actor in actors.values()}
        relations, mutes = self.graph.standings({(viewer_id, one) for one in others})
        muted = mutes.get(viewer_id)

        def is_hidden(one: Notification, actor: str) -> bool:
            relation, post = relations.get((viewer_id, actor), NO_RELATION), posts.get(one.subject.post_id or "")
            if relation.blocked or not may_see(one.type, viewer_id, relation, post):
                return True
            return muted is not None and mutes_hide(muted, one.type, actor, post)

        return {one.id for one in found if one.id in actors and is_hidden(one, actors[one.id])}
