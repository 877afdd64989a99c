"""Saved searches in a real DynamoDB API: the limit under concurrency, and private to their owner."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from services.common.errors import Unprocessable
from services.common.ids import new_id
from services.profiles.saved_search_repository import SavedSearchRepository
from services.profiles.saved_searches import MOST, SavedSearch
from tests.support.aws import Aws
from tests.support.lambdas import new_user


def search(name: str = "x", search_id: str | None = None) -> SavedSearch:
    return SavedSearch(search_id or new_id(), name, "海", "2026-01-01T00:00:00.000Z")


def test_a_repeated_save_updates_and_a_repeated_delete_does_nothing(fresh: Aws) -> None:
    repository, owner, other = SavedSearchRepository("profiles"), new_user(), new_user()
    first, second = search("a"), search("b")
    assert [repository.save(owner, one) for one in (first, second, first)] == [True, True, False]
    assert repository.of(owner) == [second, first]
    repository.delete(other, first.id)
    assert repository.save(owner, search("c", first.id)) is False
    assert [one.name for one in repository.of(owner)] == ["b", "c"]
    for _ in range(2):
        repository.delete(owner, second.id)
    assert [one.name for one in repository.of(owner)] == ["c"]
    assert repository.of(other) == []


def test_the_limit_holds_for_many_at_once(fresh: Aws) -> None:
    repository, owner = SavedSearchRepository("profiles"), new_user()

    def attempt(_: int) -> bool:
        try:
            return repository.save(owner, search())
        except Unprocessable:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(MOST + 6))) == MOST
    kept = repository.of(owner)
    assert len(kept) == MOST
    assert repository.save(owner, search("renamed", kept[0].id)) is False
    repository.delete(owner, kept[0].id)
    assert repository.save(owner, search())
