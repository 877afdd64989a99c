"""Excerpts of posts, for notifications."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from services.common.lazy_dataclasses import dataclass
from services.common.relations import Relation
from services.posts.model import Post
from services.posts.repository import PostRepository

_LIMIT = 120


@dataclass(frozen=True)
class Excerpt:
    """``line``: the beginning on one line, or the warning where there is one; ``thread_id``: the root of its thread."""

    line: str
    text: str
    thread_id: str
    post: Post

    def visible_to(self, viewer_id: str, relation: Relation) -> bool:
        """As ``Post.visible_to``."""
        return self.post.visible_to(viewer_id, relation)

    def mentions(self, user_id: str) -> bool:
        return any(one.user_id == user_id for one in self.post.entities.mentions)


def excerpts_of(posts: PostRepository, post_ids: Collection[str], *, consistent: bool = False) -> Mapping[str, Excerpt]:
    """Excerpts by id, without deleted posts. The caller must know that the reader may see the post, or check
    ``visible_to``."""
    found = posts.many(post_ids, consistent=consistent) if post_ids else {}
    return {
        one: Excerpt(_line(post.content_warning or post.text), post.text, post.root_id or one, post)
        for one, post in found.items()
        if not (post.deleted or post.hidden or post.withheld)
    }


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LIMIT else line[: _LIMIT - 1] + "…"
