"""A few people for the bench who follow each other, created through the public API."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from kit.client import Account, Accounts, Api, Endpoints
from kit.client.api import wait_for

_PASSWORD = "Bench-2026-local!"  # noqa: S105 - of accounts that exist on the local target only
_COUNT = 8
#: By each; with those of the two they follow a page of the home timeline is full.
_POSTS = 8


@dataclass(frozen=True)
class Crowd:
    """Signed-in accounts of one deployment."""

    endpoints: Endpoints
    accounts: list[Account]


def _await_full_page(api: Api) -> None:
    wait_for(
        lambda: api.get("/v1/timelines/home"),
        # A post that is on a page as a repost too, by an earlier suite, counts once.
        until=lambda page: len(page["items"]) >= 15,
        what="a full page of the home timeline",
        seconds=60,
    )


class NotUpError(RuntimeError):
    """The network that is to be measured does not answer; the message says what starts it."""


def require_network(base_url: str) -> None:
    """Raises: NotUpError."""
    try:
        httpx.get(base_url, timeout=10)
    except httpx.TransportError as error:
        raise NotUpError(f"{base_url} does not answer ({error}); `make up` starts the network") from error


def meet() -> Crowd:
    """Eight people with profiles, and nothing else.

    Raises:
        NotUpError: the network does not answer.
        FileNotFoundError: nothing was deployed.
    """
    endpoints = Endpoints.load()
    require_network(endpoints.base_url)
    joined = Accounts(endpoints)
    accounts = [joined.join(f"bench{number}@example.com", _PASSWORD) for number in range(_COUNT)]
    for number, account in enumerate(accounts):
        with Api(endpoints, account) as api:
            api.put("/v1/me", {"handle": f"bench{number}", "displayName": f"Bench {number}"})
    return Crowd(endpoints, accounts)


def gather() -> Crowd:
    """They also have posts; each follows the next two, and has a full page in the home timeline."""
    crowd = meet()
    endpoints, accounts = crowd.endpoints, crowd.accounts
    apis = [Api(endpoints, account) for account in accounts]
    for number, api in enumerate(apis):
        for step in (1, 2):
            api.put(f"/v1/follows/{accounts[(number + step) % _COUNT].user_id}")
    for api in apis:
        for post in range(_POSTS):
            api.post(
                "/v1/posts", {"clientPostId": f"bench-{post}", "text": f"朝の散歩 a bench post, number {post} #bench"}
            )
    for api in apis:
        _await_full_page(api)
        api.close()
    return crowd
