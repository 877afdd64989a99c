"""The fan-out's writes of timelines in DynamoDB. Access patterns and keys: docs/contexts/timelines.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from boto3.dynamodb.conditions import Key as Condition
from botocore.exceptions import ClientError

from services.common.clock import epoch_in
from services.common.dynamo import Item, accepted, batch_get, batch_write, is_conditional_failure, plain, query_page
from services.timelines import keys
from services.timelines.model import BACKFILL, HOME_CAP, Entry, TagsNote
from services.timelines.repository import HOME_DAYS, TimelineRepository, entry_of, item_of

PUBLIC_DAYS = 30
#: Longer than any event or job can be on its way: queues and their dead-letter queues keep 14 days.
TOMBSTONE_DAYS = 40


class TimelineProjection(TimelineRepository):
    """The fan-out's writes. Every write is idempotent."""

    def publish(self, entry: Entry) -> None:
        """Everything but other people's home timelines: reference, own home timeline, public and tag timelines."""
        items = [item_of(keys.author(entry.by), entry, tags=list(entry.tags))]
        items.append(item_of(keys.home(entry.by), entry, ttl=epoch_in(days=HOME_DAYS)))
        if entry.repost_id:
            items.append({"pk": keys.reposts(entry.post_id), "sk": entry.repost_id, "repostedBy": entry.reposted_by})
        if entry.for_everyone:
            bucket, ttl = keys.bucket_of(entry.post_id), epoch_in(days=PUBLIC_DAYS)
            items.append(item_of(keys.public(bucket), entry, ttl=ttl))
            items.append({"pk": keys.PUBLIC_DIRECTORY, "sk": bucket, "ttl": ttl})
        if entry.visibility == "public":
            items += [item_of(keys.tag(name), entry) for name in entry.tags]
        batch_write(self.name, puts=items)

    def note_tags(self, post_id: str, note: TagsNote) -> None:
        """Write a note on an edited post, unless there is one of a later version."""
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
        puts = [item_of(keys.author(entry.author_id), entry, tags=list(entry.tags))]
        if entry.visibility == "public":
            puts += [item_of(keys.tag(name), entry) for name in entry.tags]
        batch_write(self.name, puts=puts, deletes=[(keys.tag(name), entry.post_id) for name in removed])

    def add_tombstone(self, post_id: str) -> None:
        """Write a tombstone before anything is removed: writers of entries check for it afterwards."""
        pk, sk = keys.tombstone(post_id)
        self.table.put_item(Item={"pk": pk, "sk": sk, "ttl": epoch_in(days=TOMBSTONE_DAYS)})

    def note_gone(self, user_id: str) -> None:
        """Write a note of a deleted account before its items are deleted, for late events."""
        pk, sk = keys.gone(user_id)
        self.table.put_item(Item={"pk": pk, "sk": sk, "ttl": epoch_in(days=TOMBSTONE_DAYS)})

    def tombstoned(self, post_ids: Iterable[str]) -> set[str]:
        """Ids of posts with a tombstone. Strongly consistent."""
        wanted = {keys.tombstone(one): one for one in post_ids}
        found = batch_get({self.name: list(wanted)}, consistent=True)
        return {wanted[pk, sk] for _, pk, sk in found}

    def unpublish(self, author_id: str, post_id: str, tags: Sequence[str] = ()) -> None:
        """Undo ``publish``. ``tags`` are the known ones; the reference has others."""
        reference = (keys.author(author_id), post_id)
        found = batch_get({self.name: [reference]}, consistent=True).get((self.name, *reference), {})
        names = {*tags, *(found.get("tags") or ())}
        gone = [(keys.home(author_id), post_id), (keys.public(keys.bucket_of(post_id)), post_id)]
        gone += [(keys.tag(name), post_id) for name in names]
        # The reference last: when this is interrupted, the retry still finds the tags.
        batch_write(self.name, deletes=gone)
        batch_write(self.name, deletes=[reference])

    def forget_repost(self, post_id: str, repost_id: str) -> None:
        """Delete the reference by which a deletion of the post would find the repost."""
        batch_write(self.name, deletes=[(keys.reposts(post_id), repost_id)])

    def reposts_page(self, post_id: str, after: str | None, limit: int) -> tuple[list[tuple[str, str]], str | None]:
        """Reposts of a post as pairs of id and person, and after which the next page begins (``None``: the last)."""
        condition: Any = Condition("pk").eq(keys.reposts(post_id))
        if after is not None:
            condition = condition & Condition("sk").gt(after)
        answer = self.table.query(KeyConditionExpression=condition, Limit=limit, ConsistentRead=True)
        last = answer.get("LastEvaluatedKey")
        return [(item["sk"], item["repostedBy"]) for item in answer["Items"]], last["sk"] if last else None

    def remove_from_homes(self, users: Sequence[str], post_ids: Sequence[str]) -> None:
        batch_write(self.name, deletes=[(keys.home(user), post) for user in users for post in post_ids])

    def set_audience(self, author_id: str, follower_id: str, version: int, active: bool) -> bool:
        """Store a note on a follow or its end; ``False`` when a later note exists.

        Events may come in any order: only the greatest version counts, and the end of a follow is stored too.
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

    def is_anyone_gone(self, users: Iterable[str]) -> bool:
        """Whether the account of one of them was deleted. Strongly consistent."""
        return bool(batch_get({self.name: [keys.gone(one) for one in users]}, consistent=True))

    def forget_audience(self, author_id: str, follower_id: str) -> None:
        batch_write(self.name, deletes=[(keys.audience(author_id), follower_id)])

    def follows(self, follower_id: str, author_id: str) -> bool:
        """Whether the last note says so. Strongly consistent."""
        return follower_id in self.followers_among(author_id, [follower_id])

    def followers_among(self, author_id: str, users: Iterable[str]) -> set[str]:
        """``users`` who follow the author. Strongly consistent."""
        found = batch_get({self.name: [(keys.audience(author_id), one) for one in users]}, consistent=True)
        return {item["sk"] for item in found.values() if item["active"]}

    def audience_page(self, author_id: str, after: str | None, limit: int) -> tuple[list[str], str | None]:
        """Followers of an author in order of their ids, and after whom the next page begins (``None``: the last)."""
        return self._people_page(keys.audience(author_id), after, limit)

    def pushed_followers_page(self, author_id: str, after: str | None, limit: int) -> tuple[list[str], str | None]:
        """As ``audience_page``, those to whom a merged author's posts are pushed: they merge as many as they may."""
        return self._people_page(keys.pushed_followers(author_id), after, limit)

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
        batch_write(self.name, puts=[item_of(keys.home(user_id), one, ttl=ttl) for one in entries])

    def refs_since(self, author_id: str, since: str) -> list[Entry]:
        """References to an author's posts after an id, the newest ``HOME_CAP``. Strongly consistent."""
        condition = Condition("pk").eq(keys.author(author_id)) & Condition("sk").gt(since)
        query = {"KeyConditionExpression": condition, "ScanIndexForward": False, "Limit": HOME_CAP}
        return [entry_of(plain(row)) for row in self.table.query(**query, ConsistentRead=True)["Items"]]

    def sweep(self, user_id: str, author_id: str) -> None:
        """Remove all entries of one author from a home timeline: their posts and their reposts."""
        lines = self._home_items(user_id)
        gone = [item["sk"] for item in lines if (item.get("repostedBy") or item["authorId"]) == author_id]
        self.remove_from_homes([user_id], gone)

    def trim(self, user_id: str) -> None:
        """Cut a home timeline to its cap: its lines are counted, and only those beyond the cap are sent."""
        surplus = self._home_length(user_id) - HOME_CAP
        if surplus > 0:
            oldest = {"ProjectionExpression": "sk", "ScanIndexForward": True, "Limit": surplus}
            found = self.table.query(**self._home_lines(user_id), **oldest)["Items"]
            self.remove_from_homes([user_id], [item["sk"] for item in found])

    def _home_length(self, user_id: str) -> int:
        query, count = {**self._home_lines(user_id), "Select": "COUNT"}, 0
        while True:
            answer = self.table.query(**query)
            count += int(answer["Count"])
            if "LastEvaluatedKey" not in answer:
                return count
            query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _home_lines(self, user_id: str) -> dict[str, Any]:
        condition = Condition("pk").eq(keys.home(user_id)) & Condition("sk").lt(keys.STATE)
        return {"KeyConditionExpression": condition, "ConsistentRead": True}

    def _home_items(self, user_id: str) -> Iterator[Item]:
        query = {**self._home_lines(user_id), "ProjectionExpression": "sk, authorId, repostedBy"}
        while True:
            answer = self.table.query(**query)
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
