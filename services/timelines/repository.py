"""Timelines in DynamoDB. Access patterns and keys: docs/contexts/timelines.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from boto3.dynamodb.conditions import Key as Condition
from botocore.exceptions import ClientError

from services.common.clock import epoch_in, now
from services.common.cursors import Cursor, Page, page_of
from services.common.dynamo import (
    Item,
    Repository,
    accepted,
    batch_get,
    batch_write,
    is_conditional_failure,
    plain,
    query_page,
)
from services.timelines import keys
from services.timelines.model import BACKFILL, HOME_CAP, Entry, TagsNote
from services.timelines.readers import ReaderState, answers_to_others, for_reader, merged_rows, state_of

HOME_DAYS = 30
PUBLIC_DAYS = 30
#: Longer than any event or job can be on its way: queues and their dead-letter queues keep 14 days.
TOMBSTONE_DAYS = 40


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
    """What is read of timelines, and the one write that a command makes itself."""

    setting = "table_timelines"

    def home(self, reader: str, cursor: Cursor | None, limit: int) -> tuple[Page[Entry], ReaderState]:
        """The timeline of a person or list, newest first: what was fanned out, and the posts of merged authors.

        A page may hold fewer than ``limit`` entries though ``older`` leads on: what fan-out would not have delivered
        drops out after the page was cut.
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
        """Hours that have posts, from where the page begins; the first is tried without asking the directory."""
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
        """Put a line into several home timelines; a line that is there stays as it is."""
        ttl = epoch_in(days=HOME_DAYS)
        batch_write(self.name, puts=[_item(keys.home(one), entry, ttl=ttl) for one in users])


