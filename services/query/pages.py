"""Pages of lists of which not every row is for everybody.

What a reader may not see must not show in cursors either: a sort key is the id of a post, and tells when it was made.
So cursors name what was shown, and rows that were not are read over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from services.common.cursors import Cursor, Page, decode

R = TypeVar("R")
D = TypeVar("D")
#: Pages without anything for the reader that are read over for one request; after that the last row is named.
MOST_PAGES = 5


def shown_page(
    read: Callable[[Cursor | None], Page[R]],
    show: Callable[[Sequence[R]], Sequence[D]],
    *,
    scope: str,
    cursor: Cursor | None,
    key: Callable[[D], str],
) -> Page[D]:
    """The next page that has something for the reader, or the end of the list.

    Args:
        read: a page of rows from a cursor on.
        show: those rows that are for the reader, in their order, as they are answered.
        key: the sort key of the row from which something shown was made.
    """
    is_newer = cursor is not None and cursor.direction == "newer"
    at = cursor
    for _ in range(MOST_PAGES):
        page = read(at)
        shown = show(page.items)
        onward = page.newer if is_newer else page.older
        if shown:
            older = Cursor(scope, "older", key(shown[-1])).encode() if is_newer or page.older else None
            return Page(shown, older, Cursor(scope, "newer", key(shown[0])).encode())
        if not page.items or onward is None:
            return _nothing(scope, cursor)
        at = decode(onward, scope)
    return Page([], page.older, page.newer)


def _nothing(scope: str, cursor: Cursor | None) -> Page[D]:
    """As where there are no rows at all."""
    if cursor is None:
        return Page([], None, None)
    older = Cursor(scope, "older", cursor.key).encode() if cursor.direction == "newer" else None
    return Page([], older, Cursor(scope, "newer", cursor.key).encode())
