"""Profiles and edges in a real DynamoDB API: contended handles, and edges without duplicates."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from services.common.clock import now_text
from services.common.errors import Conflict, HandleTaken
from services.profiles.commands import ProfileCommands
from services.profiles.model import BioMention, Profile
from services.profiles.repository import ProfileRepository
from tests.support.aws import Aws
from tests.support.lambdas import new_user


def profile(handle: str, user: str | None = None) -> Profile:
    moment = now_text()
    return Profile(id=user or new_user(), handle=handle, display_name="x", created_at=moment, updated_at=moment)


def unique() -> str:
    return "h" + new_user().replace("-", "")[:15]


def test_one_of_many_concurrent_claims_gets_the_handle(fresh: Aws) -> None:
    repository, handle = ProfileRepository("profiles"), unique()

    def attempt(_: int) -> bool:
        try:
            repository.create(profile(handle))
        except HandleTaken:
            return False
        return True

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(attempt, range(10))) == 1


def test_a_changed_handle_frees_the_old_one_and_nothing_is_half_done(fresh: Aws) -> None:
    repository, old, new = ProfileRepository("profiles"), unique(), unique()
    before, other = profile(old), profile(new)
    repository.create(before)
    repository.create(other)
    with pytest.raises(HandleTaken):
        repository.update(replace(before, handle=new, version=2), before)
    assert repository.id_of_handle(old) == before.id
    free = unique()
    after = replace(before, handle=free, version=2)
    repository.update(after, before)
    assert repository.ids_of_handles([old, free]) == {free: before.id}
    with pytest.raises(Conflict):
        repository.update(replace(before, bio="late", version=2), before)
    assert repository.get(before.id) == after
    repository.create(profile(old))


def test_a_second_first_profile_is_a_conflict(fresh: Aws) -> None:
    repository, first = ProfileRepository("profiles"), profile(unique())
    repository.create(first)
    with pytest.raises(Conflict) as refused:
        repository.create(profile(unique(), first.id))
    assert type(refused.value) is Conflict


def test_edges_change_once_and_their_version_grows(fresh: Aws) -> None:
    repository, a, b = ProfileRepository("profiles"), new_user(), new_user()
    assert [repository.unfollow(a, b), repository.follow(a, b), repository.follow(a, b)] == [False, True, False]
    assert repository.follows(a, [b]) == {b}
    assert [repository.unfollow(a, b), repository.unfollow(a, b)] == [True, False]
    assert repository.follows(a, [b]) == set()
    assert repository.followers(b, None, 10).items == []
    assert repository.follow(a, b)
    (edge,) = repository.followers(b, None, 10).items
    assert edge["version"] == 3
    assert repository.following_ids(a, 10) == [b]
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: repository.unfollow(a, b), range(8))) == 1


def test_lists_page_newest_first(fresh: Aws) -> None:
    repository, target = ProfileRepository("profiles"), new_user()
    people = [new_user() for _ in range(5)]
    for one in people:
        repository.follow(one, target)
    first = repository.followers(target, None, 3)
    assert [edge["followerId"] for edge in first.items] == people[:1:-1]


class NoPictures:
    def picture_url(self, owner_id: str, media_id: str, *, large: bool = False) -> str | None:
        return None


def test_a_mention_in_a_bio_keeps_its_person(fresh: Aws) -> None:
    repository = ProfileRepository("profiles")
    commands = ProfileCommands(repository, NoPictures())
    friend, other, writer = profile(unique()), profile(unique()), new_user()
    repository.create(friend)
    bio = f"With @{friend.handle} and @{unique()}nobody"
    made, _ = commands.save(writer, unique(), "Writer", {"bio": bio})
    meant = (BioMention(friend.handle, friend.id),)
    assert made.bio_mentions == meant
    # The friend renames, another person takes the handle, the bio is edited
    repository.update(replace(friend, handle=unique(), version=2), friend)
    repository.create(replace(other, handle=friend.handle))
    edited, _ = commands.save(writer, made.handle, "Writer", {"bio": f"{bio}."})
    assert edited.bio_mentions == meant
    assert repository.get(writer) == edited
    # After the bio is saved again, it refers to the handle's current owner
    commands.save(writer, made.handle, "Writer", {"bio": ""})
    again, _ = commands.save(writer, made.handle, "Writer", {"bio": bio})
    assert again.bio_mentions == (BioMention(friend.handle, other.id),)
