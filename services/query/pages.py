"""Pages of lists with rows that some readers may not see.

Hidden rows must not appear in cursors either: a sort key is the id of a post, and reveals its time. So cursors name
shown rows, and hidden ones are skipped.
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
    """The next page with a visible row, or the end of the list.

    Args:
        read: a page of rows from a cursor on.
        show: the visible rows in their order, as resources.
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
    """An empty page."""
    if cursor is None:
        return Page([], None, None)
    older = Cursor(scope, "older", cursor.key).encode() if cursor.direction == "newer" else None
    return Page([], older, Cursor(scope, "newer", cursor.key).encode())
