"""Keys of the timelines table: ``(pk, sk)``. Post ids are ULIDs, so sort keys order by time."""

from __future__ import annotations

from datetime import UTC, datetime

from services.common.ids import time_of, unnamed

Key = tuple[str, str]
PUBLIC_DIRECTORY = "PUBLIC"
STATE = "STATE"


def home(user_id: str) -> str:
    """Partition of a person's home timeline."""
    return f"HOME#{user_id}"


def audience(author_id: str) -> str:
    """Partition of an author's followers."""
    return f"AUDIENCE#{author_id}"


def pushed_followers(author_id: str) -> str:
    """Partition of followers to whom the posts of a merged author are pushed all the same."""
    return f"PUSHED#{author_id}"


def author(author_id: str) -> str:
    """Partition of references to an author's posts, to fill a new follower's timeline."""
    return f"AUTHOR#{author_id}"


def reposts(post_id: str) -> str:
    """Partition of references to the reposts of a post, to find them when it is deleted."""
    return f"REPOSTS#{post_id}"


def reader(reader_id: str) -> Key:
    """The state of a reader: last visit, authors to merge. It sorts before all entries of the home timeline, whose sort
    keys are ULIDs, so that reading the newest page reads it too."""
    return home(reader_id), STATE


def reach(author_id: str) -> Key:
    """How an author's posts come to readers; absent for those who are fanned out."""
    return f"REACH#{author_id}", "REACH"


def tag(name: str) -> str:
    return f"TAG#{name}"


def public(bucket: str) -> str:
    """Partition of the public timeline of one hour: no partition grows without bound nor takes all reads forever."""
    return f"PUBLIC#{bucket}"


def bucket_of(post_id: str) -> str:
    """The hour (UTC) in which a post was made: ``2026-01-31T09``."""
    return bucket_at(time_of(post_id))


def bucket_at(moment: datetime) -> str:
    """The hour of a moment."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H")


def tombstone(post_id: str) -> Key:
    return f"DELETED#{post_id}", "DELETED"


def gone(user_id: str) -> Key:
    """The note that an account was deleted. It names nobody: it has only the hash of the id."""
    return f"GONE#{unnamed(user_id)}", "GONE"


def edited(post_id: str) -> Key:
    """The note on the latest version of an edited post."""
    return f"EDITED#{post_id}", "EDITED"
