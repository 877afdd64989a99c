"""Reading whole partitions page by page, and reading people from the items that the profiles context publishes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from services.common import partitions, people, personal_data
from services.common.partitions import items_of, wipe
from services.common.people import Directory, Person, author_of
from services.common.relations import Relation


class Table:
    """Answers queries by pages of two, and records queries and deletes."""

    def __init__(self, count: int) -> None:
        self.items = [{"pk": {"S": "USER#1"}, "sk": {"S": f"POST#{number}"}} for number in range(count)]
        self.queries: list[dict[str, Any]] = []
        self.deleted: list[tuple[str, str]] = []

    def read(self, operation: str, query: dict[str, Any]) -> dict[str, Any]:
        assert operation == "Query"
        self.queries.append(dict(query))
        begin = query.get("ExclusiveStartKey", 0)
        more = {"LastEvaluatedKey": begin + 2} if begin + 2 < len(self.items) else {}
        return {"Items": self.items[begin : begin + 2], **more}

    def batch_write(self, table: str, deletes: list[tuple[str, str]]) -> None:
        assert table == "posts"
        assert deletes, "never an empty batch"
        self.deleted += deletes


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Table:
    made = Table(5)
    monkeypatch.setattr(partitions, "read", made.read)
    monkeypatch.setattr(partitions, "batch_write", made.batch_write)
    return made


def test_a_partition_is_read_to_its_end(table: Table) -> None:
    assert [item["sk"] for item in items_of("posts", "USER#1")] == [f"POST#{number}" for number in range(5)]
    assert [query.get("ExclusiveStartKey") for query in table.queries] == [None, 2, 4]
    assert table.queries[0] == {
        "TableName": "posts", "KeyConditionExpression": "#p = :p", "ExpressionAttributeNames": {"#p": "pk"},
        "ExpressionAttributeValues": {":p": {"S": "USER#1"}},
    }  # fmt: skip


def test_a_partition_of_an_index_has_the_indexes_keys(table: Table) -> None:
    list(items_of("posts", "AUTHOR#1", index="gsi1", prefix="POST#"))
    assert table.queries[0] == {
        "TableName": "posts", "IndexName": "gsi1",
        "KeyConditionExpression": "#p = :p AND begins_with(#s, :s)",
        "ExpressionAttributeNames": {"#p": "gsi1pk", "#s": "gsi1sk"},
        "ExpressionAttributeValues": {":p": {"S": "AUTHOR#1"}, ":s": {"S": "POST#"}},
    }  # fmt: skip
    list(items_of("posts", "USER#1", prefix="POST#"))
    assert table.queries[-1]["ExpressionAttributeNames"] == {"#p": "pk", "#s": "sk"}


@pytest.mark.parametrize(("most", "gone"), [(3, 3), (5, 5), (9, 5)])
def test_a_step_deletes_at_most_its_limit(table: Table, most: int, gone: int) -> None:
    assert wipe("posts", "USER#1", most=most) == gone
    assert table.deleted == [("USER#1", f"POST#{number}") for number in range(gone)]
    assert table.queries[0]["TableName"] == "posts"
    assert table.queries[0]["ExpressionAttributeValues"] == {":p": {"S": "USER#1"}}
    wipe("posts", "AUTHOR#1", most=1, index="gsi1", prefix="POST#")
    assert table.queries[-1]["IndexName"] == "gsi1"
    assert table.queries[-1]["ExpressionAttributeValues"] == {":p": {"S": "AUTHOR#1"}, ":s": {"S": "POST#"}}


def test_an_empty_partition_is_nothing_to_delete(table: Table) -> None:
    table.items = []
    assert (wipe("posts", "USER#1", most=3), table.deleted) == (0, [])


def test_exports_and_erasures_read_only_the_persons_partitions(table: Table) -> None:
    assert len(list(personal_data.partition("posts", "USER", index="gsi1", prefix="POST#")("1"))) == 5
    assert table.queries[-1]["ExpressionAttributeValues"] == {":p": {"S": "USER#1"}, ":s": {"S": "POST#"}}
    assert table.queries[-1]["IndexName"] == "gsi1"
    list(personal_data.partition("posts", "USER")("1"))
    assert table.queries[-1]["ExpressionAttributeValues"] == {":p": {"S": "USER#1"}}
    assert {query["TableName"] for query in table.queries} == {"posts"}
    table.queries.clear()
    assert personal_data.erased("posts", "USER", "LIKES")("1") == 10
    partitions_read = [query["ExpressionAttributeValues"][":p"]["S"] for query in table.queries]
    assert list(dict.fromkeys(partitions_read)) == ["USER#1", "LIKES#1"]


def test_a_step_takes_a_hundred_at_once(table: Table) -> None:
    table.items *= 41
    assert personal_data.erased("posts", "USER")("1") == 100
    assert [len(personal_data.page_of(iter([{}] * count))) for count in (0, 99, 100, 101)] == [0, 99, 100, 100]


ITEMS: dict[tuple[str, str], dict[str, Any]] = {
    ("USER#ann", "PROFILE"): {
        "pk": "USER#ann", "handle": "ann", "displayName": "Ann", "avatarUrl": "https://a.example/1", "locale": "ja",
    },
    ("USER#bob", "PROFILE"): {"pk": "USER#bob", "handle": "bob", "displayName": "Bob"},
    ("HANDLE#ann", "HANDLE"): {"handle": "ann", "userId": "ann"},
    ("USER#ann", "FOLLOW#bob"): {"following": True},
    ("USER#bob", "FOLLOW#ann"): {"blockedBy": True},
    ("USER#cid", "FOLLOW#bob"): {"blocks": True, "following": True},
    ("USER#ann", "FOLLOW#dan"): {"blocks": True},
}  # fmt: skip
ANN, BOB = Person("ann", "ann", "Ann", "https://a.example/1", "ja"), Person("bob", "bob", "Bob", None, "en")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each batch read, whether it was strongly consistent."""
    reads: list[bool] = []

    def batch_get(
        wanted: Mapping[str, Iterable[tuple[str, str]]], consistent: bool = False
    ) -> dict[tuple[str, str, str], Any]:
        reads.append(consistent)
        ((name, keys),) = wanted.items()
        assert name == "profiles"
        return {(name, *key): ITEMS[key] for key in keys if key in ITEMS}

    monkeypatch.setattr(people, "batch_get", batch_get)
    return reads


