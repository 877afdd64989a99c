"""Edges between people: follows, requests to follow, blocks. Access patterns and keys: docs/contexts/profiles.md.

The edge item of ``a`` to ``b`` holds all that lies between the two as ``a`` sees it: whether ``a`` follows or asked to,
whether ``a`` blocks ``b`` (``blocks``) or ``b`` blocks ``a`` (``blockedBy``). Each write is conditional on that item:
no follow can slip past a block, however close in time.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from services.common.clock import now_text
from services.common.cursors import Cursor, Page, page_of
from services.common.dynamo import (
    Item,
    Repository,
    batch_get,
    cancellation_codes,
    is_conditional_failure,
    plain,
    query_page,
    transact,
)
from services.common.errors import Conflict, Forbidden
from services.common.ids import new_id
from services.common.relations import NO_RELATION, Relation, relation_of
from services.profiles.keys import block_key, follow_key, mutes_key
from services.profiles.model import Relationship

_ATTEMPTS = 6
_INDEXES = "gsi1pk, gsi1sk, gsi2pk, gsi2sk"
_NAMES = {"#version": "version", "#type": "type"}
_WHO = "#type = :type, followerId = :follower, followeeId = :followee, createdAt = if_not_exists(createdAt, :now)"
_LISTED = "since = :since, gsi1pk = :in, gsi1sk = :since, gsi2pk = :out, gsi2sk = :since"
_UNBLOCKED = "attribute_not_exists(blocks) AND attribute_not_exists(blockedBy)"


def is_following(edge: Mapping[str, Any] | None) -> bool:
    """Whether the edge item is an active follow."""
    return relation_of(edge).follows


def relationship_of(out: Mapping[str, Any] | None, back: Mapping[str, Any] | None, *, muting: bool) -> Relationship:
    """The viewer's relationship to a person, from the edges in both directions."""
    mine, theirs = out or {}, back or {}
    return Relationship(
        following=is_following(mine),
        followed_by=is_following(theirs),
        requested=bool(mine.get("requested")),
        requested_by=bool(theirs.get("requested")),
        blocking=bool(mine.get("blocks")),
        blocked_by=bool(mine.get("blockedBy")),
        muting=muting,
    )


