"""What other contexts may use of profiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.profiles.list_repository import ListRepository
from services.profiles.model import (
    Profile,
    ProfileCounts,
    normalised_handle,
    shut,
    unknown_author,
)
from services.profiles.moderation import PersonModeration
from services.profiles.mute_repository import MuteRepository
from services.profiles.mutes import Mutes, mutes_of_item
from services.profiles.read_model import PeopleReadModel
from services.profiles.repository import ProfileRepository
from services.profiles.resources import (
    MutedWords,
    PeopleListResource,
    PeopleLists,
    PersonResource,
    ProfileResource,
    SavedSearches,
    list_resource,
    muted_word_resource,
    person_resource,
    saved_search_resource,
    to_resource,
)
from services.profiles.saved_search_repository import SavedSearchRepository
from services.profiles.standings import StandingRepository

if TYPE_CHECKING:
    from services.common.derived import Comparison
    from services.common.personal_data import PersonalData
    from services.profiles.derived import PeopleTruth

__all__ = [
    "ListRepository",
    "MuteRepository",
    "MutedWords",
    "Mutes",
    "PeopleListResource",
    "PeopleLists",
    "PeopleReadModel",
    "PeopleTruth",
    "PersonModeration",
    "PersonResource",
    "Profile",
    "ProfileCounts",
    "ProfileRepository",
    "ProfileResource",
    "SavedSearchRepository",
    "SavedSearches",
    "StandingRepository",
    "compare_follow_counters",
    "list_resource",
    "muted_word_resource",
    "mutes_of_item",
    "normalised_handle",
    "people_truth",
    "person_resource",
    "personal_data",
    "saved_search_resource",
    "shut",
    "to_resource",
    "unknown_author",
]


def personal_data(table: str, table_timelines: str) -> PersonalData:
    """This context's data about a person. Loaded on demand: only accounts uses it."""
    from services.profiles.personal_data import personal_data as listed

    return listed(table, table_timelines)


def compare_follow_counters(table: str) -> Comparison:
    """Comparison of counters of followers and followees with their items. Loaded on demand: no function uses it."""
    from services.profiles.derived import counters

    return counters(table)


def people_truth(table: str) -> PeopleTruth:
    """Source data for comparisons of other contexts' derived data."""
    from services.profiles.derived import PeopleTruth

    return PeopleTruth(table)
