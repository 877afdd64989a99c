"""A viewer request through cache and origin: hits, revalidation, stale copies, error pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from emulation.aws.messages import Request, Response
from emulation.aws.upstream import UnreachableError, UpstreamTimeoutError
from emulation.edge.cache import Cache
from emulation.edge.distribution import Behavior, Distribution, ErrorRule, Origin
from emulation.edge.functions import FunctionRunner
from emulation.edge.policies import CachePolicy
from emulation.edge.viewer import Exchange, Viewer, new_identity


@dataclass
class FakeOrigins:
    """Answers from a list; an exception in the list is raised."""

    answers: list[Response | Exception]
    asked: list[Request] = field(default_factory=list)

    async def fetch(self, distribution: Distribution, behavior: Behavior, request: Request) -> Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Edge:
    """A viewer with one behaviour that caches for ten seconds."""

    def __init__(self, *answers: Response | Exception, errors: dict[int, ErrorRule] | None = None) -> None:
        self.origins = FakeOrigins(list(answers))
        self.clock = Clock()
        behavior = Behavior("", Origin("o", "h"), cache=CachePolicy(0, 10, 100))
        self.distribution = Distribution("D", "arn", "d.cloudfront.net", True, (), behavior, "index.html", errors or {})
        self.cache = Cache(clock=self.clock)
        self.viewer = Viewer(self.origins, self.cache, FunctionRunner())  # type: ignore[arg-type]

    async def get(self, target: str = "/a", method: str = "GET", **headers: str) -> tuple[Response, str]:
        pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        request = Request(method, target, "", pairs, "127.0.0.1", "http", 80)
        exchange = Exchange(self.distribution, request, new_identity())
        response = await self.viewer.answer(exchange)
        return response, exchange.result


def page(body: bytes = b"one", etag: bytes = b'"1"') -> Response:
    return Response(200, [(b"etag", etag), (b"content-type", b"text/plain")], body)


async def test_a_stale_copy_is_revalidated_and_fresh_again() -> None:
    edge = Edge(page(), Response(304))
    assert (await edge.get())[1] == "Miss"
    edge.clock.now = 11
    response, result = await edge.get()
    assert (response.body, result) == (b"one", "RefreshHit")
    assert edge.origins.asked[1].header(b"if-none-match") == b'"1"'
    assert (await edge.get())[1] == "Hit"


async def test_a_stale_copy_is_served_while_the_origin_fails() -> None:
    edge = Edge(page(), UnreachableError("gone"), Response(503), UpstreamTimeoutError("slow"))
    await edge.get()
    edge.clock.now = 11
    for _ in range(3):
        response, _ = await edge.get()
        assert (response.status, response.body) == (200, b"one")


async def test_without_a_cached_copy_an_origin_failure_is_502_or_504() -> None:
    edge = Edge(UnreachableError("gone"), UpstreamTimeoutError("slow"))
    assert (await edge.get("/a"))[0].status == 502
    assert (await edge.get("/b"))[0].status == 504


async def test_conditional_headers_of_the_viewer_are_not_sent_to_the_origin() -> None:
    edge = Edge(page())
    response, _ = await edge.get(if_none_match='"1"')
    assert response.status == 304
    assert edge.origins.asked[0].header(b"if-none-match") is None
    assert (await edge.get())[0].body == b"one"


async def test_a_range_of_an_uncached_object_goes_to_the_origin() -> None:
    edge = Edge(Response(206, [], b"n"), page())
    response, result = await edge.get(range="bytes=1-1")
    assert (response.status, result) == (206, "Miss")
    assert (await edge.get())[1] == "Miss"
    assert (await edge.get(range="bytes=1-1"))[0].body == b"n"


async def test_other_methods_never_come_from_the_cache() -> None:
    edge = Edge()
    assert (await edge.get(method="POST"))[0].status == 403


async def test_a_custom_error_page_replaces_the_error() -> None:
    rules = {404: ErrorRule("/sorry.html", 200, 5)}
    edge = Edge(Response(404), page(b"sorry"), errors=rules)
    response, result = await edge.get("/nothing")
    assert (response.status, response.body, result) == (200, b"sorry", "Error")
    assert edge.origins.asked[1].target == "/sorry.html"


async def test_an_error_page_that_fails_leaves_the_error() -> None:
    edge = Edge(Response(404, [], b"plain"), Response(500), errors={404: ErrorRule("/sorry.html", 200, 5)})
    assert (await edge.get("/nothing"))[0].body == b"plain"


async def test_the_default_root_object_is_for_the_root_only() -> None:
    edge = Edge(page(), Response(403))
    await edge.get("/")
    await edge.get("/folder/")
    assert [request.target for request in edge.origins.asked] == ["/index.html", "/folder/"]


async def test_an_answer_that_was_asked_for_before_an_invalidation_is_not_kept() -> None:
    """The object may have been deleted while the answer was in transit."""
    edge = Edge(page(b"old"), Response(403), page(b"new"))
    ask = edge.origins.fetch

    async def invalidated_meanwhile(*asked: Any) -> Response:
        edge.cache.purge("D", ["/a"])
        return await ask(*asked)

    edge.origins.fetch = invalidated_meanwhile  # type: ignore[method-assign]
    assert (await edge.get())[0].body == b"old"
    edge.origins.fetch = ask  # type: ignore[method-assign]
    assert (await edge.get())[0].status == 403
    assert [(await edge.get())[1] for _ in range(2)] == ["Miss", "Hit"]
