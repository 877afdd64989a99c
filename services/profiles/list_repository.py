"""Lists of people in DynamoDB. Access patterns and keys: docs/contexts/profiles.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
from services.common.errors import Conflict, FieldError, Unprocessable
from services.common.ids import new_id
from services.profiles.keys import list_member_key, lists_key
from services.profiles.lists import MOST_LISTS, MOST_MEMBERS, PeopleList, no_list

_ATTEMPTS = 4
#: A member and the count of members go in one transaction of at most 100 items.
_CHUNK = 90


class ListRepository(Repository):
    """All lists of a person are one item; each list's members are a partition of their own."""

    def of(self, owner: str) -> list[PeopleList]:
        """Newest first, strongly consistent."""
        pk, sk = lists_key(owner)
        item = plain(self.table.get_item(Key={"pk": pk, "sk": sk}, ConsistentRead=True).get("Item") or {})
        found = item.get("lists", {})
        return [
            PeopleList(one, found[one]["name"], found[one]["createdAt"], int(found[one]["members"]))
            for one in sorted(found, reverse=True)
        ]

    def get(self, owner: str, list_id: str) -> PeopleList:
        """Raises: NotFound."""
        for one in self.of(owner):
            if one.id == list_id:
                return one
        raise no_list()

    def containing(self, owner: str, list_ids: Iterable[str], user_id: str) -> set[str]:
        """Ids of the caller's lists that contain the person."""
        wanted = {list_member_key(owner, one, user_id): one for one in list_ids}
        found = batch_get({self.name: wanted}, consistent=True) if wanted else {}
        return {wanted[pk, sk] for (_, pk, sk), item in found.items() if item["member"]}

    def members(self, owner: str, list_id: str, cursor: Cursor | None, limit: int) -> Page[Item]:
        """Members of a list, the last added first."""
        partition = f"LIST#{owner}#{list_id}"
        rows = query_page(self.table, partition, cursor=cursor, limit=limit, index="gsi1")
        return page_of(rows, scope="list-members", cursor=cursor, limit=limit, key=lambda row: str(row["gsi1sk"]))

    def save(self, owner: str, list_id: str, name: str) -> PeopleList:
        """Make a list, or rename the one of that id. Raises: Unprocessable (there are ``MOST_LISTS`` others)."""
        key = dict(zip(("pk", "sk"), lists_key(owner), strict=True))
        fresh = {"name": name, "createdAt": now_text(), "members": 0}
        first = {**key, "type": "lists", "lists": {}}
        self._try(lambda: self.table.put_item(Item=first, ConditionExpression="attribute_not_exists(pk)"))
        renamed = self._try(
            lambda: self.table.update_item(
                Key=key,
                UpdateExpression="SET lists.#id.#name = :name",
                ConditionExpression="attribute_exists(lists.#id)",
                ExpressionAttributeNames={"#id": list_id, "#name": "name"},
                ExpressionAttributeValues={":name": name},
            )
        )
        made = renamed or self._try(
            lambda: self.table.update_item(
                Key=key,
                UpdateExpression="SET lists.#id = :list",
                ConditionExpression="attribute_not_exists(lists.#id) AND size(lists) < :most",
                ExpressionAttributeNames={"#id": list_id},
                ExpressionAttributeValues={":list": fresh, ":most": MOST_LISTS},
            )
        )
        if not made and list_id not in {one.id for one in self.of(owner)}:
            fault = FieldError("id", f"at most {MOST_LISTS} lists", f"{MOST_LISTS} others")
            raise Unprocessable("You have reached the limit of lists.", fault)
        return self.get(owner, list_id)

    def delete(self, owner: str, list_id: str) -> None:
        """Delete a list; no effect when there is none. Its members are removed, so that its timeline is deleted too."""
        key = dict(zip(("pk", "sk"), lists_key(owner), strict=True))
        self._try(
            lambda: self.table.update_item(
                Key=key,
                UpdateExpression="REMOVE lists.#id",
                ConditionExpression="attribute_exists(lists.#id)",
                ExpressionAttributeNames={"#id": list_id},
            )
        )
        while rows := self.members(owner, list_id, None, _CHUNK).items:
            try:
                transact([self._member_update(owner, list_id, row["userId"], None) for row in rows])
            except ClientError as error:
                # The same list is being deleted by another device; what is left is looked at again.
                if not cancellation_codes(error):
                    raise

    def add(self, owner: str, list_id: str, user_id: str) -> None:
        """Raises: NotFound (no such list), Unprocessable (``MOST_MEMBERS`` are on it)."""
        self._change(owner, list_id, user_id, new_id())

    def remove(self, owner: str, list_id: str, user_id: str) -> None:
        """Without effect when they are not on it. Raises: NotFound (no such list)."""
        self._change(owner, list_id, user_id, None)

    def _change(self, owner: str, list_id: str, user_id: str, since: str | None) -> None:
        pk, sk = lists_key(owner)
        room = " AND lists.#id.members < :most" if since else ""
        count = {
            "TableName": self.name,
            "Key": {"pk": pk, "sk": sk},
            "UpdateExpression": "SET lists.#id.members = lists.#id.members + :one",
            "ConditionExpression": f"attribute_exists(lists.#id){room}",
            "ExpressionAttributeNames": {"#id": list_id},
            "ExpressionAttributeValues": {":one": 1 if since else -1} | ({":most": MOST_MEMBERS} if since else {}),
        }
        for _ in range(_ATTEMPTS):
            try:
                transact([self._member_update(owner, list_id, user_id, since), {"Update": count}])
            except ClientError as error:
                codes = cancellation_codes(error)
                if not codes:
                    raise
                self.get(owner, list_id)
                if codes[0] == "ConditionalCheckFailed":
                    return
                if codes[1:2] == ["ConditionalCheckFailed"]:
                    fault = FieldError("userId", f"at most {MOST_MEMBERS} people", f"{MOST_MEMBERS} others")
                    raise Unprocessable("The list is full.", fault) from error
            else:
                return
        raise Conflict("The list is being changed at the same time; try again.")

    def _member_update(self, owner: str, list_id: str, user_id: str, since: str | None) -> dict[str, Any]:
        """The item stays when a member is removed, because its version must keep growing, like that of follow edges."""
        pk, sk = list_member_key(owner, list_id, user_id)
        who = "#type = :type, ownerId = :owner, listId = :list, userId = :user"
        values = {":type": "listMember", ":owner": owner, ":list": list_id, ":user": user_id, ":one": 1}
        names = {"#type": "type", "#member": "member", "#version": "version"}
        if since:
            update = f"SET {who}, #member = :yes, gsi1pk = :listed, gsi1sk = :since ADD #version :one"
            values |= {":yes": True, ":listed": pk, ":since": since}
            condition = "attribute_not_exists(pk) OR #member <> :yes"
        else:
            update = f"SET {who}, #member = :no REMOVE gsi1pk, gsi1sk ADD #version :one"
            values |= {":yes": True, ":no": False}
            condition = "#member = :yes"
        body: Mapping[str, Any] = {
            "TableName": self.name,
            "Key": {"pk": pk, "sk": sk},
            "UpdateExpression": update,
            "ConditionExpression": condition,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
        }
        return {"Update": body}

    def _try(self, write: Any) -> bool:
        try:
            write()
        except ClientError as error:
            if is_conditional_failure(error):
                return False
            raise
        return True
