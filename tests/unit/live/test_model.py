"""The state of a broadcast: from the media server's events, and from time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.common.clock import to_text
from services.common.errors import LiveOver
from services.live.model import (
    INTERRUPTION_TIME,
    WAITING_TIME,
    Broadcast,
    LiveAudience,
    LiveState,
)

START = datetime(2026, 12, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def new_live(audience: LiveAudience = LiveAudience.PUBLIC) -> Broadcast:
    return Broadcast("live", "ann", "Tea", audience, LiveState.WAITING, to_text(START))


def on_air() -> Broadcast:
    return new_live().seen(sends=True, viewers=0, at=START)


def test_a_broadcast_is_live_once_the_media_server_has_its_picture() -> None:
    waiting = new_live().seen(sends=False, viewers=1, at=START + SECOND)
    assert (waiting.state, waiting.viewers, waiting.started_at) == (LiveState.WAITING, 1, None)
    live = waiting.seen(sends=True, viewers=2, at=START + 2 * SECOND)
    assert (live.state, live.started_at) == (LiveState.LIVE, to_text(START + 2 * SECOND))
    later = live.seen(sends=True, viewers=0, at=START + 9 * SECOND)
    assert (later.started_at, later.viewers, later.most_viewers) == (live.started_at, 0, 2)


def test_a_broadcast_without_a_picture_ends_after_ten_minutes() -> None:
    assert not new_live().seen(sends=False, viewers=0, at=START + WAITING_TIME - SECOND).is_over
    ended = new_live().seen(sends=False, viewers=3, at=START + WAITING_TIME)
    assert (ended.state, ended.ended_at, ended.viewers) == (LiveState.ENDED, to_text(START + WAITING_TIME), 0)


def test_a_host_whose_picture_stops_has_thirty_seconds_to_come_back() -> None:
    stopped = on_air().seen(sends=False, viewers=1, at=START + SECOND)
    assert (stopped.state, stopped.interrupted_at) == (LiveState.LIVE, to_text(START + SECOND))
    still = stopped.seen(sends=False, viewers=1, at=START + INTERRUPTION_TIME)
    assert still.interrupted_at == stopped.interrupted_at
    back = still.seen(sends=True, viewers=1, at=START + INTERRUPTION_TIME)
    assert (back.state, back.interrupted_at) == (LiveState.LIVE, None)
    assert still.seen(sends=False, viewers=1, at=START + SECOND + INTERRUPTION_TIME).is_over


def test_an_ended_broadcast_stays_ended() -> None:
    ended = on_air().ended(START + SECOND)
    assert ended.ended(START + 2 * SECOND) == ended
    assert replace(on_air(), interrupted_at=to_text(START)).ended(START + SECOND) == ended, "no longer interrupted"
    assert ended.seen(sends=True, viewers=5, at=START + 2 * SECOND) == ended
    with pytest.raises(LiveOver):
        ended.check_running()
    on_air().check_running()


@pytest.mark.parametrize(
    ("audience", "follows", "blocked", "admitted"),
    [
        (LiveAudience.PUBLIC, False, False, True),
        (LiveAudience.PUBLIC, True, True, False),
        (LiveAudience.FOLLOWERS, False, False, False),
        (LiveAudience.FOLLOWERS, True, False, True),
        (LiveAudience.FOLLOWERS, True, True, False),
    ],
)
def test_audience_follows_and_blocks_decide_who_may_watch(
    audience: LiveAudience, follows: bool, blocked: bool, admitted: bool
) -> None:
    live = new_live(audience)
    assert live.admits("bob", follows=follows, blocked=blocked) is admitted
    assert live.admits("ann", follows=False, blocked=False)
