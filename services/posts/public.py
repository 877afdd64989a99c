"""What other contexts may use of posts."""

from __future__ import annotations

from services.posts.edits import current_version_json, version_json
from services.posts.engagement_repository import EdgeRepository
from services.posts.entities import normalised_tag
from services.posts.erasure import PostErasure
from services.posts.excerpts import Excerpt, excerpts_of
from services.posts.keys import (
    bookmark_key,
    counts_key,
    edge_keys,
    like_key,
    post_key,
    reaction_key,
    repost_key,
)
from services.posts.life_repository import VersionRepository, VoteRepository
from services.posts.measures import PostMeasures
from services.posts.model import Mine, Post, ReplyTo
from services.posts.polls import tally_of
from services.posts.polls import to_json as poll_json
from services.posts.repository import PostRepository, counts_of, post_of
from services.posts.shelf import media_named
from services.posts.shelf_repository import ShelfRepository
from services.posts.threads import DEPTH, ancestors_of, depth_below, labels_of
from services.posts.views import V1, V2, View

__all__ = [
    "DEPTH", "V1", "V2", "EdgeRepository", "Excerpt", "Mine", "Post", "PostErasure", "PostMeasures", "PostRepository",
    "ReplyTo", "ShelfRepository", "VersionRepository", "View", "VoteRepository", "ancestors_of", "bookmark_key",
    "counts_key", "counts_of", "current_version_json", "depth_below", "edge_keys", "excerpts_of", "labels_of",
    "like_key", "media_named", "normalised_tag", "poll_json", "post_key", "post_of", "reaction_key", "repost_key",
    "tally_of", "version_json",
]  # fmt: skip
