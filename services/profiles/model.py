"""A person's public profile with a unique handle, and follow edges between people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.common.errors import BadRequest, FieldError, Unprocessable
from services.common.lazy_dataclasses import dataclass
from services.common.resources import Author
from services.common.text import clean
from services.profiles import fields
from services.profiles.fields import ProfileField

_HANDLE = re.compile(r"^[a-z0-9_]{3,20}$")
_LOCALES = ("ja", "en")
NAME_LIMIT = 50
BIO_LIMIT = 300
#: Words that would pass for the service itself, or for a route of the user interface.
RESERVED = frozenset(
    """
    about account admin administrator api app asyncsns auth bookmarks call calls chat compose conversations dev
    developers edit everyone explore followers following help here home info legal lists login logout me media
    messages mod moderator new notifications null official post posts privacy profile public root search security
    settings signin signout signup staff status support system tags terms timeline trends undefined user users
    """.split()  # noqa: SIM905 - a list of words reads better as words
)


@dataclass(frozen=True)
class BioMention:
    """An ``@handle`` in a bio, and its person: the one who had the handle when it was written."""

    handle: str
    user_id: str


@dataclass(frozen=True)
class Profile:
    """``version`` grows by one with every change: the external version of the search index. ``suspended`` is the reason
    for which moderators suspended the person; what they made is then not shown to others."""

    id: str
    handle: str
    display_name: str
    created_at: str
    bio: str = ""
    bio_mentions: tuple[BioMention, ...] = ()
    locale: str = "en"
    avatar_media_id: str | None = None
    avatar_url: str | None = None
    header_media_id: str | None = None
    header_url: str | None = None
    fields: tuple[ProfileField, ...] = ()
    suspended: str | None = None
    #: Version of the moderators' decision that was applied last.
    standing: int = 0
    version: int = 1
    updated_at: str = ""
    #: Followers need approval.
    locked: bool = False

    def author(self) -> Author:
        """The short form that goes with posts, notifications and messages."""
        return {
            "id": self.id,
            "handle": self.handle,
            "displayName": self.display_name,
            "avatarUrl": self.avatar_url,
        }


@dataclass(frozen=True)
class ProfileCounts:
    """Projections: they follow their edges and posts within a moment."""

    followers: int = 0
    following: int = 0
    posts: int = 0


@dataclass(frozen=True)
class Relationship:
    """The relationship of the viewer to the profile (``self`` when it is the same person)."""

    itself: bool = False
    following: bool = False
    followed_by: bool = False
    requested: bool = False
    requested_by: bool = False
    blocking: bool = False
    blocked_by: bool = False
    muting: bool = False


def shut(profile: Profile) -> Profile:
    """The profile of a suspended person for others: only that they are suspended."""
    return replace(
        profile, display_name=profile.handle, bio="", bio_mentions=(), fields=(), avatar_media_id=None,
        avatar_url=None, header_media_id=None, header_url=None,
    )  # fmt: skip


def unknown_author(user_id: str) -> Author:
    """Placeholder for a person whose profile is gone."""
    return {"id": user_id, "handle": "", "displayName": "", "avatarUrl": None}


def normalised_handle(handle: str) -> str:
    """Lower case, without a leading ``@``.

    Raises:
        BadRequest: not 3 to 20 of ``a-z 0-9 _``.
        Unprocessable: reserved.
    """
    normal = handle.strip().removeprefix("@").lower()
    if not _HANDLE.match(normal):
        expected = "3 to 20 of the characters a-z, 0-9 and _"
        raise BadRequest(f"handle: expected {expected}.", FieldError("handle", expected, repr(handle[:32])))
    if normal in RESERVED:
        raise Unprocessable("This handle is reserved.", FieldError("handle", "a handle that is not reserved", normal))
    return normal


def checked_locale(locale: str) -> str:
    """``ja`` or ``en``; raises ``BadRequest`` for any other."""
    if locale not in _LOCALES:
        expected = " or ".join(_LOCALES)
        raise BadRequest(f"locale: expected {expected}.", FieldError("locale", expected, repr(locale[:16])))
    return locale


def revised(profile: Profile, *, handle: str, display_name: str, changes: Mapping[str, Any]) -> Profile:
    """``profile`` with validated ``changes``; absent keys stay unchanged.

    Args:
        changes: any of ``bio``, ``locale``, ``avatar_media_id``, ``avatar_url``, ``header_media_id``, ``header_url``,
            ``fields``.
    """
    wanted = dict(changes)
    if "bio" in wanted:
        wanted["bio"] = clean("bio", wanted["bio"], limit=BIO_LIMIT)
    if "fields" in wanted:
        wanted["fields"] = fields.checked(wanted["fields"])
    if "locale" in wanted:
        wanted["locale"] = checked_locale(wanted["locale"])
    name = " ".join(clean("displayName", display_name, limit=NAME_LIMIT, least=1).split())
    return replace(profile, handle=normalised_handle(handle), display_name=name, **wanted)
