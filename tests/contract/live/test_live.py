"""Broadcasts, called as the gateway calls them, on a real DynamoDB API; the media server is a fake."""

from __future__ import annotations

import base64
import json
import os
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from services.common.entry import Handler
from services.common.events import ModerationDecided, UserBlocked
from services.live import handler as functions
from services.live.listener import LiveListener
from services.live.looking import LiveEndings, LiveLook
from services.live.media_server import SfuLiveMedia
from services.live.public import personal_data
from services.live.repository import LiveRepository
from services.profiles import handler as profiles
from services.profiles.public import ProfileRepository
from services.query import handler as queries
from tests.support.aws import Aws
from tests.support.lambdas import Answer, Context, call_http, new_user
from tests.support.live_media import FakeLiveMedia

pytestmark = pytest.mark.usefixtures("fresh")


@dataclass
class Studio:
    """A host and three others: one follows the host, one is a stranger, one is blocked by the host."""

    aws: Aws
    media: FakeLiveMedia
    command: Handler
    query: Handler
    host: str = ""
    follower: str = ""
    stranger: str = ""
    blocked: str = ""

    def __post_init__(self) -> None:
        self.host, self.follower, self.stranger, self.blocked = (person() for _ in range(4))
        people = ProfileRepository("profiles")
        people.follow(self.follower, self.host)
        people.block(self.host, self.blocked)

    def ask(self, user: str, route: str, body: object = None, **more: str) -> Answer:
        method, path = route.split(" ")
        handler = self.query if method == "GET" else self.command
        return call_http(handler, method, f"/v1/live{path}", user=user, body=body, **more)

    def start(self, user: str = "", client_id: str = "", audience: str = "public") -> Answer:
        body = {"clientLiveId": client_id or uuid.uuid4().hex, "title": "Tea", "audience": audience}
        return self.ask(user or self.host, "POST ", body)

    def watch(self, user: str, live_id: str, session: str = "page-0001") -> Answer:
        return self.ask(user, f"POST /{live_id}/viewing", {"session": session})

    def write(self, user: str, live_id: str, text: str, client_id: str = "") -> Answer:
        body = {"clientMessageId": client_id or uuid.uuid4().hex, "text": text}
        return self.ask(user, f"POST /{live_id}/messages", body)

    def look(self, live_id: str) -> None:
        """Check the broadcast, as the timer does."""
        LiveLook(LiveRepository("live"), self.media).at(live_id)

    def go_on_air(self, audience: str = "public") -> str:
        live_id: str = self.start(audience=audience).body["id"]
        self.media.sending.add(live_id)
        self.look(live_id)
        return live_id

    @property
    def listener(self) -> LiveListener:
        return LiveListener(LiveEndings(LiveRepository("live")))


def person() -> str:
    user = new_user()
    body = {"handle": f"l_{user[:8]}", "displayName": "L"}
    assert call_http(profiles.handler, "PUT", "/v1/me", user=user, body=body).status == 201
    return user


