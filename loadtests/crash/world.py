"""A few people who follow each other and talk in pairs: new ones for each world, so that counts begin at nothing."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise

from kit.client import Accounts, Api, Endpoints
from loadtests.crash.insist import insist
from loadtests.crash.ledger import Ledger
from loadtests.crash.session import Refreshing

PASSWORD = "Crash-2026-local!"  # noqa: S105 - of accounts that exist on the local target only


@dataclass
class World:
    """``word`` stands in every post of it, and nowhere else."""

    endpoints: Endpoints
    accounts: Accounts
    people: dict[str, Api]
    handles: dict[str, str]
    #: Conversation → its two members.
    pairs: dict[str, tuple[str, str]]
    word: str
    ledger: Ledger = field(default_factory=Ledger)
    #: When its last round ended (monotonic).
    ended: float = 0.0

    def others(self, person: str) -> list[str]:
        return [one for one in self.people if one != person]

    def close(self) -> None:
        for api in self.people.values():
            api.close()


def settle(endpoints: Endpoints, size: int) -> World:
    """Make a world of ``size`` people who follow each other.

    Raises:
        TimeoutError: it could not be made.
    """
    accounts = Accounts(endpoints)
    word = f"crash{secrets.token_hex(5)}"

    def join(number: int) -> tuple[Api, str]:
        handle = f"{word}_{number}"[:30]
        account = accounts.join(f"{handle}@example.com", PASSWORD)
        api = Api(endpoints, account)
        api.http.auth = Refreshing(account, accounts.refresh)
        _must(lambda: api.put("/v1/me", {"handle": handle, "displayName": f"Crash {number}"}))
        return api, handle

    with ThreadPoolExecutor(3) as pool:
        joined = list(pool.map(join, range(size)))
    people = {person_of(api): api for api, _ in joined}
    for person, api in people.items():
        for other in people:
            if other != person:
                _must(partial(api.put, f"/v1/follows/{other}"))
    pairs: dict[str, tuple[str, str]] = {}
    for first, second in pairwise(people):
        _must(partial(_meet, people, first, second, pairs))
    return World(endpoints, accounts, people, {person_of(api): handle for api, handle in joined}, pairs, word)


def _meet(people: dict[str, Api], first: str, second: str, pairs: dict[str, tuple[str, str]]) -> None:
    conversation = people[first].post("/v1/conversations", {"memberId": second})["id"]
    pairs[str(conversation)] = (first, second)


def _must(act: Callable[[], object]) -> None:
    odd: Counter[str] = Counter()
    if not insist(act, odd):
        raise TimeoutError(f"no world could be made: {dict(odd) or 'nothing answers'}")


def person_of(api: Api) -> str:
    assert api.account is not None
    return api.account.user_id
