"""The media server's front with a real Janus behind it: who is admitted, and which media are sent and received."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import httpx
import pytest

from kit import sfu
from kit.settings import Settings
from services.common.clock import now
from services.common.media_tokens import signed
from tests.contract.sfu.media_server import SECRET, Running
from tests.contract.sfu.peers import SDP, Viewer, bearer, publishing, until
from tests.support.lambdas import new_user


def token(room: str, page: str, *, feed: str | None = None, seconds: float = 60) -> str:
    claims = {"room": room, "page": page, "exp": int(now().timestamp() + seconds)}
    return signed(claims | ({"feed": feed} if feed else {}), SECRET)


@pytest.mark.parametrize("offers", [False, True])
def test_a_viewer_sees_and_hears_the_publisher(running: Running, offers: bool) -> None:
    room = new_user()

    async def talk() -> None:
        async with running.client() as http:
            viewer = Viewer()
            # The viewer waits for the publisher, who arrives a moment later
            watching = asyncio.ensure_future(viewer.watch(http, f"/whep/{room}/ann", token(room, "bob"), offers=offers))
            async with publishing(http, f"/whip/{room}/ann", token(room, "ann", feed="ann")):
                await watching
                await viewer.sees_and_hears()
                assert running.counts() == (1, 1)
            # The publisher disappeared: its viewers are disconnected, and the room is empty
            await until(lambda: running.counts() == (0, 0))
            await viewer.close()

    asyncio.run(talk())


def test_a_stranger_with_the_id_of_a_room_gets_nothing(running: Running) -> None:
    room, other = new_user(), new_user()
    mine = token(room, "ann", feed="ann")
    refused = (
        {},
        bearer("x"),
        bearer(token(other, "eve", feed="ann")),
        bearer(token(room, "eve", feed="ann", seconds=-1)),
        bearer(mine[:-4] + "AAAA"),
    )

    async def attempt() -> None:
        async with running.client() as http, publishing(http, f"/whip/{room}/ann", mine) as connection:
            await until(lambda: connection.connectionState == "connected")
            for headers in refused:
                for path in (f"/whip/{room}/ann", f"/whep/{room}/ann"):
                    answer = await http.post(path, content=b"v=0", headers=SDP | headers)
                    assert (answer.status_code, "candidate" in answer.text) == (401, False)
            # A viewer's token does not allow publishing, and a token is valid for one page only
            for given in (token(room, "bob"), token(room, "bob", feed="bob")):
                answer = await http.post(f"/whip/{room}/ann", content=b"v=0", headers=SDP | bearer(given))
                assert answer.status_code == 401
            for ask in (http.patch, http.delete):
                assert (await ask("/sessions/guessed")).status_code in (200, 415)
            assert running.counts() == (1, 0)

    asyncio.run(attempt())


def test_the_sessions_of_a_page_end_with_its_last_token(running: Running) -> None:
    room = new_user()

    async def talk() -> None:
        async with running.client() as http:
            # Wait for the sessions of earlier tests to end.
            await until(lambda: running.counts() == (0, 0))
            first, first_ends = token(room, "ann", feed="ann", seconds=3), now().timestamp() + 4
            async with publishing(http, f"/whip/{room}/ann", first) as connection:
                renewed = await http.put("/leases", headers=bearer(token(room, "ann", feed="ann", seconds=8)))
                assert renewed.status_code == 204
                await until(lambda: now().timestamp() > first_ends)
                assert running.counts() == (1, 0)
                await until(lambda: running.counts() == (0, 0))
                await until(lambda: connection.connectionState in ("closed", "failed"))

    asyncio.run(talk())


def test_the_media_server_refuses_foreign_origins(running: Running) -> None:
    answer = httpx.post(f"{running.url}/whep/r/f", headers={"origin": "https://elsewhere.example"})
    assert answer.status_code == 403


def test_janus_listens_on_no_port(running: Running) -> None:
    done = subprocess.run(["ss", "-lntp"], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("no `ss` here")
    assert f"pid={running.janus.pid}," not in done.stdout


def test_missing_janus_is_reported_with_its_installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sfu.shutil, "which", lambda name: None)
    found = sfu.problem(Settings(root=tmp_path))
    assert found is not None
    assert "apt-get install janus" in found


def of_app(room: str) -> dict[str, str]:
    claims = {"room": room, "page": "app", "app": True, "exp": int(now().timestamp() + 60)}
    return bearer(signed(claims, SECRET))


def held_token(room: str, page: str, **more: str) -> str:
    """A token that is valid only while the app holds the room open."""
    claims = {"room": room, "page": page, "held": True, "exp": int(now().timestamp() + 3600), **more}
    return signed(claims, SECRET)


def test_a_broadcast_lasts_as_long_as_the_app_holds_it_open(running: Running) -> None:
    room = new_user()
    path, mine, theirs = f"/whip/{room}/host", held_token(room, "host", feed="host"), held_token(room, "bob")

    async def refused(http: httpx.AsyncClient) -> None:
        for one, given in ((path, mine), (f"/whep/{room}/host", theirs)):
            assert (await http.post(one, content=b"v=0", headers=SDP | bearer(given))).status_code == 401
        assert (await http.put("/leases", headers=bearer(mine))).status_code == 401

    async def sends(http: httpx.AsyncClient) -> bool:
        answer = await http.put(f"/rooms/{room}", headers=of_app(room))
        assert answer.status_code == 200, answer.text
        found: bool = answer.json()["sends"]
        return found

    async def broadcast() -> None:
        async with running.client() as http:
            await refused(http)
            assert not await sends(http)
            async with publishing(http, path, mine) as connection:
                viewer = Viewer()
                await viewer.watch(http, f"/whep/{room}/host", theirs)
                await viewer.sees_and_hears()
                assert await sends(http)
                assert (await http.delete(f"/rooms/{room}", headers=of_app(room))).status_code == 200
                await until(lambda: connection.connectionState in ("closed", "failed"))
                await viewer.close()
            await refused(http)
            assert not await sends(http)

    asyncio.run(broadcast())


def test_only_the_app_can_keep_rooms_open_and_end_them(running: Running) -> None:
    room = new_user()
    for headers in ({}, bearer(token(room, "ann", feed="ann")), of_app(new_user())):
        for method in ("PUT", "DELETE"):
            assert httpx.request(method, f"{running.url}/rooms/{room}", headers=headers).status_code == 401
