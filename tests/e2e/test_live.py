"""A broadcast through the running network: a publisher and viewers outside browsers, checked by decoded frames."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from kit.client import Endpoints, Problem, Socket
from kit.client.api import wait_for
from tests.contract.sfu.peers import SDP, Viewer, bearer, publishing, until
from tests.support.people import Person, Town

#: An interruption lasts up to 30 seconds, and is detected to within a few seconds.
_PATIENCE = 180.0
_HEARTBEAT_SECONDS = 15
Live = dict[str, Any]


@dataclass
class Show:
    """A broadcast that ``host`` makes."""

    host: Person
    id: str

    @classmethod
    def start(cls, host: Person, audience: str = "public") -> Show:
        body = {"clientLiveId": uuid.uuid4().hex, "title": "Tea", "audience": audience}
        return cls(host, host.api.post("/v1/live", body)["id"])

    @property
    def path(self) -> str:
        return f"/v1/live/{self.id}"

    async def becomes(self, what: str, condition: Callable[[Live], object]) -> Live:
        """Poll the state while the peers keep running."""
        return await asyncio.to_thread(
            wait_for, lambda: self.host.api.get(self.path), until=condition, what=what, seconds=_PATIENCE
        )

    async def program(self) -> dict[str, str]:
        """The ingest URL and token for a program such as OBS."""
        found: dict[str, str] = await asyncio.to_thread(self.host.api.post, f"{self.path}/ingest", {"program": True})
        return found

    @contextlib.asynccontextmanager
    async def watched_by(self, person: Person, http: httpx.AsyncClient) -> AsyncIterator[Viewer]:
        """Watch as a page does: with a heartbeat and a newer token every 15 seconds."""
        session, viewer = uuid.uuid4().hex, Viewer()

        async def ask() -> dict[str, str]:
            found: dict[str, str] = await asyncio.to_thread(
                person.api.post, f"{self.path}/viewing", {"session": session}
            )
            return found

        async def keep() -> None:
            # Until the broadcast ends
            with contextlib.suppress(Problem):
                while True:
                    await asyncio.sleep(_HEARTBEAT_SECONDS)
                    newer = await ask()
                    await http.put("/leases", headers=bearer(newer["token"]))

        given = await ask()
        keeping = asyncio.ensure_future(keep())
        try:
            await viewer.watch(http, given["url"], given["token"])
            yield viewer
        finally:
            keeping.cancel()
            await viewer.close()


@pytest.fixture
def media_server(endpoints: Endpoints) -> str:
    found = endpoints.document.get("sfu")
    if not found:
        pytest.skip("this network has no media server (make up SFU=yes, with janus installed)")
    return str(found)


def run(act: Callable[[httpx.AsyncClient], Coroutine[Any, Any, None]], url: str) -> None:
    async def with_client() -> None:
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        async with httpx.AsyncClient(base_url=origin, timeout=60) as http:
            await act(http)

    # In its own thread: a browser that another test left open keeps an event loop running in this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, with_client()).result()


async def hung_up(viewer: Viewer) -> None:
    await until(lambda: viewer.connection.connectionState in ("closed", "failed"), _PATIENCE)


def told_of(person: Person, show: Show) -> list[dict[str, Any]]:
    return [one for one in person.api.get("/v1/notifications", limit=50)["items"] if one["liveId"] == show.id]


def test_two_people_watch_and_comment_until_the_host_ends_the_broadcast(
    town: Town, endpoints: Endpoints, media_server: str
) -> None:
    ann, bob, cid = (town.person(name) for name in ("Ann", "Bob", "Cid"))
    bob.follow(ann)
    show = Show.start(ann)
    assert bob.api.get("/v1/live")["items"] == []

    async def broadcast(http: httpx.AsyncClient) -> None:
        given = await show.program()
        async with publishing(http, given["url"], given["token"]):
            await show.becomes("the broadcast to be live", lambda live: live["state"] == "live")
            await asyncio.to_thread(
                wait_for, lambda: told_of(bob, show), until=bool, what="the follower's notification", seconds=_PATIENCE
            )
            assert [one["id"] for one in bob.api.get("/v1/live")["items"]] == [show.id]
            assert cid.api.get(f"/v1/users/{ann.id}")["live"] == show.id
            async with show.watched_by(bob, http) as first, show.watched_by(cid, http) as second:
                await first.sees_and_hears()
                await second.sees_and_hears()
                await show.becomes("two viewers", lambda live: live["viewers"] == 2)
                message = {"clientMessageId": "m", "text": "hello"}
                with Socket(endpoints, bob.api) as screen:
                    written = await asyncio.to_thread(cid.api.post, f"{show.path}/messages", message)
                    frame = await asyncio.to_thread(screen.wait, "live.message", seconds=_PATIENCE)
                    assert frame["data"] == {"liveId": show.id, "message": written}
                    ended = await asyncio.to_thread(ann.api.post, f"{show.path}/end")
                    assert ended["mostViewers"] == 2
                    await asyncio.to_thread(
                        screen.wait, "live.updated", lambda data: data["live"]["state"] == "ended", seconds=_PATIENCE
                    )
                for viewer in (first, second):
                    await hung_up(viewer)
        # The program's token, valid for twelve hours, is refused after the end
        refused = await http.post(given["url"], content=b"v=0", headers=SDP | bearer(given["token"]))
        assert refused.status_code == 401
        await asyncio.to_thread(
            wait_for,
            lambda: told_of(bob, show),
            until=lambda found: not found,
            what="the notification of the ended broadcast to be removed",
            seconds=_PATIENCE,
        )

    run(broadcast, media_server)
    for who, route, body in ((ann, "ingest", {}), (bob, "viewing", {"session": "page-0001"})):
        assert who.refused("POST", f"{show.path}/{route}", body).type == "live-over"
    assert bob.api.get("/v1/live")["items"] == []


@pytest.mark.long
def test_a_disconnected_host_can_return_and_ends_the_broadcast_otherwise(town: Town, media_server: str) -> None:
    ann, bob = town.person("Ann"), town.person("Bob")
    show = Show.start(ann)

    async def broadcast(http: httpx.AsyncClient) -> None:
        given = await show.program()
        async with publishing(http, given["url"], given["token"]):
            await show.becomes("the broadcast to be live", lambda live: live["state"] == "live")
        await show.becomes("an interruption", lambda live: live["interrupted"])
        async with publishing(http, given["url"], given["token"]):
            back = await show.becomes("the host to be back", lambda live: not live["interrupted"])
            assert back["state"] == "live"
            async with show.watched_by(bob, http) as viewer:
                await viewer.sees_and_hears()
        await show.becomes("the end", lambda live: live["state"] == "ended")

    run(broadcast, media_server)


def test_a_person_who_may_not_watch_is_refused_even_with_ids_and_links(town: Town, media_server: str) -> None:
    ann, bob, eve, mal = (town.person(name) for name in ("Ann", "Bob", "Eve", "Mal"))
    bob.follow(ann)
    ann.api.put(f"/v1/blocks/{mal.id}")
    show, other = Show.start(ann, audience="followers"), Show.start(eve)
    for person in (eve, mal):
        for method, route, body in (
            ("GET", "", None),
            ("GET", "/messages", None),
            ("POST", "/viewing", {"session": "page-0001"}),
            ("POST", "/messages", {"clientMessageId": "m", "text": "x"}),
            ("POST", "/ingest", {}),
            ("POST", "/end", None),
        ):
            assert person.refused(method, f"{show.path}{route}", body).status == 404
    assert bob.refused("POST", f"{show.path}/ingest", {}).status == 403
    assert bob.refused("POST", f"{show.path}/end").status == 403
    watching = bob.api.post(f"{show.path}/viewing", {"session": "page-0001"})
    elsewhere = eve.api.post(f"{other.path}/ingest", {"program": True})
    own = ann.api.post(f"{show.path}/ingest", {})

    async def attempt(http: httpx.AsyncClient) -> None:
        # Without a token, with another broadcast's token, and with a viewer's token at the ingest
        for url, headers in (
            (own["url"], {}),
            (watching["url"], {}),
            (own["url"], bearer(elsewhere["token"])),
            (watching["url"], bearer(elsewhere["token"])),
            (own["url"], bearer(watching["token"])),
        ):
            answer = await http.post(url, content=b"v=0", headers=SDP | headers)
            assert answer.status_code == 401, (url, answer.text)

    run(attempt, media_server)
    for one in (show, other):
        one.host.api.post(f"{one.path}/end")
