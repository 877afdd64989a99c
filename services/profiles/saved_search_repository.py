"""Saved searches in DynamoDB. Access patterns and keys: docs/contexts/profiles.md."""

from __future__ import annotations

from botocore.exceptions import ClientError

from services.common.dynamo import Item, Repository, accepted, conditionally, is_conditional_failure, plain
from services.common.errors import FieldError, Unprocessable
from services.profiles.keys import searches_key
from services.profiles.saved_searches import MOST, SavedSearch


class SavedSearchRepository(Repository):
    """Saved searches: all of a person's in one item, so that their number is bounded by one condition."""

    def of(self, owner: str) -> list[SavedSearch]:
        """Newest first, strongly consistent."""
        pk, sk = searches_key(owner)
        item = plain(self.table.get_item(Key={"pk": pk, "sk": sk}, ConsistentRead=True).get("Item") or {})
        found = item.get("searches", {})
        return [SavedSearch(one, **found[one]) for one in sorted(found, reverse=True)]

    def save(self, owner: str, search: SavedSearch) -> bool:
        """Add it, or replace the one of its id; ``True`` when it is new.

        Raises:
            Unprocessable: there are ``MOST`` others.
        """
        new = self._add(owner, search)
        if new is None and self._begin(owner, search):
            return True
        # Another device may have begun between the two: then there is something to add to now.
        new = self._add(owner, search) if new is None else new
        if new is None:
            fault = FieldError("id", f"at most {MOST} saved searches", f"{MOST} others")
            raise Unprocessable("You have reached the limit of saved searches.", fault)
        return new

    def _add(self, owner: str, search: SavedSearch) -> bool | None:
        """Whether it was new; ``None`` where there is no item yet, or no place in it."""
        pk, sk = searches_key(owner)
        before = conditionally(
            self.table.update_item,
            Key={"pk": pk, "sk": sk},
            UpdateExpression="SET searches.#id = :value",
            ConditionExpression="attribute_exists(searches.#id) OR size(searches) < :most",
            ExpressionAttributeNames={"#id": search.id},
            ExpressionAttributeValues={":value": _search_value(search), ":most": MOST},
            ReturnValues="ALL_OLD",
        )
        return None if before is None else search.id not in before["Attributes"]["searches"]

    def _begin(self, owner: str, search: SavedSearch) -> bool:
        """The first search of a person; ``False`` where there is one."""
        pk, sk = searches_key(owner)
        first = {"pk": pk, "sk": sk, "type": "searches", "searches": {search.id: _search_value(search)}}
        return accepted(self.table.put_item, Item=first, ConditionExpression="attribute_not_exists(pk)")

    def delete(self, owner: str, search_id: str) -> None:
        """Without effect when there is none of that id."""
        pk, sk = searches_key(owner)
        try:
            self.table.update_item(
                Key={"pk": pk, "sk": sk},
                UpdateExpression="REMOVE searches.#id",
                ConditionExpression="attribute_exists(searches.#id)",
                ExpressionAttributeNames={"#id": search_id},
            )
        except ClientError as error:
            if not is_conditional_failure(error):
                raise


def _search_value(search: SavedSearch) -> Item:
    return {"name": search.name, "query": search.query, "saved_at": search.saved_at}
