"""The parts that can be verified and rebuilt, put together from the tables of one deployment."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from services.notifications.public import compare_notifications
from services.posts.public import PostRepository, compare_post_counters, excerpts_of, post_truth
from services.profiles.public import compare_follow_counters, people_truth
from services.search.public import compare_index, doubled_indices
from services.timelines.public import compare_timelines

if TYPE_CHECKING:
    from services.common.derived import Compared, Comparison
    from services.common.events import DomainEvent

PARTS = ("counters", "timelines", "notifications", "search")


class CannotCompare(Exception):
    """The message says why; ``command`` mends it."""

    def __init__(self, why: str, command: str) -> None:
        super().__init__(why)
        self.command = command


def comparison(part: str, endpoints: Mapping[str, Any]) -> Comparison:
    """``endpoints``: what the finish step wrote.

    Raises:
        CannotCompare: this part needs a repair of another kind first.
        Unavailable: OpenSearch doesn't answer.
    """
    builders: dict[str, Callable[[Mapping[str, Any]], Comparison]] = {
        "counters": _counters,
        "timelines": _timelines,
        "notifications": _notifications,
        "search": _search,
    }
    return builders[part](endpoints)


def _counters(endpoints: Mapping[str, Any]) -> Comparison:
    posts = compare_post_counters(_table(endpoints, "posts"))
    follows = compare_follow_counters(_table(endpoints, "profiles"))

    def compare(after: str | None) -> Iterator[Compared]:
        """Posts and their authors (``AUTHOR#``, ``POST#``), then people (``USER#``): in the order of the names."""
        return itertools.chain(posts(after), follows(after))

    return compare


def _timelines(endpoints: Mapping[str, Any]) -> Comparison:
    posts, people = post_truth(_table(endpoints, "posts")), people_truth(_table(endpoints, "profiles"))
    return compare_timelines(_table(endpoints, "timelines"), posts, people)


def _notifications(endpoints: Mapping[str, Any]) -> Comparison:
    posts, people = post_truth(_table(endpoints, "posts")), people_truth(_table(endpoints, "profiles"))
    repository = PostRepository(_table(endpoints, "posts"))

    def deeds(person: str) -> Iterator[DomainEvent]:
        return itertools.chain(posts.deeds(person), people.follows_by(person))

    def compare(after: str | None) -> Iterator[Compared]:
        return compare_notifications(
            _table(endpoints, "notifications"),
            _table(endpoints, "profiles"),
            lambda ids: excerpts_of(repository, ids),
            deeds,
            people.people(),
        )(after)

    return compare


def _search(endpoints: Mapping[str, Any]) -> Comparison:
    """Raises CannotCompare: an alias has two indices, so a search counts twice or fails."""
    url = str(endpoints.get("searchUrl") or endpoints["outputs"]["SearchEndpoint"])
    if doubled := doubled_indices(url):
        found = "; ".join(f"{alias} has {', '.join(names)}" for alias, names in doubled.items())
        raise CannotCompare(f"expected one index for each alias, found more: {found}", "make reindex")
    return compare_index(url, _table(endpoints, "posts"), _table(endpoints, "profiles"))


def _table(endpoints: Mapping[str, Any], context: str) -> str:
    return str(endpoints["tables"][context])
