"""Freshness, error caching, eviction and invalidation of the edge cache."""

from __future__ import annotations

import pytest

from emulation.aws.messages import Request, Response
from emulation.edge.cache import Cache, lifetime
from emulation.edge.distribution import Behavior, Distribution, ErrorRule, Origin
from emulation.edge.policies import CachePolicy, Selection
from emulation.edge.viewer import cache_key

POLICY = CachePolicy(minimum=1, default=100, maximum=1000)
NEVER = CachePolicy(minimum=0, default=0, maximum=0)


def answer(status: int = 200, control: str = "", body: bytes = b"x") -> Response:
    return Response(status, [(b"cache-control", control.encode())] if control else [], body)


@pytest.mark.parametrize(
    ("control", "seconds"),
    [
        ("", 100),
        ("max-age=50", 50),
        ("max-age=50, s-maxage=70", 70),
        ("max-age=0", 1),
        ("max-age=99999", 1000),
        ("no-store", 1),
        ("private, max-age=60", 1),
        ("no-cache", 1),
        ("public, immutable, max-age=500", 500),
    ],
)
def test_lifetimes_stay_within_the_policy(control: str, seconds: float) -> None:
    assert lifetime(answer(control=control), POLICY, {}) == seconds


def test_caching_disabled_caches_only_errors() -> None:
    assert lifetime(answer(control="max-age=60"), NEVER, {}) == 0
    assert lifetime(answer(404), NEVER, {}) == 10
    assert lifetime(answer(503), NEVER, {}) == 10


@pytest.mark.parametrize(
    ("status", "control", "seconds"),
    [
        (404, "", 10),
        (404, "no-store", 0),
        (404, "max-age=60", 60),
        (500, "no-store", 10),
        (403, "", 0),
        (403, "max-age=60", 60),
        (401, "", 0),
        (429, "max-age=60", 0),
        (416, "", 0),
    ],
)
def test_errors_are_cached_as_cloudfront_documents(status: int, control: str, seconds: float) -> None:
    assert lifetime(answer(status, control), POLICY, {}) == seconds


def test_the_distribution_sets_the_time_of_an_error() -> None:
    rules = {404: ErrorRule(caching_seconds=0), 403: ErrorRule(caching_seconds=30)}
    assert lifetime(answer(404), POLICY, rules) == 0
    assert lifetime(answer(403), POLICY, rules) == 30


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_entry_expires_and_is_renewed() -> None:
    clock = Clock()
    cache = Cache(clock=clock)
    entry = cache.put(("D", 1), answer(), "/a", 10)
    assert entry is not None
    clock.now = 9
    assert cache.fresh(entry)
    assert cache.age(entry) == 9
    clock.now = 10
    assert not cache.fresh(entry)
    cache.renew(entry, 10)
    assert cache.fresh(entry)
    assert cache.age(entry) == 0


def test_the_least_recently_used_goes_first() -> None:
    cache = Cache(capacity=3_000)
    for name in "abc":
        cache.put(("D", name), answer(body=b"x" * 400), f"/{name}", 10)
    cache.get(("D", "a"))
    cache.put(("D", "d"), answer(body=b"x" * 400), "/d", 10)
    assert [cache.get(("D", name)) is not None for name in "abcd"] == [True, False, True, True]
    assert cache.bytes <= 3_000


def test_an_invalidation_removes_one_path_or_all_that_match() -> None:
    cache = Cache()
    for path in ("/index.html", "/assets/a.js", "/assets/b.js"):
        cache.put(("D", path), answer(), path, 10)
    cache.put(("E", "/index.html"), answer(), "/index.html", 10)
    assert cache.purge("D", ["/index.html"]) == 1
    assert cache.purge("D", ["/assets/*"]) == 2
    assert len(cache) == 1


def request(query: str = "", headers: list[tuple[bytes, bytes]] | None = None) -> Request:
    return Request("GET", "/a", query, headers or [], "127.0.0.1", "http", 80)


def test_the_cache_key_holds_only_the_values_that_the_policy_names() -> None:
    policy = CachePolicy(
        query=Selection("whitelist", frozenset(("size",))),
        cookies=Selection("allExcept", frozenset(("tracking",))),
        headers=Selection("whitelist", frozenset(("accept-language",))),
    )
    behavior = Behavior("", Origin("o", "h"), cache=policy)
    distribution = Distribution("D", "arn", "d.cloudfront.net", True, (), behavior)

    def key(query: str, language: bytes, cookie: bytes) -> tuple[object, ...]:
        headers = [(b"accept-language", language), (b"cookie", cookie), (b"user-agent", query.encode())]
        return cache_key(distribution, behavior, request(query, headers))

    assert key("size=1&utm=2", b"ja", b"tracking=1") == key("size=1&utm=3", b"ja", b"tracking=2")
    assert key("size=1", b"ja", b"") != key("size=2", b"ja", b"")
    assert key("size=1", b"ja", b"") != key("size=1", b"en", b"")
    assert key("size=1", b"ja", b"a=1") != key("size=1", b"ja", b"a=2")
