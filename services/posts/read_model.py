"""Posts from items that ``query`` reads in one request together with those of other tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from services.common.dynamo import Item
from services.posts.keys import (
    Key,
    bookmark_key,
    counts_key,
    edge_keys,
    like_key,
    post_key,
    reaction_key,
    repost_key,
)
from services.posts.model import Mine, Post, PostCounts
from services.posts.polls import Tally, tally_of
from services.posts.repository import PostRepository, counts_of, post_of

#: ``(table, pk, sk)`` → item
Found = Mapping[tuple[str, str, str], Item]


class PostReadModel:
    """The keys of the table to read, and the interpretation of found items."""

    def __init__(self, posts: PostRepository) -> None:
        self._posts = posts

    @property
    def table(self) -> str:
        return self._posts.name

    def keys(self, post_ids: Iterable[str]) -> list[Key]:
        return [post_key(one) for one in post_ids]

    def counter_keys(self, post_ids: Iterable[str]) -> list[Key]:
        return [counts_key(one) for one in post_ids]

    def edge_keys(self, post_id: str, viewer_id: str) -> list[Key]:
        """Keys of the viewer's possible edges to the post."""
        return edge_keys(post_id, viewer_id)

    def post(self, found: Found, post_id: str) -> Post | None:
        item = self._item(found, post_key(post_id))
        return post_of(item) if item else None

    def counts(self, found: Found, post_id: str) -> PostCounts:
        return counts_of(self._item(found, counts_key(post_id)))

    def tally(self, found: Found, post: Post) -> Tally:
        """The votes in the post's poll."""
        return tally_of(self._item(found, counts_key(post.id)), len(post.poll.options) if post.poll else 0)

    def mine(self, found: Found, post_id: str, viewer_id: str, *, can_reply: bool) -> Mine:
        """The viewer's relation to the post."""
        reaction = self._item(found, reaction_key(post_id, viewer_id))
        return Mine(
            liked=self._item(found, like_key(post_id, viewer_id)) is not None,
            reposted=self._item(found, repost_key(post_id, viewer_id)) is not None,
            reaction=reaction["emoji"] if reaction else None,
            bookmarked=self._item(found, bookmark_key(post_id, viewer_id)) is not None,
            can_reply=can_reply,
        )

    def _item(self, found: Found, key: Key) -> Item | None:
        return found.get((self.table, *key))
