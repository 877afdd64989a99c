"""Notifications: latency from an event to an open socket and to the push service, and throughput."""

from __future__ import annotations

import os
import time
import uuid
from typing import Any

import boto3
import httpx

from emulation.guard import HELPER_HEADERS
from emulation.settings import REGION
from kit.client import Api, Socket
from kit.client.api import wait_for
from kit.settings import Settings
from loadtests.bench.people import Crowd
from loadtests.bench.report import Figure, latency_figures
from services.common.events import DomainEvent, PostLiked, UserFollowed

_ROUNDS = int(os.environ.get("ASYNCSNS_BENCH_ROUNDS", "30"))
_FLOOD = int(os.environ.get("ASYNCSNS_BENCH_FLOOD", "200"))
_SUITE = "notifications"
_PATIENCE_S = 120.0


def run(crowd: Crowd) -> list[Figure]:
    """Events are published to the topic as projectors do, so that the figures are those of notifications alone."""
    session = boto3.Session(**Settings.load().emulation.credentials.for_boto3(), region_name=REGION)
    sns = session.client("sns", endpoint_url=Settings.load().url("emulator"))
    topic = crowd.endpoints.document["outputs"]["TopicEvents"]
    with Api(crowd.endpoints, crowd.accounts[0]) as here, Api(crowd.endpoints, crowd.accounts[1]) as away:
        return [
            *latency_figures(_SUITE, "event → socket", _to_socket(crowd, here, sns, topic), "< 300"),
            *latency_figures(_SUITE, "event → push service", _to_push_service(crowd, away, sns, topic), "< 500"),
            _sustained(crowd, session, sns, topic),
        ]


def _followed(user_id: str) -> DomainEvent:
    """A new person each time, because a fact is notified once."""
    follower = str(uuid.uuid4())
    return UserFollowed(cause=follower, actor=follower, follower_id=follower, followee_id=user_id, edge_version=1)


def _publish(sns: object, topic: str, event: DomainEvent) -> None:
    attributes = {"type": {"DataType": "String", "StringValue": event.type}}
    sns.publish(TopicArn=topic, Message=event.to_json(), MessageAttributes=attributes)  # type: ignore[attr-defined]


def _to_socket(crowd: Crowd, here: Api, sns: object, topic: str) -> list[float]:
    taken = []
    with Socket(crowd.endpoints, here) as socket:
        for _ in range(_ROUNDS):
            assert here.account is not None
            event = _followed(here.account.user_id)
            begun = time.time()
            _publish(sns, topic, event)

            def it(data: dict[str, dict[str, dict[str, str]]], actor: str = event.actor) -> bool:
                return data["notification"]["actor"]["id"] == actor

            frame = socket.wait("notification.created", it)
            taken.append(next(at for at, one in socket.events if one is frame) - begun)
    return taken


def _to_push_service(crowd: Crowd, away: Api, sns: object, topic: str) -> list[float]:
    """Latencies up to the time at which the push service accepted the push."""
    taken = []
    with httpx.Client(base_url=crowd.endpoints.document["pushUrl"], headers=HELPER_HEADERS) as service:
        browser = service.post("/subscriptions", json={}).json()
        away.put("/v1/push-subscriptions", {"endpoint": browser["endpoint"], "keys": browser["keys"]})

        def came() -> int:
            return len(service.get(f"/subscriptions/{browser['id']}/messages").json())

        for number in range(_ROUNDS):
            assert away.account is not None
            begun = time.perf_counter()
            _publish(sns, topic, _followed(away.account.user_id))
            while came() <= number:
                if time.perf_counter() - begun > _PATIENCE_S:
                    raise TimeoutError("no push came")
                time.sleep(0.01)
            taken.append(time.perf_counter() - begun)
        away.call("DELETE", "/v1/push-subscriptions", {"endpoint": browser["endpoint"]})
    return taken


def _sustained(crowd: Crowd, session: boto3.Session, sns: object, topic: str) -> Figure:
    """Many likes of different posts for several people at once, until the last notification.

    Progress is read from the table, by one request at a time: by the API it would take most of the processor time.
    """
    people = [account.user_id for account in crowd.accounts[2:]]
    dynamodb: Any = session.resource("dynamodb", endpoint_url=Settings.load().url("emulator"))
    table = crowd.endpoints.document["tables"]["notifications"]
    marks = {"Keys": [{"pk": f"USER#{one}", "sk": "MARKS"} for one in people], "ConsistentRead": True}

    def unread() -> int:
        answer: dict[str, Any] = dynamodb.batch_get_item(RequestItems={table: marks})
        return sum(int(item["unread"]) for item in answer["Responses"][table])

    wanted, begun = unread() + _FLOOD, time.perf_counter()
    for number in range(_FLOOD):
        actor = str(uuid.uuid4())
        author, post = people[number % len(people)], uuid.uuid4().hex
        _publish(sns, topic, PostLiked(cause=actor, actor=actor, post_id=post, author_id=author, user_id=actor))
    wait_for(unread, until=lambda count: count >= wanted, what=f"{_FLOOD} notifications", seconds=_PATIENCE_S)
    rate = _FLOOD / (time.perf_counter() - begun)
    return Figure(_SUITE, "sustained", rate, "notifications/s", note=f"{_FLOOD} events for {len(people)} people")