@pytest.fixture
def studio(fresh: Aws, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    media = FakeLiveMedia()
    monkeypatch.setattr(functions, "build_media", lambda settings: media)
    monkeypatch.setenv("SFU_URL", "http://127.0.0.1:9")
    yield Studio(fresh, media, *composed())


def composed() -> tuple[Handler, Handler]:
    """The command function, composed with this test's fakes, and the query function."""
    command, query = functions.handler, query_function(os.environ["AWS_ENDPOINT_URL"], os.environ["SFU_URL"])
    return command.compose(command.settings.read()), query


@cache
def query_function(_emulator: str, _sfu: str) -> Handler:
    """Composed once for these settings: it has the routes of all contexts."""
    query = queries.handler
    return query.compose(query.settings.read())


def test_a_broadcast_waits_goes_live_and_ends(studio: Studio) -> None:
    started = studio.start()
    live_id = started.body["id"]
    assert (started.status, started.body["state"], started.body["ingest"]["token"]) == (201, "waiting", "page")
    assert studio.ask(studio.follower, "GET ").body["items"] == []
    studio.media.sending.add(live_id)
    assert studio.ask(studio.host, f"POST /{live_id}/ingest", {}).body["url"] == f"whip/{live_id}"
    (seen,) = studio.ask(studio.follower, "GET ").body["items"]
    assert (seen["id"], seen["state"], seen["host"]["id"]) == (live_id, "live", studio.host)
    ended = studio.ask(studio.host, f"POST /{live_id}/end")
    assert (ended.status, ended.body["state"]) == (200, "ended")
    assert studio.media.closed == [live_id]
    assert studio.ask(studio.follower, "GET ").body["items"] == []
    assert studio.ask(studio.host, f"POST /{live_id}/end").body["endedAt"] == ended.body["endedAt"]


def test_a_host_has_one_broadcast_and_a_repeated_start_returns_it(studio: Studio) -> None:
    first = studio.start(client_id="a")
    assert studio.start(client_id="a").body["id"] == first.body["id"]
    other = studio.start(client_id="b")
    assert (other.status, other.body["type"], other.body["errors"][0]["got"]) == (409, "live-running", first.body["id"])
    studio.ask(studio.host, f"POST /{first.body['id']}/end")
    assert studio.start(client_id="a").body["type"] == "live-over"
    assert studio.start(client_id="b").status == 201


def test_strangers_blocked_people_and_other_hosts_get_nothing(studio: Studio) -> None:
    live_id = studio.go_on_air("followers")
    for user in (studio.stranger, studio.blocked):
        for route in (f"GET /{live_id}", f"GET /{live_id}/messages", f"POST /{live_id}/end"):
            assert studio.ask(user, route).status == 404
        assert studio.watch(user, live_id).status == 404
        assert studio.write(user, live_id, "hi").status == 404
        assert studio.ask(user, f"POST /{live_id}/ingest", {}).status == 404
        assert studio.ask(user, "GET ").body["items"] == []
    assert studio.ask(studio.follower, f"POST /{live_id}/ingest", {"program": True}).status == 403
    assert studio.ask(studio.follower, f"POST /{live_id}/end").status == 403
    assert studio.watch(studio.follower, live_id).status == 200


def test_a_public_broadcast_is_visible_to_everyone_except_across_a_block(studio: Studio) -> None:
    live_id = studio.go_on_air()
    assert studio.watch(studio.stranger, live_id).status == 200
    assert studio.watch(studio.blocked, live_id).status == 404


def test_viewers_are_counted_by_person_from_recent_heartbeats(studio: Studio) -> None:
    live_id = studio.go_on_air()
    for user, session in (
        (studio.follower, "page-0001"),
        (studio.follower, "page-0002"),
        (studio.stranger, "page-1111"),
    ):
        assert studio.watch(user, live_id, session).status == 200
    studio.watch(studio.host, live_id)
    studio.look(live_id)
    assert studio.ask(studio.host, f"GET /{live_id}").body["viewers"] == 2
    assert studio.ask(studio.stranger, f"DELETE /{live_id}/viewing/page-1111").status == 204
    studio.look(live_id)
    found = studio.ask(studio.host, f"GET /{live_id}").body
    assert (found["viewers"], found["mostViewers"]) == (1, 2)


def test_live_messages_are_newest_first_and_duplicates_appear_once(studio: Studio) -> None:
    live_id = studio.go_on_air()
    first = studio.write(studio.follower, live_id, "first", "m")
    assert studio.write(studio.follower, live_id, "again", "m").body == first.body
    studio.write(studio.stranger, live_id, "second", "m")
    page = studio.ask(studio.host, f"GET /{live_id}/messages", query="limit=1")
    assert [one["text"] for one in page.body["items"]] == ["second"]
    older = studio.ask(studio.host, f"GET /{live_id}/messages", query=f"cursor={page.body['older']}")
    assert [(one["text"], one["author"]["id"]) for one in older.body["items"]] == [("first", studio.follower)]


@pytest.mark.parametrize("text", ["", " \n", "x" * 501])
def test_empty_and_too_long_live_messages_are_refused(studio: Studio, text: str) -> None:
    assert studio.write(studio.follower, studio.go_on_air(), text).status == 400


def test_an_ended_broadcast_refuses_further_actions(studio: Studio) -> None:
    live_id = studio.go_on_air()
    studio.ask(studio.host, f"POST /{live_id}/end")
    for answer in (
        studio.watch(studio.follower, live_id),
        studio.write(studio.follower, live_id, "late"),
        studio.ask(studio.host, f"POST /{live_id}/ingest", {"program": True}),
    ):
        assert (answer.status, answer.body["type"]) == (409, "live-over")
    assert studio.ask(studio.follower, f"GET /{live_id}").body["state"] == "ended"


def test_moderators_can_end_broadcasts_that_they_may_not_watch(studio: Studio) -> None:
    live_id = studio.go_on_air("followers")
    answer = studio.ask(studio.stranger, f"POST /{live_id}/end", groups="[moderators]")
    assert (answer.status, answer.body["state"]) == (200, "ended")


def test_a_suspension_ends_a_broadcast_and_a_block_removes_viewers(studio: Studio) -> None:
    live_id = studio.go_on_air()
    for user in (studio.follower, studio.stranger):
        studio.watch(user, live_id)
    studio.listener.handle(UserBlocked(cause="b", actor="x", blocker_id=studio.follower, blocked_id=studio.host))
    studio.look(live_id)
    assert studio.ask(studio.host, f"GET /{live_id}").body["viewers"] == 1
    suspended = ModerationDecided(
        cause="c", actor="m", decision="suspend", subject_kind="person", subject_id=studio.host,
        owner_id=studio.host, reason="spam", comment="", subject_version=1,
    )  # fmt: skip
    for _ in range(2):
        studio.listener.handle(suspended)
    assert studio.ask(studio.host, f"GET /{live_id}").body["state"] == "ended"
    studio.look(live_id)
    assert studio.media.closed == [live_id]


def test_changes_of_a_broadcast_reach_the_host_and_the_viewers(studio: Studio) -> None:
    new, live_id = studio.aws.new_changes("live"), studio.start().body["id"]
    studio.watch(studio.follower, live_id)
    studio.media.sending.add(live_id)
    studio.look(live_id)
    studio.write(studio.follower, live_id, "hello")
    functions.projector({"Records": new()}, Context())
    records = [_decoded(one) for one in studio.aws.stream_records()]
    told = [one for one in records if one["frame"]["data"].get("live", {}).get("id") == live_id]
    assert [(one["frame"]["type"], one["frame"]["data"]["live"]["state"]) for one in told] == [("live.updated", "live")]
    assert told[0]["users"] == sorted([studio.host, studio.follower])
    (message,) = [one for one in records if one["frame"]["data"].get("liveId") == live_id]
    assert message["frame"]["data"]["message"]["text"] == "hello"


def test_followers_learn_of_the_start_and_the_end_of_a_broadcast(studio: Studio) -> None:
    new, live_id = studio.aws.new_changes("live"), studio.go_on_air()
    assert profile_of(studio.stranger, studio.host)["live"] == live_id
    assert profile_of(studio.blocked, studio.host)["live"] is None
    studio.ask(studio.host, f"POST /{live_id}/end")
    assert profile_of(studio.stranger, studio.host)["live"] is None
    records = new()
    for _ in range(2):
        functions.projector({"Records": records}, Context())
    events = studio.aws.published(lambda one: one["data"].get("liveId") == live_id, 4)
    by_id = {one["id"]: one for one in events}
    assert sorted(one["type"] for one in by_id.values()) == ["live.ended", "live.started"]
    (begun,) = [one for one in by_id.values() if one["type"] == "live.started"]
    assert begun["data"]["recipientIds"] == [studio.follower]


def profile_of(viewer: str, user: str) -> dict[str, Any]:
    query = query_function(os.environ["AWS_ENDPOINT_URL"], os.environ["SFU_URL"])
    answer = call_http(query, "GET", f"/v1/users/{user}", user=viewer)
    found: dict[str, Any] = answer.body
    return found


def test_without_a_media_server_every_route_answers_503(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    live_id = studio.go_on_air()
    monkeypatch.setenv("SFU_URL", "")
    monkeypatch.setattr(functions, "build_media", lambda settings: SfuLiveMedia())
    studio.command, studio.query = composed()
    for route, body in (
        ("GET ", None), (f"GET /{live_id}", None), ("POST ", {"clientLiveId": "x"}), (f"POST /{live_id}/ingest", {}),
        (f"POST /{live_id}/viewing", {"session": "page-0001"}), (f"POST /{live_id}/end", None),
    ):  # fmt: skip
        answer = studio.ask(studio.host, route, body)
        assert (answer.status, answer.body["type"]) == (503, "live-unavailable")


def test_the_live_data_of_a_person_is_exported_and_erased(studio: Studio) -> None:
    live_id = studio.go_on_air()
    studio.watch(studio.follower, live_id)
    studio.write(studio.follower, live_id, "mine")
    kept = personal_data(os.environ["TABLE_LIVE"])
    written = [one for source in kept.export for one in source.records(studio.follower)]
    assert [one["text"] for one in written] == ["mine"]
    assert [one["title"] for source in kept.export for one in source.records(studio.host)] == ["Tea"]
    for step in kept.erasure:
        while step.run(studio.follower):
            pass
    assert studio.ask(studio.host, f"GET /{live_id}/messages").body["items"] == []
    assert [step.run(studio.host) for step in kept.closing] == [1]
    for step in kept.erasure:
        while step.run(studio.host):
            pass
    assert studio.ask(studio.host, f"GET /{live_id}").status == 404
    left = studio.aws.client("dynamodb").scan(TableName="live")["Items"]
    assert not [one for one in left if studio.host in str(one) or studio.follower in str(one)]


def _decoded(record: Mapping[str, Any]) -> dict[str, Any]:

    found: dict[str, Any] = json.loads(base64.b64decode(record["kinesis"]["data"]))
    return found
