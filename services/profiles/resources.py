"""What profiles answers with: people, how they stand to the viewer, their lists, mutes and saved searches."""

from __future__ import annotations

from typing_extensions import TypedDict

from services.common.resources import Author


class RelationshipResource(TypedDict):
    """How the viewer and somebody stand to each other."""

    self: bool
    following: bool
    followedBy: bool
    requested: bool
    requestedBy: bool
    blocking: bool
    blockedBy: bool
    muting: bool


class PersonResource(Author):
    """In lists of people."""

    bio: str
    relationship: RelationshipResource


class FollowState(TypedDict):
    """The account is locked: the follow waits for an answer."""

    requested: bool


class ProfileCounts(TypedDict):
    followers: int
    following: int
    posts: int


class ProfileFieldResource(TypedDict):
    name: str
    value: str


class ProfileResource(PersonResource):
    """``suspended``: the reason for which moderators suspended the person, or null. ``locked``: followers must ask."""

    headerUrl: str | None
    fields: list[ProfileFieldResource]
    suspended: str | None
    locale: str
    createdAt: str
    locked: bool
    counts: ProfileCounts


class SavedSearchResource(TypedDict):
    id: str
    name: str
    query: str
    savedAt: str


class SavedSearches(TypedDict):
    items: list[SavedSearchResource]


class MutedWordResource(TypedDict):
    id: str
    word: str
    mutedAt: str
    expiresAt: str | None


class MutedWords(TypedDict):
    items: list[MutedWordResource]


class PeopleListResource(TypedDict):
    """``contains``: whether the person that was asked about is on it; null when none was."""

    id: str
    name: str
    members: int
    createdAt: str
    contains: bool | None


class PeopleLists(TypedDict):
    items: list[PeopleListResource]