class TimelineProjection(TimelineRepository):
    """What the fan-out writes. Every write may be repeated."""

    def publish(self, entry: Entry) -> None:
        """Everything but other people's home timelines: reference, own home timeline, public and tag timelines."""
        items = [_item(keys.author(entry.by), entry, tags=list(entry.tags))]
        items.append(_item(keys.home(entry.by), entry, ttl=epoch_in(days=HOME_DAYS)))
        if entry.repost_id:
            items.append({"pk": keys.reposts(entry.post_id), "sk": entry.repost_id, "repostedBy": entry.reposted_by})
        if entry.for_everyone:
            bucket, ttl = keys.bucket_of(entry.post_id), epoch_in(days=PUBLIC_DAYS)
            items.append(_item(keys.public(bucket), entry, ttl=ttl))
            items.append({"pk": keys.PUBLIC_DIRECTORY, "sk": bucket, "ttl": ttl})
        if entry.visibility == "public":
            items += [_item(keys.tag(name), entry) for name in entry.tags]
        batch_write(self.name, puts=items)

    def note_tags(self, post_id: str, note: TagsNote) -> None:
        """Leave a note on an edited post, unless there is one of a later version."""
        pk, sk = keys.edited(post_id)
        ttl = epoch_in(days=TOMBSTONE_DAYS)
        try:
            self.table.put_item(
                Item={"pk": pk, "sk": sk, "version": note.version, "tags": list(note.tags), "ttl": ttl},
                ConditionExpression="attribute_not_exists(pk) OR #version < :version",
                ExpressionAttributeNames={"#version": "version"},
                ExpressionAttributeValues={":version": note.version},
            )
        except ClientError as error:
            if not is_conditional_failure(error):
                raise

    def tags_note(self, post_id: str) -> TagsNote | None:
        """Strongly consistent."""
        key = keys.edited(post_id)
        item = batch_get({self.name: [key]}, consistent=True).get((self.name, *key))
        return TagsNote(int(item["version"]), tuple(item["tags"])) if item else None

    def retag(self, entry: Entry, removed: Sequence[str]) -> None:
        """Write an edited post's tags: reference and tag timelines."""
        puts = [_item(keys.author(entry.author_id), entry, tags=list(entry.tags))]
        if entry.visibility == "public":
            puts += [_item(keys.tag(name), entry) for name in entry.tags]
        batch_write(self.name, puts=puts, deletes=[(keys.tag(name), entry.post_id) for name in removed])

    def bury(self, post_id: str) -> None:
        """Leave a tombstone, before anything is removed: who writes an entry looks for it afterwards."""
        pk, sk = keys.tombstone(post_id)
        self.table.put_item(Item={"pk": pk, "sk": sk, "ttl": epoch_in(days=TOMBSTONE_DAYS)})

    def buried(self, post_ids: Iterable[str]) -> set[str]:
        """Those of the posts that have a tombstone. Strongly consistent."""
        wanted = {keys.tombstone(one): one for one in post_ids}
        found = batch_get({self.name: list(wanted)}, consistent=True)
        return {wanted[pk, sk] for _, pk, sk in found}

    def unpublish(self, author_id: str, post_id: str, tags: Sequence[str] = ()) -> None:
        """Take back what ``publish`` wrote. ``tags`` are those one knows of, the reference tells of others."""
        reference = (keys.author(author_id), post_id)
        found = batch_get({self.name: [reference]}, consistent=True).get((self.name, *reference), {})
        names = {*tags, *(found.get("tags") or ())}
        gone = [(keys.home(author_id), post_id), (keys.public(keys.bucket_of(post_id)), post_id)]
        gone += [(keys.tag(name), post_id) for name in names]
        # The reference last: when this is interrupted, the retry still finds the tags.
        batch_write(self.name, deletes=gone)
        batch_write(self.name, deletes=[reference])

    def forget_repost(self, post_id: str, repost_id: str) -> None:
        """Take back the reference by which a deletion of the post would find the repost."""
        batch_write(self.name, deletes=[(keys.reposts(post_id), repost_id)])

    def reposts_page(self, post_id: str, after: str | None, limit: int) -> tuple[list[tuple[str, str]], str | None]:
        """Reposts of a post as pairs of id and person, and after which the next page begins (``None``: no more)."""
        condition: Any = Condition("pk").eq(keys.reposts(post_id))
        if after is not None:
            condition = condition & Condition("sk").gt(after)
        answer = self.table.query(KeyConditionExpression=condition, Limit=limit, ConsistentRead=True)
        last = answer.get("LastEvaluatedKey")
        return [(item["sk"], item["repostedBy"]) for item in answer["Items"]], last["sk"] if last else None

    def remove_from_homes(self, users: Sequence[str], post_ids: Sequence[str]) -> None:
        batch_write(self.name, deletes=[(keys.home(user), post) for user in users for post in post_ids])

    def set_audience(self, author_id: str, follower_id: str, version: int, active: bool) -> bool:
        """Note that someone follows (no more); ``False`` when a later note is there already.

        Events may come in any order: only the greatest version counts, and an end leaves a note too.
        """
        note: Item = {
            "pk": keys.audience(author_id),
            "sk": follower_id,
            "version": version,
            "active": active,
        }
        return accepted(
            self.table.put_item,
            Item=note if active else {**note, "ttl": epoch_in(days=TOMBSTONE_DAYS)},
            ConditionExpression="attribute_not_exists(pk) OR #version <= :version",
            ExpressionAttributeNames={"#version": "version"},
            ExpressionAttributeValues={":version": version},
        )

    def follows(self, follower_id: str, author_id: str) -> bool:
        """Whether the last note says so. Strongly consistent."""
        return follower_id in self.followers_among(author_id, [follower_id])

    def followers_among(self, author_id: str, users: Iterable[str]) -> set[str]:
        """Those of ``users`` who follow the author. Strongly consistent."""
        found = batch_get({self.name: [(keys.audience(author_id), one) for one in users]}, consistent=True)
        return {item["sk"] for item in found.values() if item["active"]}

    def audience_page(self, author_id: str, after: str | None, limit: int) -> tuple[list[str], str | None]:
        """Followers of an author in order of their ids, and after whom the next page begins (``None``: no more)."""
        return self._people_page(keys.audience(author_id), after, limit)

    def still_pushed_page(self, author_id: str, after: str | None, limit: int) -> tuple[list[str], str | None]:
        """As ``audience_page``, those to whom a merged author's posts are pushed: they merge as many as they may."""
        return self._people_page(keys.still_pushed(author_id), after, limit)

    def _people_page(self, partition: str, after: str | None, limit: int) -> tuple[list[str], str | None]:
        condition: Any = Condition("pk").eq(partition)
        if after is not None:
            condition = condition & Condition("sk").gt(after)
        answer = self.table.query(KeyConditionExpression=condition, Limit=limit, ConsistentRead=True)
        last = answer.get("LastEvaluatedKey")
        return [item["sk"] for item in answer["Items"] if item["active"]], last["sk"] if last else None

    def recent_by(self, author_id: str) -> list[Entry]:
        """References to the last posts of an author."""
        rows = query_page(self.table, keys.author(author_id), cursor=None, limit=BACKFILL, consistent=True)
        return [entry_of(row) for row in rows[:BACKFILL]]

    def add_entries(self, user_id: str, entries: Sequence[Entry]) -> None:
        """Put several lines into one home timeline."""
        ttl = epoch_in(days=HOME_DAYS)
        batch_write(self.name, puts=[_item(keys.home(user_id), one, ttl=ttl) for one in entries])

    def refs_since(self, author_id: str, since: str) -> list[Entry]:
        """References to an author's posts after an id, the newest ``HOME_CAP``. Strongly consistent."""
        condition = Condition("pk").eq(keys.author(author_id)) & Condition("sk").gt(since)
        query = {"KeyConditionExpression": condition, "ScanIndexForward": False, "Limit": HOME_CAP}
        return [entry_of(plain(row)) for row in self.table.query(**query, ConsistentRead=True)["Items"]]

    def sweep(self, user_id: str, author_id: str) -> None:
        """Take all lines that come through one author out of a home timeline: their posts and their reposts."""
        lines = self._home_items(user_id)
        gone = [item["sk"] for item in lines if (item.get("repostedBy") or item["authorId"]) == author_id]
        self.remove_from_homes([user_id], gone)

    def trim(self, user_id: str) -> None:
        """Cut a home timeline to its cap."""
        self.remove_from_homes([user_id], [item["sk"] for item in self._home_items(user_id)][HOME_CAP:])

    def _home_items(self, user_id: str) -> Iterator[Item]:
        query: dict[str, Any] = {
            "KeyConditionExpression": Condition("pk").eq(keys.home(user_id)) & Condition("sk").lt(keys.STATE),
            "ProjectionExpression": "sk, authorId, repostedBy",
            "ScanIndexForward": False,
            "ConsistentRead": True,
        }
        while True:
            answer = self.table.query(**query)
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def _item(partition: str, entry: Entry, *, ttl: int | None = None, tags: list[str] | None = None) -> Item:
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
