"""Pages and their cursors do not depend on posts that the reader may not see."""

from __future__ import annotations

from typing import Any

import pytest

from services.query.pages import MOST_PAGES
from tests.support.aws import Aws
from tests.support.social import Network, ids


@pytest.fixture
def network(fresh: Aws) -> Network:
    made = Network(fresh)
    made.skip()
    return made


def walked(network: Network, viewer: str, path: str, limit: int) -> list[str]:
    """Ids of all pages, newest first."""
    found: list[str] = []
    older: str | None = ""
    while older is not None:
        page = network.get(viewer, f"{path}?limit={limit}&cursor={older}")
        found += ids(page["items"])
        older = page["older"]
    return found


@pytest.mark.parametrize("begun", [False, True])
@pytest.mark.parametrize("visibility", ["followers", "mentioned"])
def test_hidden_activity_changes_no_page_of_a_stranger(network: Network, visibility: str, begun: bool) -> None:
    author, other, stranger = (network.person(name) for name in ("a", "o", "s"))
    root = network.post(author)
    if begun:
        network.post(other, "re", replyTo=root["id"])
        network.post(other, "look", quoteOf=root["id"])
    lists = [f"/v1/posts/{root['id']}/{one}" for one in ("replies", "quotes", "thread")] + [f"/v1/users/{other}/posts"]
    network.project()
    before = [network.get(stranger, path) for path in lists]
    for more in ({"replyTo": root["id"]}, {"quoteOf": root["id"]}, {}):
        network.post(other, f"@{network.handle_of(author, 'a')}", visibility=visibility, **more)
    network.project()
    assert [network.get(stranger, path) for path in lists] == before
    pages = {path: page["newer"] or "" for path, page in zip(lists, before, strict=True) if "newer" in page}
    polled = {path: network.get(stranger, f"{path}?cursor={newer}")["newer"] or "" for path, newer in pages.items()}
    assert polled == pages


def test_pages_continue_past_any_number_of_hidden_posts(network: Network) -> None:
    author, stranger = network.person("a"), network.person("s")
    shown = [network.post(author)["id"]]
    first: Any = network.get(stranger, f"/v1/users/{author}/posts")
    for _ in range(MOST_PAGES * 2 + 3):
        network.post(author, visibility="followers")
    shown.insert(0, network.post(author)["id"])
    network.post(author, visibility="followers")
    path = f"/v1/users/{author}/posts"
    assert [walked(network, stranger, path, limit) for limit in (1, 2, 20)] == [shown] * 3
    newer, found = first["newer"], []
    for _ in range(20):
        page = network.get(stranger, f"{path}?limit=2&cursor={newer}")
        found, newer = found + ids(page["items"]), page["newer"]
    assert found == shown[:1]


def test_lists_of_people_have_no_pages_across_a_block(network: Network) -> None:
    author, follower, blocked = (network.person(name) for name in ("a", "f", "b"))
    network.follow(follower, author)
    network.follow(author, follower)
    network.request(author, "PUT", f"/v1/blocks/{blocked}")
    for which in ("followers", "following"):
        nothing = {"items": [], "older": None, "newer": None}
        assert network.get(blocked, f"/v1/users/{author}/{which}") == nothing
        assert network.get(follower, f"/v1/users/{author}/{which}")["newer"]
