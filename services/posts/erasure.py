"""Taking away all posts of an account that is deleted, and what the account did to others' posts."""

from __future__ import annotations

from itertools import islice

from services.common.dynamo import Item, batch_write
from services.common.partitions import items_of, wipe
from services.posts.keys import due_key
from services.posts.repository import PostRepository, post_of

#: Partitions of the index that hold what a person did to posts; taking an item away is counted by the projector.
EDGES = ("LIKES", "REPOSTS", "REACTIONS", "BOOKMARKS", "VOTES")
#: Partitions of the other index that hold what people did to a post.
_FROM_OTHERS = ("LIKERS", "REPOSTERS", "REACTORS", "BOOKMARKERS")
#: Partitions of the table that are a person's own.
OWN = ("DRAFTS", "SCHEDULED", "AUTHOR")
NOBODY = "deleted"
#: What stays of a post: the tombstone, which keeps threads together, and its counters; neither names anybody.
_STAYS = frozenset({"POST", "COUNTS"})


class PostErasure:
    """Each method takes away up to ``most`` things and says how many it found."""

    def __init__(self, posts: PostRepository, most: int) -> None:
        self._posts, self._most = posts, most

    def edges(self, user_id: str) -> int:
        return sum(wipe(self._posts.name, f"{one}#{user_id}", most=self._most, index="gsi1") for one in EDGES)

    def posts(self, user_id: str) -> int:
        """By the markers of client ids, of which every post has one; a post's marker goes last, so that none is left
        half done."""
        markers = list(islice(items_of(self._posts.name, f"AUTHOR#{user_id}", prefix="CLIENT#"), self._most))
        for marker in markers:
            self._erase(str(marker["postId"]))
            batch_write(self._posts.name, deletes=[(marker["pk"], marker["sk"])])
        return len(markers)

    def own(self, user_id: str) -> int:
        """Drafts, what was scheduled and when it is due, counters."""
        waiting = list(islice(items_of(self._posts.name, f"SCHEDULED#{user_id}", prefix="SCHEDULED#"), self._most))
        due = [due_key(one["publishAt"], "post", one["id"]) for one in waiting]
        batch_write(self._posts.name, deletes=due)
        return sum(wipe(self._posts.name, f"{one}#{user_id}", most=self._most) for one in OWN)

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
        """The tombstone first, as by hand, so that timelines and search hear whose post went; then its author."""
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
