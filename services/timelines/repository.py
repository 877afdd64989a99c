"""Timelines in DynamoDB. Access patterns and keys: docs/contexts/timelines.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from boto3.dynamodb.conditions import Key as Condition

from services.common.clock import epoch_in, now
from services.common.cursors import Cursor, Page, page_of
from services.common.dynamo import (
    Item,
    Repository,
    batch_get,
    batch_write,
    query_page,
)
from services.timelines import keys
from services.timelines.model import Entry
from services.timelines.readers import ReaderState, answers_to_others, for_reader, merged_rows, state_of

HOME_DAYS = 30


def entry_of(item: Mapping[str, Any]) -> Entry:
    """An entry from its item."""
    reposted_by = item.get("repostedBy")
    return Entry(
        item.get("postId") or item["sk"],
        item["authorId"],
        item["visibility"],
        item.get("parentAuthorId"),
        tuple(item.get("tags") or ()),
        item["sk"] if reposted_by else None,
        reposted_by,
    )


class TimelineRepository(Repository):
    """Reads of timelines, and the one write that a command makes itself."""

    def home(self, reader: str, cursor: Cursor | None, limit: int) -> tuple[Page[Entry], ReaderState]:
        """The timeline of a person or list, newest first: what was fanned out, and the posts of merged authors.

        A page may hold fewer than ``limit`` entries even if ``older`` is set: entries that fan-out would not have
        delivered are dropped after the page was cut.
        """
        own, state = self._own_lines(reader, cursor, limit)
        authors = [keys.author(one) for one in sorted(state.merged)]
        sources = [own, *(query_page(self.table, one, cursor=cursor, limit=limit) for one in authors)]
        newer = cursor is not None and cursor.direction == "newer"
        rows = merged_rows(sources, newer=newer, limit=limit) if state.merged else sources[0]
        page = _entries(rows, "home", cursor, limit)
        return (self._delivered(reader, page, state) if state.merged else page), state

    def _own_lines(self, reader: str, cursor: Cursor | None, limit: int) -> tuple[list[Item], ReaderState]:
        """Up to ``limit + 1`` rows of what was fanned out, and the state: the first row of all, or read by its key."""
        rows = query_page(self.table, keys.home(reader), cursor=cursor, limit=limit + 1)
        lines = [row for row in rows if row["sk"] != keys.STATE][: limit + 1]
        if cursor is None:
            return lines, state_of(rows[0] if rows and rows[0]["sk"] == keys.STATE else None)
        key = keys.reader(reader)
        return lines, state_of(batch_get({self.name: [key]}).get((self.name, *key)))

    def _delivered(self, reader: str, page: Page[Entry], state: ReaderState) -> Page[Entry]:
        wanted = {keys.audience(one): one for one in answers_to_others(page.items, reader, state.merged)}
        found = batch_get({self.name: [(pk, reader) for pk in wanted]}) if wanted else {}
        follows = {wanted[pk] for (_, pk, _), note in found.items() if note["active"]}
        shown = [one for one in page.items if for_reader(one, reader, state.merged, follows)]
        return Page(shown, page.older, page.newer)

    def tag(self, name: str, cursor: Cursor | None, limit: int) -> Page[Entry]:
        """Public posts with a (normalised) tag, newest first."""
        return self._page(keys.tag(name), "tag", cursor, limit)

    def public(self, cursor: Cursor | None, limit: int) -> Page[Entry]:
        """Public posts of the last 30 days, newest first, across the hours' partitions."""
        rows: list[Item] = []
        for bucket in self._buckets(cursor):
            rows += query_page(self.table, keys.public(bucket), cursor=cursor, limit=limit - len(rows))
            if len(rows) > limit:
                break
        return _entries(rows, "public", cursor, limit)

    def _buckets(self, cursor: Cursor | None) -> Iterator[str]:
        """Hours with posts, from the page's first one, which is tried without reading the directory."""
        newer = cursor is not None and cursor.direction == "newer"
        first = keys.bucket_of(cursor.key) if cursor else keys.bucket_at(now())
        yield first
        beyond = Condition("sk").gt(first) if newer else Condition("sk").lt(first)
        query: dict[str, Any] = {
            "KeyConditionExpression": Condition("pk").eq(keys.PUBLIC_DIRECTORY) & beyond,
            "ScanIndexForward": newer,
            "Limit": 24,
        }
        while True:
            answer = self.table.query(**query)
            yield from (item["sk"] for item in answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _page(self, partition: str, scope: str, cursor: Cursor | None, limit: int) -> Page[Entry]:
        rows = query_page(self.table, partition, cursor=cursor, limit=limit)
        return _entries(rows, scope, cursor, limit)

    def add_own(self, author_id: str, post_id: str, visibility: str) -> None:
        """Show an author their own post at once; the fan-out writes the same item again."""
        self.add_to_homes([author_id], Entry(post_id, author_id, visibility))

    def add_to_homes(self, users: Sequence[str], entry: Entry) -> None:
        """Put an entry into several home timelines; an existing one stays unchanged."""
        ttl = epoch_in(days=HOME_DAYS)
        batch_write(self.name, puts=[item_of(keys.home(one), entry, ttl=ttl) for one in users])


def item_of(partition: str, entry: Entry, *, ttl: int | None = None, tags: list[str] | None = None) -> Item:
    item = {
        "pk": partition,
        "sk": entry.key,
        "postId": entry.post_id if entry.repost_id else None,
        "repostedBy": entry.reposted_by,
        "authorId": entry.author_id,
        "visibility": entry.visibility,
        "parentAuthorId": entry.parent_author_id,
        "tags": tags or None,
        "ttl": ttl,
    }
    return {key: value for key, value in item.items() if value is not None}


def _entries(rows: list[Item], scope: str, cursor: Cursor | None, limit: int) -> Page[Entry]:
    page = page_of(rows, scope=scope, cursor=cursor, limit=limit, key=lambda row: str(row["sk"]))
    return Page([entry_of(row) for row in page.items], page.older, page.newer)
