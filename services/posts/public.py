"""What other contexts may use of posts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.posts.draft_repository import DraftRepository
from services.posts.draft_resources import Drafts, ScheduledPosts, draft_resource, scheduled_resource
from services.posts.drafts import media_ids_in
from services.posts.engagement_repository import EngagementRepository
from services.posts.excerpts import Excerpt, excerpts_of
from services.posts.model import Mine, Post, ReplyTo
from services.posts.moderation import PostModeration
from services.posts.read_model import PostReadModel
from services.posts.repository import PostRepository, post_of
from services.posts.resources import (
    PostBase,
    PostHistory,
    PostResource,
    PostV2,
    Repost,
    current_version_resource,
    poll_resource,
    version_resource,
)
from services.posts.thread_paths import DEPTH, ancestors_of, depth_below, labels_of
from services.posts.version_repository import VersionRepository
from services.posts.views import V1, V2, View
from services.posts.vote_repository import VoteRepository

if TYPE_CHECKING:
    from services.common.derived import Comparison
    from services.common.personal_data import PersonalData
    from services.posts.derived import PostTruth

__all__ = [
    "DEPTH",
    "V1",
    "V2",
    "DraftRepository",
    "Drafts",
    "EngagementRepository",
    "Excerpt",
    "Mine",
    "Post",
    "PostBase",
    "PostHistory",
    "PostModeration",
    "PostReadModel",
    "PostRepository",
    "PostResource",
    "PostTruth",
    "PostV2",
    "ReplyTo",
    "Repost",
    "ScheduledPosts",
    "VersionRepository",
    "View",
    "VoteRepository",
    "ancestors_of",
    "compare_post_counters",
    "current_version_resource",
    "depth_below",
    "draft_resource",
    "excerpts_of",
    "labels_of",
    "media_ids_in",
    "personal_data",
    "poll_resource",
    "post_of",
    "post_truth",
    "scheduled_resource",
    "version_resource",
]


def personal_data(table: str) -> PersonalData:
    """This context's data about a person. Loaded on demand: only accounts uses it."""
    from services.posts.personal_data import personal_data as listed

    return listed(table)


def compare_post_counters(table: str) -> Comparison:
    """Comparison of counters of posts and authors with their items. Loaded on demand: no function uses it."""
    from services.posts.derived import counters

    return counters(table)


def post_truth(table: str) -> PostTruth:
    """Source data for comparisons of other contexts' derived data."""
    from services.posts.derived import PostTruth

    return PostTruth(table)
