"""The deployment under load, and the cost of a run on AWS."""

from __future__ import annotations

import os

from kit.client import Endpoints
from kit.deploy.finish import endpoints_file
from kit.settings import Settings
from loadtests.cost.model import Deployed, Model

#: The maximum number of actions of one simulated person in a second (``wait_time`` of the user classes).
_ACTIONS_PER_SECOND = 1.0


def endpoints() -> Endpoints:
    """The endpoints of ``ASYNCSNS_LOAD_TARGET``: ``aws``, or the running network."""
    settings = Settings.load()
    if os.environ.get("ASYNCSNS_LOAD_TARGET") == "aws":
        return Endpoints.load(endpoints_file(settings, "aws"))
    os.environ.update(settings.aws_environment())
    return Endpoints.load()


def estimated_usd(users: int, seconds: int) -> float:
    """The cost of so many people for so long, by the model of ``make cost`` at 100,000 daily users: an estimate,
    without free tiers of the first year, and without what is kept afterwards."""
    people = 100_000
    model = Model.load(Deployed(alarms=0, functions=0, secrets=0, shards=1, search_gb=0))
    actions = sum(float(one) for one in model.habits["actions"].values()) * people * 30
    used = sum(model.month(people).values()) - sum(model.month(0).values())
    return used / actions * users * seconds * _ACTIONS_PER_SECOND


def warning(users: int, seconds: int) -> str:
    """The warning before a run on AWS: its cost, and the data that stay."""
    return (
        f"load: {users} people for {seconds} s on AWS add about USD {estimated_usd(users, seconds):.2f} to the bill of "
        "the account of your environment (an estimate by `make cost`'s model, never compared with a bill), may ring "
        "its alarms, and leave accounts load0000@example.com and on, with their posts and photos.\n"
        "Nothing was sent. To go on: make load TARGET=aws CONFIRM=yes"
    )
