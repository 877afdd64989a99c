"""What other contexts may use of profiles."""

from __future__ import annotations

from services.profiles.graph_repository import relationship_of
from services.profiles.keys import follow_key, mutes_key, profile_key
from services.profiles.list_repository import ListRepository
from services.profiles.model import (
    Counts,
    Profile,
    Relationship,
    normalised_handle,
    shut,
    to_json,
    unknown_author,
)
from services.profiles.moderation import PersonModeration
from services.profiles.mute_repository import MuteRepository
from services.profiles.mutes import Mutes, mutes_of_item
from services.profiles.personal_data import personal_data
from services.profiles.repository import ProfileRepository, profile_of
from services.profiles.saved_search_repository import SavedSearchRepository

__all__ = [
    "Counts",
    "ListRepository",
    "MuteRepository",
    "Mutes",
    "PersonModeration",
    "Profile",
    "ProfileRepository",
    "Relationship",
    "SavedSearchRepository",
    "follow_key",
    "mutes_key",
    "mutes_of_item",
    "normalised_handle",
    "personal_data",
    "profile_key",
    "profile_of",
    "relationship_of",
    "shut",
    "to_json",
    "unknown_author",
]
