"""Public pictures of a checkout from before they had their own key prefix."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kit.deploy.pictures import move_public
from kit.deploy.signing import needs_signature

_MEDIUM = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


@dataclass
class FakeAws:
    """A bucket and tables in memory, in place of all clients."""

    keys: set[str]
    tables: dict[str, list[dict[str, Any]]]
    scans: list[str] = field(default_factory=list)

    def client(self, _: str) -> FakeAws:
        return self

    def list_objects_v2(self, Bucket: str, Prefix: str, Delimiter: str = "") -> dict[str, Any]:
        found = sorted(key for key in self.keys if key.startswith(Prefix))
        if not Delimiter:
            return {"Contents": [{"Key": key} for key in found]}
        below = {Prefix + key.removeprefix(Prefix).partition("/")[0] + "/" for key in found}
        return {"CommonPrefixes": [{"Prefix": one} for one in sorted(below)]}

    def copy_object(self, Bucket: str, Key: str, CopySource: dict[str, str]) -> None:
        assert CopySource["Key"] in self.keys
        self.keys.add(Key)

    def delete_object(self, Bucket: str, Key: str) -> None:
        self.keys.discard(Key)

    def get_paginator(self, _: str) -> FakeAws:
        return self

    def paginate(self, TableName: str) -> list[dict[str, Any]]:
        self.scans.append(TableName)
        return [{"Items": self.tables.get(TableName, [])}]

    def update_item(self, TableName: str, Key: dict[str, Any], **how: Any) -> None:
        (item,) = [one for one in self.tables[TableName] if one["pk"] == Key["pk"]]
        item[how["ExpressionAttributeNames"]["#url"]] = how["ExpressionAttributeValues"][":new"]


def item(pk: str, **urls: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": "x"}, **{name: {"S": url} for name, url in urls.items()}}


def test_pictures_and_stored_addresses_of_people_and_groups_move_once() -> None:
    private, old, new = (f"media/{folder}{_MEDIUM}/" for folder in ("private/", "", "public/"))
    person = item("USER#a", avatarUrl=f"/{old}thumb.webp", headerUrl=f"/{old}w2048.webp")
    group = item("CONV#g", avatarUrl=f"/{old}thumb.webp")
    moved_already = item("USER#b", avatarUrl="/media/public/x/thumb.webp")
    aws = FakeAws(
        {f"{private}original.jpg", f"{old}thumb.webp", f"{old}w2048.webp", "uploads/a/b"},
        {"asyncsns-profiles": [person, moved_already, item("USER#c")], "asyncsns-chat": [group]},
    )
    assert move_public(aws, "bucket") == 2  # type: ignore[arg-type]
    assert aws.keys == {f"{private}original.jpg", f"{new}thumb.webp", f"{new}w2048.webp", "uploads/a/b"}
    assert person == item("USER#a", avatarUrl=f"/{new}thumb.webp", headerUrl=f"/{new}w2048.webp")
    assert group == item("CONV#g", avatarUrl=f"/{new}thumb.webp")
    assert moved_already == item("USER#b", avatarUrl="/media/public/x/thumb.webp")
    aws.scans.clear()
    assert move_public(aws, "bucket") == 0  # type: ignore[arg-type]
    assert aws.scans == [], "tables are only read when there was something to move"


def test_the_key_group_is_for_all_media_but_public_ones() -> None:
    patterns = ("/media/*", "media/private/*", "/media/public/*", "/v1/*", "/media/publications/*", "/media/public*")
    assert [needs_signature(one) for one in patterns] == [True, True, False, False, True, True]
