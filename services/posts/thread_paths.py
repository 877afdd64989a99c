"""Places in a thread: a path of labels, one per generation, whose order is the order in which a thread is read.

A reply comes right after the post that it answers and before the next reply to that post; replies to the same post are
sorted by time, but an author's own continuation of their thread comes first. ``/1<ULID>/1<ULID>`` is an answer to an
answer.
"""

from __future__ import annotations

#: Generations that have a label of their own; deeper ones stand in a row. A sort key holds 1,024 bytes.
DEPTH = 30
_OWN, _OTHER = "0", "1"
_ULID_LENGTH = 26


def labels_of(path: str) -> list[str]:
    return path.split("/")[1:]


def path_below(parent_path: str, parent_author: str, post_id: str, author_id: str) -> str:
    """The path of a reply; a thread's first post has the empty one."""
    labels = labels_of(parent_path)[: DEPTH - 1]
    own = author_id == parent_author and all(one.startswith(_OWN) for one in labels_of(parent_path))
    return "".join(f"/{label}" for label in [*labels, (_OWN if own else _OTHER) + post_id])


def ancestors_of(path: str, root_id: str | None) -> list[str]:
    """Ids of the posts above, the first one first, as far as the path tells."""
    if root_id is None:
        return []
    return [root_id, *(label[-_ULID_LENGTH:] for label in labels_of(path)[:-1])]


def descendants_of(path: str) -> tuple[str, str]:
    """The prefix of the paths below, and the path after which they come: the deepest generation has none below it, so
    its following siblings are included."""
    labels = labels_of(path)
    if len(labels) < DEPTH:
        return f"{path}/", f"{path}/"
    return path[: -len(labels[-1])], path


def depth_below(path: str, focus: str) -> int:
    """How many generations below ``focus``, at least 1."""
    return max(1, len(labels_of(path)) - len(labels_of(focus)))
