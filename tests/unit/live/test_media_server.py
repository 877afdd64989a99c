"""Tokens for the media server: the grants of each role, and the expiry."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import jwt
import pytest

from emulation.sfu import tokens
from services.common.clock import now
from services.common.errors import LiveUnavailable
from services.live.media_server import (
    PAGE_TOKEN_LIFETIME,
    PROGRAM_TOKEN_LIFETIME,
    LivePass,
    SfuLiveMedia,
)

_SECRET = "a secret that both have, of 32 bytes"
_MEDIA = SfuLiveMedia("http://localhost:8086", "http://127.0.0.1:9", lambda: _SECRET)


def read(given: LivePass) -> tokens.Token:
    return tokens.read(f"Bearer {given.token}", _SECRET)


@pytest.mark.parametrize(("program", "lifetime"), [(False, PAGE_TOKEN_LIFETIME), (True, PROGRAM_TOKEN_LIFETIME)])
def test_a_host_publishes_while_the_broadcast_is_held_open(program: bool, lifetime: timedelta) -> None:
    given = _MEDIA.ingest("live", program=program)
    found = read(given)
    assert given.url == "http://localhost:8086/whip/live/host"
    assert (found.room, found.feed, found.held, found.app) == ("live", "host", True, False)
    left = datetime.fromtimestamp(found.expires, UTC) - now()
    assert lifetime - timedelta(minutes=1) < left <= lifetime


def test_a_viewers_token_only_allows_watching_and_is_anonymous() -> None:
    given = _MEDIA.viewing("live", "ann", "page-0001")
    found = read(given)
    assert given.url == "http://localhost:8086/whep/live/host"
    assert (found.room, found.feed, found.held, found.app) == ("live", None, True, False)
    assert "ann" not in json.dumps(jwt.decode(given.token, options={"verify_signature": False}))
    assert found.page != read(_MEDIA.viewing("live", "ann", "page-0002")).page


def test_an_unreachable_media_server_holds_no_broadcast() -> None:
    assert _MEDIA.hold("live") is False
    _MEDIA.close("live")


def test_going_live_without_a_media_server_is_refused() -> None:
    _MEDIA.check()
    with pytest.raises(LiveUnavailable):
        SfuLiveMedia().check()