def test_people_are_found_by_id_and_handle(asked: list[bool]) -> None:
    directory = Directory("profiles")
    assert directory.find(["ann", "bob", "nobody"]) == {"ann": ANN, "bob": BOB}
    assert directory.ids_of_handles(["ann", "nobody"]) == {"ann": "ann"}
    assert ANN.author() == {
        "id": "ann", "handle": "ann", "displayName": "Ann", "avatarUrl": "https://a.example/1",
    }  # fmt: skip
    assert author_of({"ann": ANN}, "ann") == ANN.author()
    assert author_of({}, "gone") == {"id": "gone", "handle": "", "displayName": "", "avatarUrl": None}


def test_two_people_and_their_blocks_are_read_in_one_request(asked: list[bool]) -> None:
    directory = Directory("profiles")
    assert directory.meet("ann", "bob") == ({"ann": ANN, "bob": BOB}, False)
    assert directory.meet("bob", "ann") == ({"bob": BOB, "ann": ANN}, True)
    assert directory.meet("ann", "nobody") == ({"ann": ANN}, False)
    assert len(asked) == 3


def test_blocks_are_found_in_both_directions(asked: list[bool]) -> None:
    directory = Directory("profiles")
    assert directory.blocked_between("ann", ["bob", "dan", "nobody"]) == {"dan"}
    assert directory.blocked_between("bob", ["ann"]) == {"ann"}
    assert directory.blocked_between("ann", []) == set()
    assert len(asked) == 2, "an empty list of people causes no read"


def test_relations_to_an_author_are_as_they_are_now(asked: list[bool]) -> None:
    assert Directory("profiles").relations(["ann", "cid", "nobody"], "bob") == {
        "ann": Relation(follows=True), "cid": Relation(follows=True, blocked=True), "nobody": Relation(),
    }  # fmt: skip
    assert asked == [True], "strongly consistent"
