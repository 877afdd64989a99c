"""What profiles answers with: people, how they stand to the viewer, their lists, mutes and saved searches."""

from __future__ import annotations

from typing_extensions import TypedDict

from services.common.resources import Author
from services.profiles.lists import PeopleList
from services.profiles.model import Profile, ProfileCounts, Relationship
from services.profiles.mutes import MutedWord
from services.profiles.saved_searches import SavedSearch


class RelationshipResource(TypedDict):
    """The relationship between the viewer and another person."""

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
    """The account is locked: the follow waits for approval."""

    requested: bool


class ProfileCountsResource(TypedDict):
    followers: int
    following: int
    posts: int


class ProfileFieldResource(TypedDict):
    name: str
    value: str


class BioMentionResource(TypedDict):
    handle: str
    userId: str


class ProfileResource(PersonResource):
    """``suspended``: the reason for which moderators suspended the person, or null. ``locked``: followers must ask.
    ``bioMentions``: the person behind each ``@handle`` in the bio, even after a rename. ``live``: the id of their
    running broadcast, for viewers who may watch it."""

    bioMentions: list[BioMentionResource]
    headerUrl: str | None
    fields: list[ProfileFieldResource]
    suspended: str | None
    locale: str
    createdAt: str
    locked: bool
    live: str | None
    counts: ProfileCountsResource


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
    """``contains``: whether the requested person is on it; null if none was requested."""

    id: str
    name: str
    members: int
    createdAt: str
    contains: bool | None


class PeopleLists(TypedDict):
    items: list[PeopleListResource]


def to_resource(
    profile: Profile, counts: ProfileCounts, relationship: Relationship, live: str | None = None
) -> ProfileResource:
    return {
        **person_resource(profile, relationship),
        "bioMentions": [{"handle": one.handle, "userId": one.user_id} for one in profile.bio_mentions],
        "headerUrl": profile.header_url,
        "fields": [{"name": one.name, "value": one.value} for one in profile.fields],
        "suspended": profile.suspended,
        "locale": profile.locale,
        "createdAt": profile.created_at,
        "locked": profile.locked,
        "live": live,
        "counts": {"followers": counts.followers, "following": counts.following, "posts": counts.posts},
    }


def person_resource(profile: Profile, relationship: Relationship) -> PersonResource:
    return {**profile.author(), "bio": profile.bio, "relationship": relationship_resource(relationship)}


def relationship_resource(relationship: Relationship) -> RelationshipResource:
    return {
        "self": relationship.itself,
        "following": relationship.following,
        "followedBy": relationship.followed_by,
        "requested": relationship.requested,
        "requestedBy": relationship.requested_by,
        "blocking": relationship.blocking,
        "blockedBy": relationship.blocked_by,
        "muting": relationship.muting,
    }


def saved_search_resource(search: SavedSearch) -> SavedSearchResource:
    return {"id": search.id, "name": search.name, "query": search.query, "savedAt": search.saved_at}


def muted_word_resource(word: MutedWord) -> MutedWordResource:
    return {"id": word.id, "word": word.word, "mutedAt": word.muted_at, "expiresAt": word.expires_at}


def list_resource(people: PeopleList, contains: bool | None = None) -> PeopleListResource:
    return {
        "id": people.id,
        "name": people.name,
        "members": people.members,
        "createdAt": people.created_at,
        "contains": contains,
    }