class GraphRepository(Repository):
    """The edges in the profiles table."""

    def follows(self, follower: str, followees: Iterable[str]) -> set[str]:
        """People of ``followees`` whom ``follower`` follows now."""
        return {one for one, relation in self.relations(follower, followees).items() if relation.follows}

    def blocked_between(self, user_id: str, others: Iterable[str]) -> set[str]:
        """People of ``others`` with a block in either direction."""
        return {one for one, relation in self.relations(user_id, others).items() if relation.blocked}

    def relations(self, viewer: str, others: Iterable[str]) -> dict[str, Relation]:
        """Each of ``others`` → the viewer's relation to them; in one request per hundred."""
        wanted = {one: follow_key(viewer, one) for one in others}
        found = batch_get({self.name: wanted.values()}) if wanted else {}
        return {one: relation_of(found.get((self.name, *key))) for one, key in wanted.items()}

    def relation(self, viewer: str, other: str) -> Relation:
        """The viewer's relation to one person, or to themselves."""
        return NO_RELATION if viewer == other else self.relations(viewer, [other])[other]

    def relationship(self, viewer: str, user_id: str) -> Relationship:
        """The relationship of ``viewer`` to ``user_id``."""
        if viewer == user_id:
            return Relationship(itself=True)
        out, back, mutes = follow_key(viewer, user_id), follow_key(user_id, viewer), mutes_key(viewer)
        found = batch_get({self.name: [out, back, mutes]})
        muted = found.get((self.name, *mutes), {}).get("people", {})
        return relationship_of(found.get((self.name, *out)), found.get((self.name, *back)), muting=user_id in muted)

    def follow(self, follower: str, followee: str) -> bool:
        """Set the edge, also in place of a request; ``False`` when it existed, without a write.

        The item stays when the edge is removed, because its ``version`` must keep growing, so that consumers that see
        events out of order end with the last one.

        Raises:
            Forbidden: one of the two blocks the other.
        """
        update = f"SET {_WHO}, following = :yes, {_LISTED} REMOVE requested, accepted ADD #version :one"
        return self._begin(follower, followee, update, "attribute_not_exists(pk) OR following <> :yes", {})

    def request(self, follower: str, followee: str) -> bool:
        """Store a follow request; ``False`` when there is one already, or the edge exists.

        Raises:
            Forbidden: one of the two blocks the other.
        """
        update = f"SET {_WHO}, following = :no, requested = :yes, {_LISTED} REMOVE accepted ADD #version :one"
        free = "attribute_not_exists(pk) OR (following <> :yes AND attribute_not_exists(requested))"
        return self._begin(follower, followee, update, free, {":no": False, **_asked(follower, followee)})

    def _begin(self, follower: str, followee: str, update: str, condition: str, more: Item) -> bool:
        values = {**_who(follower, followee), **_listed(follower, followee), ":yes": True, **more}
        if self._turn(follower, followee, update, f"({condition}) AND {_UNBLOCKED}", values):
            return True
        pk, sk = follow_key(follower, followee)
        edge = self.table.get_item(Key={"pk": pk, "sk": sk}, ConsistentRead=True).get("Item")
        if relation_of(plain(edge)).blocked:
            raise Forbidden("You can't follow this person.")
        return False

    def accept(self, follower: str, followee: str) -> bool:
        """Turn a request into an edge; ``False`` when there is no request."""
        return self._turn(
            follower,
            followee,
            f"SET following = :yes, accepted = :yes, {_LISTED} REMOVE requested ADD #version :one",
            "requested = :yes",
            {":yes": True, ":one": 1, **_listed(follower, followee)},
        )

    def decline(self, follower: str, followee: str) -> bool:
        """Delete a request; ``False`` when there is none."""
        return self._end(follower, followee, "requested = :yes")

    def unfollow(self, follower: str, followee: str) -> bool:
        """Remove the edge, or the request for it; ``False`` when there was none."""
        return self._end(follower, followee, "following = :yes OR requested = :yes")

    def _end(self, follower: str, followee: str, condition: str) -> bool:
        update = f"SET following = :no REMOVE requested, accepted, {_INDEXES} ADD #version :one"
        return self._turn(follower, followee, update, condition, {":yes": True, ":no": False, ":one": 1})

    def _turn(self, follower: str, followee: str, update: str, condition: str, values: Item) -> bool:
        pk, sk = follow_key(follower, followee)
        names = {name: word for name, word in _NAMES.items() if name in update}
        for attempt in range(_ATTEMPTS):
            try:
                self.table.update_item(
                    Key={"pk": pk, "sk": sk},
                    UpdateExpression=update,
                    ConditionExpression=condition,
                    ExpressionAttributeValues=values,
                    ExpressionAttributeNames=names,
                )
            except ClientError as error:
                if is_conditional_failure(error):
                    return False
                # A block of the same two people is being written at this moment.
                if error.response["Error"]["Code"] != "TransactionConflictException":
                    raise
                _pause(attempt)
            else:
                return True
        raise Conflict("The two of you are changing this at the same time; try again.")

    def block(self, blocker: str, blocked: str) -> bool:
        """Block, and end follows and requests between the two, in one transaction; ``False`` when the block existed."""
        pk, sk = block_key(blocker, blocked)
        since = new_id()
        note = {
            "pk": pk,
            "sk": sk,
            "type": "block",
            "blockerId": blocker,
            "blockedId": blocked,
            "at": now_text(),
            "gsi1pk": f"BLOCKERS#{blocked}",
            "gsi1sk": since,
            "gsi2pk": f"BLOCKING#{blocker}",
            "gsi2sk": since,
        }
        put = {"TableName": self.name, "Item": note, "ConditionExpression": "attribute_not_exists(pk)"}
        ended = f"SET {_WHO}, following = :no, %s = :yes REMOVE requested, accepted, {_INDEXES} ADD #version :one"
        return self._write_block(
            {"Put": put},
            self._edge_update(blocker, blocked, ended % "blocks", {":yes": True, ":no": False}),
            self._edge_update(blocked, blocker, ended % "blockedBy", {":yes": True, ":no": False}),
        )

    def unblock(self, blocker: str, blocked: str) -> bool:
        """Unblock; ``False`` when there was no block. Follows that the block ended stay ended."""
        pk, sk = block_key(blocker, blocked)
        gone = {"TableName": self.name, "Key": {"pk": pk, "sk": sk}, "ConditionExpression": "attribute_exists(pk)"}
        open_ = f"SET {_WHO} REMOVE %s ADD #version :one"
        return self._write_block(
            {"Delete": gone},
            self._edge_update(blocker, blocked, open_ % "blocks", {}),
            self._edge_update(blocked, blocker, open_ % "blockedBy", {}),
        )

    def _edge_update(self, follower: str, followee: str, update: str, values: Item) -> dict[str, Any]:
        pk, sk = follow_key(follower, followee)
        body = {
            "TableName": self.name,
            "Key": {"pk": pk, "sk": sk},
            "UpdateExpression": update,
            "ExpressionAttributeNames": _NAMES,
            "ExpressionAttributeValues": {**_who(follower, followee), **values},
        }
        return {"Update": body}

    def _write_block(self, *operations: Mapping[str, Any]) -> bool:
        for attempt in range(_ATTEMPTS):
            try:
                transact(operations)
            except ClientError as error:
                codes = cancellation_codes(error)
                if not codes:
                    raise
                if codes[0] == "ConditionalCheckFailed":
                    return False
                _pause(attempt)
            else:
                return True
        raise Conflict("The two of you are changing this at the same time; try again.")

    def following_ids(self, user_id: str, limit: int) -> list[str]:
        """Whom someone follows, the last ``limit`` of them."""
        return [item["followeeId"] for item in self._newest(f"FOLLOWING#{user_id}", "gsi2", limit)]

    def hidden_ids(self, user_id: str, limit: int) -> set[str]:
        """Whom someone blocks and who blocks them, the last ``limit`` of each: for search, which filters by ids."""
        mine = self._newest(f"BLOCKING#{user_id}", "gsi2", limit)
        theirs = self._newest(f"BLOCKERS#{user_id}", "gsi1", limit)
        return {one["blockedId"] for one in mine} | {one["blockerId"] for one in theirs}

    def _newest(self, partition: str, index: str, limit: int) -> Sequence[Item]:
        return query_page(self.table, partition, cursor=None, limit=limit, index=index)[:limit]

    def followers(self, user_id: str, cursor: Cursor | None, limit: int) -> Page[Item]:
        """Follow edges that point at ``user_id``, newest first."""
        return self._edges(f"FOLLOWERS#{user_id}", "gsi1", "followers", cursor, limit)

    def following(self, user_id: str, cursor: Cursor | None, limit: int) -> Page[Item]:
        """Follow edges that start at ``user_id``, newest first."""
        return self._edges(f"FOLLOWING#{user_id}", "gsi2", "following", cursor, limit)

    def requests(self, user_id: str, cursor: Cursor | None, limit: int) -> Page[Item]:
        """Who asks to follow ``user_id``, newest first."""
        return self._edges(f"REQUESTS#{user_id}", "gsi1", "requests", cursor, limit)

    def requested(self, user_id: str, cursor: Cursor | None, limit: int) -> Page[Item]:
        """Whom ``user_id`` asked, newest first."""
        return self._edges(f"REQUESTED#{user_id}", "gsi2", "requested", cursor, limit)

    def blocks(self, user_id: str, cursor: Cursor | None, limit: int) -> Page[Item]:
        """Whom ``user_id`` blocks, newest first."""
        return self._edges(f"BLOCKING#{user_id}", "gsi2", "blocks", cursor, limit)

    def _edges(self, partition: str, index: str, scope: str, cursor: Cursor | None, limit: int) -> Page[Item]:
        rows = query_page(self.table, partition, cursor=cursor, limit=limit, index=index)
        return page_of(rows, scope=scope, cursor=cursor, limit=limit, key=lambda row: str(row[f"{index}sk"]))


def _who(follower: str, followee: str) -> Item:
    return {":type": "follow", ":follower": follower, ":followee": followee, ":now": now_text(), ":one": 1}


def _listed(follower: str, followee: str) -> Item:
    return {":since": new_id(), ":in": f"FOLLOWERS#{followee}", ":out": f"FOLLOWING#{follower}"}


def _asked(follower: str, followee: str) -> Item:
    return {":in": f"REQUESTS#{followee}", ":out": f"REQUESTED#{follower}"}


def _pause(attempt: int) -> None:
    time.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - jitter between competing writers
