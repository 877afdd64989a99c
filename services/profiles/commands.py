"""Commands on profiles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from services.common.clock import now_text
from services.common.errors import Conflict, FieldError, Unprocessable
from services.common.tokenizer import tokens_of
from services.profiles.model import BioMention, Profile, ProfileCounts, Relationship, revised

_ATTEMPTS = 3
_MENTION_LIMIT = 20


class Profiles(Protocol):
    """The repository, for the commands."""

    def get(self, user_id: str) -> Profile | None: ...
    def create(self, profile: Profile) -> None: ...
    def update(self, profile: Profile, before: Profile) -> None: ...
    def counts(self, user_id: str) -> ProfileCounts: ...
    def ids_of_handles(self, handles: Iterable[str]) -> dict[str, str]: ...


class PictureUrls(Protocol):
    """The media context, as far as profiles need it."""

    def picture_url(self, owner_id: str, media_id: str, *, large: bool = False) -> str | None:
        """Public URL of a ready photo of that owner, else ``None``; ``large``: not the thumbnail."""


class ProfileCommands:
    """``save``, which is idempotent."""

    def __init__(self, profiles: Profiles, pictures: PictureUrls) -> None:
        self._profiles = profiles
        self._pictures = pictures

    def save(self, user_id: str, handle: str, display_name: str, changes: Mapping[str, Any]) -> tuple[Profile, bool]:
        """Create or change the caller's profile; the flag says that it is new.

        Raises:
            BadRequest, Unprocessable: see ``model.revised``; a picture that is not the caller's own ready photo.
            HandleTaken: the handle belongs to another.
        """
        wanted = {**changes, **self._urls(user_id, changes)}
        for attempt in range(_ATTEMPTS):
            before = self._profiles.get(user_id)
            blank = before or Profile(id=user_id, handle="", display_name="", created_at=now_text())
            after = revised(blank, handle=handle, display_name=display_name, changes=wanted)
            after = replace(after, bio_mentions=self._mentioned(after.bio, blank))
            if after == before:
                return after, False
            after = replace(after, updated_at=now_text())
            try:
                if before is None:
                    self._profiles.create(after)
                    return after, True
                after = replace(after, version=before.version + 1)
                self._profiles.update(after, before)
                return after, False
            except Conflict as error:
                if type(error) is not Conflict or attempt == _ATTEMPTS - 1:
                    raise
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _mentioned(self, bio: str, before: Profile) -> tuple[BioMention, ...]:
        """The people whom the bio mentions. An unchanged mention keeps its person, even if the handle is another
        person's now."""
        if bio == before.bio:
            return before.bio_mentions
        handles = dict.fromkeys(token.value for token in tokens_of(bio) if token.kind == "mention")
        bound = {one.handle: one.user_id for one in before.bio_mentions}
        fresh = [handle for handle in handles if handle not in bound][:_MENTION_LIMIT]
        ids = bound | (self._profiles.ids_of_handles(fresh) if fresh else {})
        return tuple(BioMention(handle, ids[handle]) for handle in handles if handle in ids)

    def _urls(self, user_id: str, changes: Mapping[str, Any]) -> dict[str, str | None]:
        urls: dict[str, str | None] = {}
        for field, target, name, large in (
            ("avatar_media_id", "avatar_url", "avatarMediaId", False),
            ("header_media_id", "header_url", "headerMediaId", True),
        ):
            if field not in changes:
                continue
            media_id = changes[field]
            urls[target] = self._pictures.picture_url(user_id, media_id, large=large) if media_id else None
            if media_id and urls[target] is None:
                fault = FieldError(name, "your own photo, with state ready", repr(media_id[:32]))
                raise Unprocessable("This picture can't be used.", fault)
        return urls

    def counts(self, user_id: str) -> ProfileCounts:
        return self._profiles.counts(user_id)


def own_relationship() -> Relationship:
    """The relationship of a person to themselves."""
    return Relationship(itself=True)
