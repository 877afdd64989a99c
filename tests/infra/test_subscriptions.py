"""SNS delivers to a queue exactly the events that its consumer handles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_args, get_type_hints

import pytest

from services.calls.listener import Listener
from services.common.events import (
    EVENTS,
    CallRinging,
    CallRingingEnded,
    DomainEvent,
    NotificationCorrected,
    NotificationTestRequested,
    RoomRinging,
    RoomRingingEnded,
)
from services.live.listener import LiveListener
from services.media.retention import Keeper
from services.moderation.actions import ModerationActions
from services.notifications.corrections import CORRECTIONS
from services.notifications.pushing import Pusher
from services.notifications.rules import RULES
from services.timelines.fanout import FanOut
from tests.infra.templates import ROOT, Templates

PUSHED = {
    NotificationTestRequested: Pusher._test,
    NotificationCorrected: Pusher._correct,
    CallRinging: Pusher._ring,
    CallRingingEnded: Pusher._stop_ringing,
    RoomRinging: Pusher._ring,
    RoomRingingEnded: Pusher._stop_ringing,
}
#: entry point of the function → its table of event handlers by type
CONSUMERS: dict[str, Mapping[type[DomainEvent], Callable[..., object]]] = {
    "timelines.handler.fanout": FanOut.HANDLERS,
    "media.handler.keeper": Keeper.HANDLERS,
    "moderation.handler.applier": ModerationActions.HANDLERS,
    "calls.handler.listener": Listener.HANDLERS,
    "live.handler.listener": LiveListener.HANDLERS,
    "notifications.handler.notifier": CORRECTIONS | RULES,
    "notifications.handler.pusher": RULES | PUSHED,
    "notifications.handler.mobile_pusher": RULES | PUSHED,
}


def subscribed(templates: Templates) -> dict[str, set[str]]:
    """Function that a queue triggers → the event types that SNS delivers to the queue."""
    found = {}
    for key, row in templates.resources("AWS::SNS::Subscription").items():
        queue = row["Endpoint"]["Fn::GetAtt"][0]
        assert f"{key.partition('/')[0]}/{queue}" in templates.resources("AWS::SQS::Queue")
        (name,) = (
            name
            for name in templates.functions()
            if any(queue in str(source["EventSourceArn"]) for source in templates.event_sources(name))
        )
        assert name not in found, f"{name} has two queues with subscriptions"
        found[name] = set(row["FilterPolicy"]["type"])
    return found


@pytest.mark.parametrize("target", ["embedded", "aws"])
def test_each_queue_gets_the_events_that_its_consumer_handles(target: str, request: pytest.FixtureRequest) -> None:
    templates: Templates = request.getfixturevalue(target)
    functions = templates.functions()
    passed_on = {functions[name]["Handler"]: types for name, types in subscribed(templates).items()}
    handled = {f"services.{entry}": {kind.type for kind in table} for entry, table in CONSUMERS.items()}
    assert passed_on == handled


def test_the_page_lists_the_publishers_and_consumers_of_each_event(aws: Templates) -> None:
    makers, readers = set[str](), {name: set[str]() for name in subscribed(aws)}
    for line in (ROOT / "docs/events.md").read_text("utf-8").splitlines():
        if line.startswith("| `"):
            kind, _, _, made_by, read_by = line.strip("| ").split(" | ")
            makers |= set(made_by.split(", "))
            for name in read_by.replace("notifications", "notifier, pusher, mobile-pusher").split(", "):
                if name != "nobody yet":
                    readers[name].add(kind.strip("`"))
    assert readers == subscribed(aws)
    publishers = {name for name, row in aws.functions().items() if "TOPIC_EVENTS" in row["Environment"]["Variables"]}
    assert makers == publishers


@pytest.mark.parametrize("entry", CONSUMERS)
def test_each_handler_takes_the_event_that_it_is_listed_for(entry: str) -> None:
    for kind, handler in CONSUMERS[entry].items():
        taken: Any = get_type_hints(handler)["event"]
        assert kind in (get_args(taken) or (taken,)), f"{handler.__qualname__} is listed for {kind.__name__}"
    assert set(CONSUMERS[entry]) <= set(EVENTS)
