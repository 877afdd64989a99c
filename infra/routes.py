"""The routes of the HTTP API as data: no CDK is needed to know which function serves a path."""

from __future__ import annotations

#: function → route keys. A function owns the paths below its prefixes: its own router says which of them exist.
ROUTES: dict[str, tuple[str, ...]] = {
    "profile": (
        "PUT /v1/me",
        "PUT /v1/follows/{proxy+}",
        "DELETE /v1/follows/{proxy+}",
        "PUT /v1/follow-requests/{proxy+}",
        "DELETE /v1/follow-requests/{proxy+}",
        "PUT /v1/blocks/{proxy+}",
        "DELETE /v1/blocks/{proxy+}",
        "PUT /v1/lists/{proxy+}",
        "DELETE /v1/lists/{proxy+}",
        "PUT /v1/mutes/{proxy+}",
        "DELETE /v1/mutes/{proxy+}",
        "PUT /v1/searches/{proxy+}",
        "DELETE /v1/searches/{proxy+}",
    ),
    "post": (
        "POST /v1/posts",
        "PUT /v1/posts/{proxy+}",
        "PATCH /v1/posts/{proxy+}",
        "DELETE /v1/posts/{proxy+}",
        "PUT /v1/drafts/{proxy+}",
        "DELETE /v1/drafts/{proxy+}",
        "PUT /v1/scheduled-posts/{proxy+}",
        "DELETE /v1/scheduled-posts/{proxy+}",
        "POST /v1/media",
        "POST /v1/media/{proxy+}",
        "PATCH /v1/media/{proxy+}",
        "DELETE /v1/media/{proxy+}",
    ),
    "chat": (
        "POST /v1/conversations",
        "POST /v1/conversations/{proxy+}",
        "PUT /v1/conversations/{proxy+}",
        "DELETE /v1/conversations/{proxy+}",
        "PUT /v1/chat/{proxy+}",
    ),
    "call": ("POST /v1/calls", "POST /v1/calls/{proxy+}"),
    "live": ("POST /v1/live", "POST /v1/live/{proxy+}", "DELETE /v1/live/{proxy+}"),
    "notification": (
        "PUT /v1/notifications/{proxy+}",
        "PATCH /v1/notifications/{proxy+}",
        "PUT /v1/push-subscriptions",
        "DELETE /v1/push-subscriptions",
        "PUT /v1/push-subscriptions/{proxy+}",
        "POST /v1/push-subscriptions/{proxy+}",
        "DELETE /v1/push-subscriptions/{proxy+}",
    ),
    "account": ("POST /v1/me/{proxy+}",),
    "moderation": ("POST /v1/reports", "POST /v1/appeals", "POST /v1/moderation/{proxy+}"),
    "realtime": ("POST /v1/realtime/{proxy+}",),
    # Requests without a route get their 404 from a router too, as a problem document.
    "query": ("GET /v1/{proxy+}", "GET /v2/{proxy+}", "$default"),
}
OPEN_ROUTE = "GET /v1/status"
