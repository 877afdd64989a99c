"""Readers and reach in DynamoDB: last visits of readers, and merged authors. Keys: docs/contexts/timelines.md."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from botocore.exceptions import ClientError

from services.common.dynamo import Repository, batch_get, batch_write, is_conditional_failure
from services.timelines import keys
from services.timelines.readers import MERGED_MOST, Reach, ReaderState, state_of, today


class ReaderRepository(Repository):
    """The fan-out's state of readers; every write is idempotent. Reads are strongly consistent."""

    def state(self, reader: str) -> ReaderState:
        return self.states([reader])[reader]

    def states(self, readers: Collection[str]) -> dict[str, ReaderState]:
        found = batch_get({self.name: [keys.reader(one) for one in readers]}, consistent=True)
        return {one: state_of(found.get((self.name, *keys.reader(one)))) for one in readers}

    def begin(self, reader: str) -> None:
        """A new reader counts as active; a known one stays unchanged, because its missed posts are still to be
        added."""
        self._set(reader, "SET seenOn = :today", {":today": today()}, "attribute_not_exists(seenOn)")

    def visit(self, reader: str, rebuild_since: str | None) -> None:
        """Record a visit today; from now on posts are delivered. The start of the rebuild is stored with it."""
        if rebuild_since is None:
            self._set(reader, "SET seenOn = :today", {":today": today()})
        else:
            values = {":today": today(), ":since": rebuild_since}
            self._set(reader, "SET seenOn = :today, rebuildSince = :since", values)

    def rebuilt(self, reader: str, since: str) -> None:
        self._set(reader, "REMOVE rebuildSince", {":since": since}, "rebuildSince = :since")

    def merge(self, readers: Sequence[str], author_id: str) -> set[str]:
        """Make these readers merge the author's posts. Returns readers at their limit of merged authors, who are stored
        as followers to push to."""
        room = "attribute_not_exists(merged) OR size(merged) < :most OR contains(merged, :one)"
        values = {":author": {author_id}, ":one": author_id, ":most": MERGED_MOST}
        full = {one for one in readers if not self._set(one, "ADD merged :author", values, room)}
        pushed = keys.pushed_followers(author_id)
        batch_write(self.name, puts=[{"pk": pushed, "sk": one, "active": True} for one in full])
        return full

    def unmerge(self, reader: str, author_id: str) -> None:
        """Do not create the item of an unknown reader, which an unconditional update would do."""
        self._set(reader, "DELETE merged :author", {":author": {author_id}}, "attribute_exists(pk)")
        batch_write(self.name, deletes=[(keys.pushed_followers(author_id), reader)])

    def reach(self, authors: Collection[str]) -> dict[str, Reach]:
        """Each author → how their posts come to readers."""
        found = batch_get({self.name: [keys.reach(one) for one in authors]}, consistent=True)
        items = {one: found.get((self.name, *keys.reach(one)), {}) for one in authors}
        return {one: Reach(item.get("reach", Reach.PUSHED)) for one, item in items.items()}

    def set_reach(self, author_id: str, reach: Reach) -> None:
        """Reach only grows: ``marking`` never takes the place of ``merged``."""
        pk, sk = keys.reach(author_id)
        item = {"pk": pk, "sk": sk, "reach": reach.value}
        values = {":merged": Reach.MERGED.value}
        try:
            self.table.put_item(
                Item=item,
                ConditionExpression="attribute_not_exists(pk) OR reach <> :merged",
                ExpressionAttributeValues=values,
            )
        except ClientError as error:
            if not is_conditional_failure(error):
                raise

    def _set(self, reader: str, update: str, values: Mapping[str, object], condition: str | None = None) -> bool:
        """Whether the condition held."""
        pk, sk = keys.reader(reader)
        more = {"ConditionExpression": condition} if condition else {}
        try:
            self.table.update_item(
                Key={"pk": pk, "sk": sk}, UpdateExpression=update, ExpressionAttributeValues=values, **more
            )
        except ClientError as error:
            if not is_conditional_failure(error):
                raise
            return False
        return True
