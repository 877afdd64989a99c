"""What other contexts may use of posts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.posts.draft_repository import DraftRepository
from services.posts.drafts import media_ids_in
from services.posts.edit_commands import current_version_json, version_json
from services.posts.engagement_repository import EngagementRepository
from services.posts.excerpts import Excerpt, excerpts_of
from services.posts.model import Mine, Post, ReplyTo
from services.posts.moderation import PostModeration
from services.posts.polls import to_json as poll_json
from services.posts.read_model import PostReadModel
from services.posts.repository import PostRepository, post_of
from services.posts.resources import Drafts, PostHistory, PostResource, PostV2, ScheduledPosts
from services.posts.thread_paths import DEPTH, ancestors_of, depth_below, labels_of
from services.posts.version_repository import VersionRepository
from services.posts.views import V1, V2, View
from services.posts.vote_repository import VoteRepository

if TYPE_CHECKING:
    from services.common.personal_data import PersonalData

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
    "PostHistory",
    "PostModeration",
    "PostReadModel",
    "PostRepository",
    "PostResource",
    "PostV2",
    "ReplyTo",
    "ScheduledPosts",
    "VersionRepository",
    "View",
    "VoteRepository",
    "ancestors_of",
    "current_version_json",
    "depth_below",
    "excerpts_of",
    "labels_of",
    "media_ids_in",
    "personal_data",
    "poll_json",
    "post_of",
    "version_json",
]


def personal_data(table: str) -> PersonalData:
    """What this context keeps of a person. Loaded when asked for: only accounts does."""
    from services.posts.personal_data import personal_data as listed

    return listed(table)
