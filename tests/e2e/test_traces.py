"""One trace from the click to the other person's device, across the hops that X-Ray does not link itself."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from kit.client import Endpoints, Socket
from tests.e2e.test_notifications import browser_of, push_service, pushed
from tests.support.files import photo_with_place
from tests.support.people import Town, eventually
from tests.support.traces import expect_way, new_trace, spans_of

__all__ = ["push_service"]

#: The network traces the first 20 requests of a second, and few of the others: beside busy tests a request may miss it.
pytestmark = pytest.mark.alone

EDGE = ("cloudfront", "gateway")
TOLD = ("asyncsns-posts stream", "asyncsns-post-projector", "sns", "asyncsns-notifications-inapp", "asyncsns-notifier")
SENT = ("asyncsns-realtime", "asyncsns-realtime-fanout", "socket")


def test_a_trace_leads_from_a_post_to_the_device_of_the_mentioned_person(town: Town, endpoints: Endpoints) -> None:
    ann, bob = town.person("Ann"), town.person("Bob")
    trace, ann.api.trace = new_trace()
    with Socket(endpoints, bob.api) as device:
        ann.post(f"hello @{bob.handle}")
        frame = device.wait("notification.created")
    assert frame["trace"].startswith(f"Root={trace};")
    expect_way(trace, *EDGE, "asyncsns-post", "dynamodb", *TOLD, *SENT)


def test_concurrent_posts_have_one_complete_trace_each(town: Town) -> None:
    """The projector takes several changes of the table at once, and publishes their events in one call."""
    bob, authors = town.person("Bob"), [town.person(name) for name in ("Ann", "Cid", "Dan", "Eve")]
    traces = []
    for author in authors:
        trace, author.api.trace = new_trace()
        traces.append(trace)
    with ThreadPoolExecutor(len(authors)) as pool:
        list(pool.map(lambda author: author.post(f"hello @{bob.handle}"), authors))
    for trace in traces:
        expect_way(trace, *EDGE, "asyncsns-post", "dynamodb", *TOLD, *SENT[:2])


def test_a_trace_leads_from_a_like_to_the_device_of_the_author(town: Town, endpoints: Endpoints) -> None:
    ann, bob = town.person("Ann"), town.person("Bob")
    post = ann.post()
    trace, bob.api.trace = new_trace()
    with Socket(endpoints, ann.api) as device:
        bob.api.put(f"/v1/posts/{post['id']}/like")
        assert device.wait("notification.created")["trace"].startswith(f"Root={trace};")
    expect_way(trace, *EDGE, "asyncsns-post", "dynamodb", *TOLD, *SENT)


def test_a_trace_leads_from_a_message_to_the_recipients_device(town: Town, endpoints: Endpoints) -> None:
    ann, bob = town.person("Ann"), town.person("Bob")
    bob.follow(ann)
    conversation = ann.api.post("/v1/conversations", {"memberId": bob.id})["id"]
    trace, header = new_trace()
    with Socket(endpoints, ann.api) as sender, Socket(endpoints, bob.api) as device:
        sender.send("chat.send", {"conversationId": conversation, "clientMessageId": "m1", "text": "hi"}, trace=header)
        assert device.wait("chat.message")["trace"].startswith(f"Root={trace};")
    expect_way(trace, "asyncsns-chat", "dynamodb", "asyncsns-chat stream", "asyncsns-chat-relay", *SENT)


def test_a_trace_leads_from_an_upload_to_its_processed_file(town: Town, endpoints: Endpoints) -> None:
    ann = town.person("Ann")
    trace, ann.api.trace = new_trace()
    with Socket(endpoints, ann.api) as device:
        ann.api.upload("photo", "image/jpeg", photo_with_place())
        assert device.wait("media.updated")["trace"].startswith(f"Root={trace};")
    expect_way(trace, *EDGE, "asyncsns-post", "dynamodb", "asyncsns-media-processor", *SENT)


def test_a_trace_leads_from_a_call_to_the_callees_device(town: Town, endpoints: Endpoints) -> None:
    ann, bob = town.person("Ann"), town.person("Bob")
    trace, header = new_trace()
    with Socket(endpoints, ann.api) as caller, Socket(endpoints, bob.api) as device:
        caller.send("call.start", {"calleeId": bob.id, "media": "audio"}, trace=header)
        assert device.wait("call.ringing")["trace"].startswith(f"Root={trace};")
        # The command sends the frame itself; the fan-out sends it again, and finds only devices that are still
        # connected.
        expect_way(trace, "asyncsns-call", "socket")
        expect_way(trace, "asyncsns-call", "dynamodb", "asyncsns-calls stream", "asyncsns-call-projector", *SENT)


def test_a_push_has_its_own_span_and_the_device_continues_it(town: Town, push_service: httpx.Client) -> None:
    """No socket is open: the mention reaches Bob's browser through the push service."""
    ann, bob = town.person("Ann"), town.person("Bob")
    browser = browser_of(bob, push_service)
    trace, ann.api.trace = new_trace()
    ann.post(f"hello @{bob.handle}")
    (payload,) = eventually(lambda: pushed(push_service, browser), bool, "the push")
    given = re.fullmatch(rf"Root={trace};Parent=([0-9a-f]{{16}});Sampled=1", payload["trace"])
    assert given is not None, payload["trace"]
    expect_way(trace, *EDGE, "asyncsns-post", "dynamodb", *TOLD[:3], "asyncsns-notifications-push", "push-service")
    (span,) = [one for one in spans_of(trace) if one["name"] == "push-service"]
    assert span["id"] == given[1]
    assert (span["namespace"], span["annotations"]) == ("remote", {"channel": "webPush", "taken": True})
