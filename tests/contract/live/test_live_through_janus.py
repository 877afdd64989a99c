"""Broadcasts through a real Janus, with a publisher and a viewer outside browsers."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from services.common.people import Directory
from services.live.commands import LiveCommands
from services.live.looking import LiveLook
from services.live.media_server import SfuLiveMedia
from services.live.message_repository import LiveMessageRepository
from services.live.model import LiveAudience
from services.live.repository import LiveRepository
from tests.contract.sfu.media_server import SECRET, Running
from tests.contract.sfu.peers import SDP, Viewer, bearer, publishing, until
from tests.support.lambdas import new_user

pytestmark = pytest.mark.usefixtures("fresh")


@pytest.fixture
def commands(running: Running) -> LiveCommands:
    lives, media = LiveRepository("live"), SfuLiveMedia(running.url, running.url, lambda: SECRET)
    return LiveCommands(lives, LiveMessageRepository("live"), Directory("profiles"), media, LiveLook(lives, media))


def test_a_program_broadcasts_is_watched_and_is_disconnected_at_the_end(
    running: Running, commands: LiveCommands
) -> None:
    host, viewer = new_user(), new_user()
    live, _ = commands.start(host, "a", "Tea", LiveAudience.PUBLIC)
    given = commands.ingest(host, live.id, program=True)

    def state() -> tuple[str, bool]:
        """The state that the timer would read."""
        found = commands.look.at(live.id)
        assert found
        return str(found.state), found.interrupted_at is not None

    async def broadcast() -> None:
        async with httpx.AsyncClient(base_url=running.url, timeout=30) as http:
            assert state() == ("waiting", False)
            async with publishing(http, given.url, given.token):
                await until(lambda: state() == ("live", False))
                _, watching = commands.watch(viewer, live.id, "page-0001")
                page = Viewer()
                await page.watch(http, watching.url, watching.token)
                await page.sees_and_hears()
                await page.close()
            await until(lambda: state() == ("live", True))
            async with publishing(http, given.url, given.token) as connection:
                await until(lambda: state() == ("live", False))
                assert str(commands.end(host, live.id, moderates=False).state) == "ended"
                await until(lambda: connection.connectionState in ("closed", "failed"))
            for one in (given, watching):
                answer = await http.post(one.url, content=b"v=0", headers=SDP | bearer(one.token))
                assert answer.status_code == 401

    asyncio.run(broadcast())
