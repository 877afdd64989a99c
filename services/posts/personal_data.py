"""Posts' data about a person: for their export, and for the erasure of their account."""

from __future__ import annotations

from services.common.dynamo import Item, batch_write
from services.common.partitions import items_of, wipe
from services.common.personal_data import PAGE, PersonalData, Source, Step, page_of, partition
from services.posts.keys import due_key
from services.posts.repository import PostRepository, post_of

#: A person's edges to posts: name of the document → partition of ``gsi1``. The projector counts what is deleted.
_EDGES = {
    "likes": "LIKES",
    "reposts": "REPOSTS",
    "reactions": "REACTIONS",
    "bookmarks": "BOOKMARKS",
    "votes": "VOTES",
}
#: Edges to a post: partitions of ``gsi2``.
_FROM_OTHERS = ("LIKERS", "REPOSTERS", "REACTORS", "BOOKMARKERS")
#: A person's own partitions of the table.
_OWN = ("DRAFTS", "SCHEDULED", "AUTHOR")
NOBODY = "deleted"
#: Items of a post that stay: the tombstone, which keeps threads together, and its counters; neither names anybody.
_STAYS = frozenset({"POST", "COUNTS"})


class PostErasure:
    """Each method deletes a page of items and returns how many it found."""

    def __init__(self, posts: PostRepository) -> None:
        self._posts = posts

    def posts(self, user_id: str) -> int:
        """Delete posts by their client id markers; a post's marker is deleted last, so that no post is left half
        deleted."""
        markers = page_of(items_of(self._posts.name, f"AUTHOR#{user_id}", prefix="CLIENT#"))
        for marker in markers:
            self._erase(str(marker["postId"]))
            batch_write(self._posts.name, deletes=[(marker["pk"], marker["sk"])])
        return len(markers)

    def edges(self, user_id: str) -> int:
        """Likes, reposts, reactions, bookmarks and votes."""
        name = self._posts.name
        return sum(wipe(name, f"{one}#{user_id}", most=PAGE, index="gsi1") for one in _EDGES.values())

    def own(self, user_id: str) -> int:
        """Drafts, scheduled posts with the times at which they are due, counters."""
        waiting = page_of(items_of(self._posts.name, f"SCHEDULED#{user_id}", prefix="SCHEDULED#"))
        due = [due_key(one["publishAt"], "post", one["id"]) for one in waiting]
        batch_write(self._posts.name, deletes=due)
        return sum(wipe(self._posts.name, f"{one}#{user_id}", most=PAGE) for one in _OWN)

    def _erase(self, post_id: str) -> None:
        rest = []
        for item in items_of(self._posts.name, f"POST#{post_id}"):
            if item["sk"] == "POST":
                self._bury(item)
            elif item["sk"] not in _STAYS:
                rest.append((item["pk"], item["sk"]))
        for one in _FROM_OTHERS:
            rest += [(edge["pk"], edge["sk"]) for edge in items_of(self._posts.name, f"{one}#{post_id}", index="gsi2")]
        batch_write(self._posts.name, deletes=rest)

    def _bury(self, item: Item) -> None:
        """Make the tombstone first, as the command does, so that timelines and search learn the author; then remove the
        author."""
        post = post_of(item)
        if not post.deleted:
            self._posts.delete(post)
        if post.poll is not None:
            batch_write(self._posts.name, deletes=[due_key(post.poll.closing_at, "poll", post.id)])
        self._posts.table.update_item(
            Key={"pk": item["pk"], "sk": item["sk"]},
            UpdateExpression="SET authorId = :nobody REMOVE clientPostId ADD #version :one",
            ExpressionAttributeNames={"#version": "version"},
            ExpressionAttributeValues={":nobody": NOBODY, ":one": 1},
        )


def personal_data(table: str) -> PersonalData:
    erasure = PostErasure(PostRepository(table))
    return PersonalData(
        export=(
            Source("posts", partition(table, "AUTHOR", index="gsi1")),
            Source("drafts", partition(table, "DRAFTS")),
            Source("scheduled", partition(table, "SCHEDULED")),
            *(Source(name, partition(table, key, index="gsi1")) for name, key in _EDGES.items()),
        ),
        erasure=(
            Step("posts", erasure.posts),
            Step("edges of posts", erasure.edges),
            Step("own posts' rest", erasure.own),
        ),
    )
