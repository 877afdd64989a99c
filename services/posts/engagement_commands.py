"""Commands on posts: repost, react, bookmark, and pin the caller's own."""

from __future__ import annotations

from typing import Protocol

from services.common.errors import Forbidden, Unprocessable
from services.posts.commands import PostCommands
from services.posts.model import Post, Visibility
from services.posts.reactions import checked_emoji

#: Posts that may stand first on a profile.
PIN_LIMIT = 5


class EngagementStore(Protocol):
    """The repository, for the commands; each method returns whether it changed anything."""

    def repost(self, post: Post, user_id: str) -> bool: ...
    def unrepost(self, post_id: str, user_id: str) -> bool: ...
    def react(self, post: Post, user_id: str, emoji: str) -> bool: ...
    def unreact(self, post_id: str, user_id: str) -> bool: ...
    def bookmark(self, post: Post, user_id: str) -> bool: ...
    def unbookmark(self, post_id: str, user_id: str) -> bool: ...
    def pin(self, author_id: str, post_id: str, most: int) -> bool:
        """``False`` when ``most`` others are pinned. Raises: NotFound (deleted at this moment)."""

    def unpin(self, author_id: str, post_id: str) -> None: ...


class EngagementCommands:
    """Each is idempotent; undoing works also on deleted posts."""

    def __init__(self, posts: PostCommands, edges: EngagementStore) -> None:
        self._posts = posts
        self._edges = edges

    def repost(self, viewer_id: str, post_id: str) -> None:
        """Show a post to the caller's followers.

        Raises:
            NotFound: not there for the viewer.
            Unprocessable: it is neither public nor unlisted: a repost must not extend its audience. ProfileMissing.
        """
        post = self._own_eyes(viewer_id, post_id)
        if not post.is_open:
            raise Unprocessable("Only public and unlisted posts can be reposted.")
        self._edges.repost(post, viewer_id)

    def unrepost(self, viewer_id: str, post_id: str) -> None:
        self._edges.unrepost(post_id, viewer_id)

    def react(self, viewer_id: str, post_id: str, emoji: str) -> None:
        """Raises: BadRequest (not one emoji), NotFound, ProfileMissing."""
        wanted = checked_emoji(emoji)
        self._edges.react(self._own_eyes(viewer_id, post_id), viewer_id, wanted)

    def unreact(self, viewer_id: str, post_id: str) -> None:
        self._edges.unreact(post_id, viewer_id)

    def bookmark(self, viewer_id: str, post_id: str) -> None:
        """Nobody else sees it. Raises: NotFound, ProfileMissing."""
        self._edges.bookmark(self._own_eyes(viewer_id, post_id), viewer_id)

    def unbookmark(self, viewer_id: str, post_id: str) -> None:
        self._edges.unbookmark(post_id, viewer_id)

    def pin(self, viewer_id: str, post_id: str) -> None:
        """Pin the caller's post to the profile.

        Raises:
            NotFound, Forbidden: not there, or someone else's.
            Unprocessable: ``PIN_LIMIT`` others are pinned, or it is only for those whom it mentions.
        """
        post = self._posts.seen(viewer_id, post_id)
        if post.author_id != viewer_id:
            raise Forbidden("You can pin only your own posts.")
        if post.visibility is Visibility.MENTIONED:
            raise Unprocessable("A post that only mentioned people see can't be pinned.")
        if not self._edges.pin(viewer_id, post_id, PIN_LIMIT):
            raise Unprocessable(f"At most {PIN_LIMIT} posts can be pinned. Unpin one first.")

    def unpin(self, viewer_id: str, post_id: str) -> None:
        self._edges.unpin(viewer_id, post_id)

    def _own_eyes(self, viewer_id: str, post_id: str) -> Post:
        post = self._posts.seen(viewer_id, post_id)
        self._posts.author(viewer_id)
        return post
