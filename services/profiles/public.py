"""What other contexts may use of profiles."""

from __future__ import annotations

from services.profiles.edges import relationship_of
from services.profiles.erasure import ProfileErasure
from services.profiles.keys import follow_key, mutes_key, profile_key
from services.profiles.lists import ListRepository
from services.profiles.measures import PersonMeasures
from services.profiles.model import (
    Counts,
    Profile,
    Relationship,
    normalised_handle,
    shut,
    to_json,
    unknown_author,
)
from services.profiles.mutes import MuteRepository, Mutes, mutes_of_item
from services.profiles.repository import ProfileRepository, SavedSearchRepository, profile_of

__all__ = [
    "Counts", "ListRepository", "MuteRepository", "Mutes", "PersonMeasures", "Profile", "ProfileErasure",
    "ProfileRepository", "Relationship", "SavedSearchRepository", "follow_key", "mutes_key", "mutes_of_item",
    "normalised_handle", "profile_key", "profile_of", "relationship_of", "shut", "to_json", "unknown_author",
]  # fmt: skip
