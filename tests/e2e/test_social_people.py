"""Profiles and the follow graph, through the public API."""

from __future__ import annotations

import pytest

from tests.support.people import Town, eventually


def test_a_profile_is_made_found_and_changed(town: Town) -> None:
    api = town.stranger()
    problem = _refusal(lambda: api.get("/v1/me"))
    assert (problem.status, problem.type) == (404, "profile-missing")
    person, other = town.person("はな 🌸", bio="東京"), town.person()
    assert person.api.get("/v1/me")["displayName"] == "はな 🌸"
    found = other.api.get(f"/v1/users/by-handle/{person.handle.upper()}")
    assert found["id"] == person.id
    assert not any(found["relationship"].values())
    changed = person.api.put("/v1/me", {"handle": person.handle, "displayName": "Hana", "locale": "ja"})
    assert (changed["displayName"], changed["bio"], changed["locale"]) == ("Hana", "東京", "ja")


def test_a_handle_belongs_to_one_person_until_they_change_it(town: Town) -> None:
    first, second = town.person(), town.person()
    wanted = {"handle": first.handle, "displayName": "Second"}
    problem = second.refused("PUT", "/v1/me", wanted)
    assert (problem.status, problem.type) == (409, "handle-taken")
    first.api.put("/v1/me", {"handle": first.handle + "x", "displayName": "First"})
    assert second.api.put("/v1/me", wanted)["handle"] == first.handle
    assert first.api.get(f"/v1/users/by-handle/{first.handle}")["id"] == second.id


def test_following_shows_in_lists_counts_and_relationships(town: Town) -> None:
    reader, author = town.person(), town.person()
    for _ in range(2):
        reader.follow(author)
    seen = eventually(
        lambda: author.api.get("/v1/me"), lambda me: me["counts"]["followers"] == 1, "the follower to be counted"
    )
    assert seen["counts"]["following"] == 0
    shown = reader.api.get(f"/v1/users/{author.id}")
    assert [name for name, holds in shown["relationship"].items() if holds] == ["following"]
    assert [one["id"] for one in reader.api.get(f"/v1/users/{author.id}/followers")["items"]] == [reader.id]
    assert [one["id"] for one in author.api.get(f"/v1/users/{reader.id}/following")["items"]] == [author.id]
    for _ in range(2):
        reader.api.delete(f"/v1/follows/{author.id}")
    eventually(
        lambda: author.api.get("/v1/me"), lambda me: me["counts"]["followers"] == 0, "the follower to be removed"
    )
    assert reader.api.get(f"/v1/users/{author.id}/followers")["items"] == []
    reader.follow(author)
    assert [one["id"] for one in reader.api.get(f"/v1/users/{author.id}/followers")["items"]] == [reader.id]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 400, "handle"),
        ({"handle": "ab", "displayName": "x"}, 400, "handle"),
        ({"handle": "a-b-c", "displayName": "x"}, 400, "handle"),
        ({"handle": "はなはな", "displayName": "x"}, 400, "handle"),
        ({"handle": "admin", "displayName": "x"}, 422, "handle"),
        ({"handle": "valid_1", "displayName": ""}, 400, "displayName"),
        ({"handle": "valid1", "displayName": "x" * 51}, 400, "displayName"),
        ({"handle": "valid1", "displayName": "x", "bio": "y" * 301}, 400, "bio"),
        ({"handle": "valid1", "displayName": "x", "bio": 7}, 400, "bio"),
        ({"handle": "valid1", "displayName": "x", "locale": "xx"}, 400, "locale"),
        ({"handle": "valid1", "displayName": "x", "isAdmin": True}, 400, "isAdmin"),
        ({"handle": "valid1", "displayName": "x", "avatarMediaId": "nope"}, 400, "avatarMediaId"),
        ({"handle": "valid1", "displayName": "x", "avatarMediaId": "01ARZ3NDEKTSV4RRFFQ69G5FAV"}, 422, "avatarMediaId"),
        ([1], 400, "body"),
        (None, 400, "body"),
    ],
)
def test_an_invalid_profile_is_refused_with_the_expected_values(
    town: Town, body: object, status: int, field: str
) -> None:
    problem = town.person().refused("PUT", "/v1/me", body)
    assert problem.status == status, problem
    assert field in [error["field"] for error in problem.document["errors"]], problem


def test_following_your_own_account_or_an_unknown_person_is_refused(town: Town) -> None:
    person = town.person()
    assert person.refused("PUT", f"/v1/follows/{person.id}").status == 422
    assert person.refused("PUT", "/v1/follows/00000000-0000-4000-8000-000000000000").status == 404
    assert person.refused("PUT", "/v1/follows/garbage").status == 400
    stranger = town.stranger()
    problem = _refusal(lambda: stranger.put(f"/v1/follows/{person.id}"))
    assert (problem.status, problem.type) == (404, "profile-missing")


def _refusal(call):  # type: ignore[no-untyped-def]
    from kit.client import Problem

    with pytest.raises(Problem) as refused:
        call()
    return refused.value
