"""Keeps media that a post, profile, message or group shows, and deletes the others with all their files.

After an event, the current state is read from the context that shows the medium, never taken from the event: queues do
not keep the order, and a late *published* must not restore what *deleted* removed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, ClassVar, Protocol

from services.common.clock import epoch_in
from services.common.events import ChatMediaChanged, DomainEvent, PostMediaChanged, ProfilePictured, UserDeleted
from services.common.observability import logger
from services.common.streams import Change
from services.media.model import UNUSED_HOURS, Media, State, public_folder, served_folder

#: Kinds of users whose pictures are public.
_PUBLIC_USERS = ("PROFILE#", "GROUP#")
_UNPUBLISHED = ("DRAFT#", "SCHEDULED#")


class RetentionStore(Protocol):
    """The repository, for retention."""

    def get(self, media_id: str) -> Media | None: ...
    def hold(self, media_id: str, user: str) -> bool: ...
    def release(self, media_id: str, user: str) -> Media | None: ...
    def discard(self, media: Media) -> bool: ...
    def replace(self, media: Media) -> Media | None: ...
    def of_owner(self, owner_id: str) -> Iterable[Media]: ...


class ServedObjects(Protocol):
    """The bucket and CloudFront, for retention."""

    def remove_below(self, prefix: str) -> int:
        """Delete all objects with this prefix; how many there were."""

    def remove(self, key: str) -> None: ...

    def forget(self, prefixes: Iterable[str]) -> None:
        """Have CloudFront drop its copies of objects with these prefixes."""


class Shows(Protocol):
    """Tells which posts, drafts and profiles show a medium, read from their own context."""

    def shows(self, kind: str, author_id: str, identity: str, media_id: str) -> bool:
        """Whether that ``post`` (its former versions included), ``draft``, ``scheduled`` post or ``profile`` does; the
        ``message`` (``identity`` is ``<conversation>#<seq>``); the ``group`` as its picture. The last two name no
        author."""


class Keeper:
    """Consumes events of posts, profiles and chat; holds media that they show, discards media that nothing shows any
    more."""

    def __init__(
        self, store: RetentionStore, objects: ServedObjects, where: Shows, later: Callable[[str], None]
    ) -> None:
        """``later`` has ``discard`` called with that media id after some seconds."""
        self._store = store
        self._objects = objects
        self._where = where
        self._later = later

    def handle(self, event: DomainEvent) -> None:
        """One of ``HANDLERS``; the same one may come any number of times."""
        if type(event) in self.HANDLERS:
            self.HANDLERS[type(event)](self, event)

    def discard(self, media_id: str) -> None:
        """Discard it unless something shows it again."""
        media = self._store.get(media_id)
        if media is not None and not media.used_by:
            self._discard(media)

    def _post_changed(self, event: PostMediaChanged) -> None:
        for media_id in event.media_ids:
            shown = self._where.shows(event.item_kind, event.author_id, event.item_id, media_id)
            self._settle(f"{event.item_kind.upper()}#{event.item_id}", media_id, shown, event.author_id)

    def _profile_changed(self, event: ProfilePictured) -> None:
        for media_id in event.media_ids:
            self._picture(event.user_id, media_id)

    def _chat_changed(self, event: ChatMediaChanged) -> None:
        for media_id in event.media_ids:
            self._in_chat(event.conversation_id, event.seq, media_id, event.owners.get(media_id))

    def _account_deleted(self, event: UserDeleted) -> None:
        for media in self._store.of_owner(event.user_id):
            self._discard(media)

    HANDLERS: ClassVar[dict[type[DomainEvent], Callable[[Keeper, Any], None]]] = {
        PostMediaChanged: _post_changed,
        ProfilePictured: _profile_changed,
        ChatMediaChanged: _chat_changed,
        UserDeleted: _account_deleted,
    }

    def _picture(self, user_id: str, media_id: str) -> None:
        shown = self._where.shows("profile", user_id, user_id, media_id)
        is_own = self._settle(f"PROFILE#{user_id}", media_id, shown, user_id)
        if is_own and not shown:
            self._unpublish(media_id)

    def _in_chat(self, conversation_id: str, seq: int, media_id: str, owner_id: str | None) -> None:
        """A message, or with ``seq`` 0 the picture of the group."""
        kind, identity = ("message", f"{conversation_id}#{seq}") if seq else ("group", conversation_id)
        shown = self._where.shows(kind, "", identity, media_id)
        is_own = self._settle(f"{kind.upper()}#{identity}", media_id, shown, owner_id)
        if kind == "group" and is_own and not shown:
            self._unpublish(media_id)

    def _unpublish(self, media_id: str) -> None:
        """Delete the public copy, unless a profile or group still shows it."""
        media = self._store.get(media_id)
        if media is not None:
            if any(user.startswith(_PUBLIC_USERS) for user in media.used_by):
                return
            # Chosen just now, and not heard of yet.
            if self._where.shows("profile", media.owner_id, media.owner_id, media_id):
                return
        # Whether there were any or not: they may have been removed by an attempt that failed before this.
        self._objects.remove_below(public_folder(media_id))
        self._objects.forget([public_folder(media_id)])

    def _settle(self, user: str, media_id: str, shown: bool, owner_id: str | None) -> bool:
        """Keep or release a medium of ``owner_id`` (``None``: unknown). Another person's medium is neither kept nor
        discarded; returns ``False`` for one."""
        media = self._store.get(media_id)
        if media is None:
            return True
        is_own = owner_id in (None, media.owner_id)
        if shown and is_own:
            self._store.hold(media_id, user)
            return True
        left = self._store.release(media_id, user)
        if is_own and left is not None and not left.used_by:
            self._let_go(left, was_draft=user.startswith(_UNPUBLISHED))
        return is_own

    def _let_go(self, media: Media, *, was_draft: bool) -> None:
        """Release a medium that nothing shows any more. From a draft, it becomes unused again and expires within a day,
        because the draft may have been published and the event of its post may arrive later. Otherwise discard it soon,
        not at once: the event of another post that shows it may arrive a moment later."""
        if not was_draft:
            self._later(media.id)
        elif self._store.replace(replace(media, expires_at=epoch_in(hours=UNUSED_HOURS))) is None:
            raise RuntimeError(f"medium {media.id} was changed while it was being released")

    def _discard(self, media: Media) -> None:
        if not self._store.discard(media):
            # Somebody wrote it meanwhile: the queue delivers this event again.
            raise RuntimeError(f"medium {media.id} was changed while it was being discarded")


def collect(changes: Iterable[Change], objects: ServedObjects) -> None:
    """Remove the objects of media whose item is gone: discarded, or never used within a day (TTL).

    Removing what is gone already does nothing, so records may come twice and in any order. CloudFront may hold copies
    of any medium that was ready once, so they are invalidated each time.
    """
    gone: list[str] = []
    for change in changes:
        if change.kind != "media" or change.new is not None:
            continue
        item = change.item
        served, public = served_folder(item["id"]), public_folder(item["id"])
        removed = [one for one in (served, public) if objects.remove_below(one)]
        objects.remove(f"uploads/{item['ownerId']}/{item['id']}")
        logger.info("collected", extra={"media_id": item["id"], "folders": len(removed)})
        if item["state"] == State.READY:
            was_public = any(user.startswith(_PUBLIC_USERS) for user in item.get("usedBy") or ())
            removed = [served, public] if was_public or public in removed else [served]
        gone += removed
    if gone:
        objects.forget(gone)
