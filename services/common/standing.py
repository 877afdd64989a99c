"""Requests and actions that a suspended person may still use: everything else is refused, including new routes.

The one place that decides this, for HTTP requests and for socket actions alike. A suspended person reads, appeals,
hangs up, ends a broadcast, takes their data and leaves. They can't read moderators' pages, and get no credentials for
relays.
"""

from __future__ import annotations

import re

#: ``METHOD /path`` of requests.
OPEN_REQUESTS = (
    r"GET /(?!v1/moderation/|v1/calls/ice-servers$).*",
    r"POST /v1/appeals",
    r"POST /v1/calls/[^/]+/hangup",
    r"POST /v1/live/[^/]+/end",
    r"DELETE /v1/live/[^/]+/viewing/[^/]+",
    r"POST /v1/me/.+",
    r"POST /v1/realtime/tickets",
    r"PUT /v1/notifications/(read|seen)",
    r"DELETE /v1/push-subscriptions(/[^/]+)?",
)
#: Names of socket actions. ``ping`` keeps the connection by which a suspended person reads; nobody else notices it.
#: A call that runs ends by the decision (``services/calls/listener.py``), or before by who wants to end it.
OPEN_ACTIONS = frozenset({"ping", "call.hangup"})
_OPEN_REQUESTS = re.compile("|".join(f"({one})" for one in OPEN_REQUESTS))


def is_open_request(method: str, path: str) -> bool:
    """Whether a suspended person may make a request. ``path`` is the decoded one that the routes are matched with."""
    return _OPEN_REQUESTS.fullmatch(f"{method} {path}") is not None


def is_open_action(name: str) -> bool:
    """Whether a suspended person may send a socket action."""
    return name in OPEN_ACTIONS
