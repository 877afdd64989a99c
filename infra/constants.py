"""Names that stacks, tests and the kit share."""

from __future__ import annotations

from typing import Final

PREFIX: Final = "asyncsns"
METRICS_NAMESPACE: Final = "asyncsns"
#: CloudFront takes web ACLs and certificates from there.
REGION: Final = "us-east-1"
WEBSOCKET_STAGE: Final = "live"

# Tables: one per context.
PROFILES: Final = "profiles"
POSTS: Final = "posts"
TIMELINES: Final = "timelines"
MEDIA: Final = "media"
CHAT: Final = "chat"
CALLS: Final = "calls"
NOTIFICATIONS: Final = "notifications"
REALTIME: Final = "realtime"
IDEMPOTENCY: Final = "idempotency"
MODERATION: Final = "moderation"
ACCOUNTS: Final = "accounts"

#: table → number of global secondary indexes (``gsi1``, ``gsi2``)
TABLE_INDEXES: Final[dict[str, int]] = {
    PROFILES: 2,
    POSTS: 2,
    TIMELINES: 0,
    MEDIA: 1,
    CHAT: 1,
    CALLS: 1,
    NOTIFICATIONS: 1,
    REALTIME: 1,
    IDEMPOTENCY: 0,
    MODERATION: 2,
    ACCOUNTS: 0,
}
STREAMED_TABLES: Final = frozenset({POSTS, PROFILES, CHAT, CALLS, MEDIA, MODERATION})

# Queues.
QUEUE_TIMELINES: Final = "timelines"
QUEUE_MEDIA: Final = "media"
QUEUE_CALLS: Final = "calls"
QUEUE_CALL_TIMEOUTS: Final = "call-timeouts"
QUEUE_CHAT_ARRIVALS: Final = "chat-arrivals"
QUEUE_DUE: Final = "due"
QUEUE_INAPP: Final = "notifications-inapp"
QUEUE_PUSH: Final = "notifications-push"
QUEUE_MODERATION: Final = "moderation"
QUEUE_ACCOUNTS: Final = "accounts"
QUEUE_MOBILE: Final = "notifications-mobile"

#: What people are told of (``services/notifications/rules.py``), whatever the channel.
TOLD: Final = (
    "post.published",
    "post.edited",
    "post.liked",
    "post.reacted",
    "post.reposted",
    "post.scheduled_published",
    "post.scheduled_failed",
    "poll.ended",
    "user.followed",
    "user.follow_requested",
    "user.follow_accepted",
    "chat.message_sent",
    "chat.message_unreceived",
    "chat.members_added",
    "call.missed",
    "moderation.decided",
)
_TESTED: Final = "notification.test_requested"
#: queue → types of domain events that SNS passes on to it
SUBSCRIPTIONS: Final[dict[str, tuple[str, ...]]] = {
    QUEUE_TIMELINES: (
        "post.published",
        "post.edited",
        "post.deleted",
        "post.reposted",
        "post.unreposted",
        "user.followed",
        "user.unfollowed",
        "list.member_added",
        "list.member_removed",
    ),
    QUEUE_MEDIA: ("post.media_changed", "profile.pictured", "chat.media_changed", "user.deleted"),
    QUEUE_MODERATION: ("moderation.decided",),
    QUEUE_CALLS: ("user.blocked", "device.left"),
    QUEUE_INAPP: TOLD,
    QUEUE_PUSH: (*TOLD, _TESTED),
    QUEUE_MOBILE: (*TOLD, _TESTED),
}
#: How long a call rings; https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-delay-queues.html
CALL_RING_SECONDS: Final = 30
#: How long a device has to say that a chat message arrived, before its person is told as one who is away.
CHAT_ARRIVAL_SECONDS: Final = 15
MAX_RECEIVES: Final = 3
STREAM_RETRIES: Final = 3

# Objects in the media bucket: what a person sent waits below ``uploads/`` and is never served; what is below
# ``media/`` has the path that browsers ask for, so that CloudFront rewrites nothing.
UPLOADS: Final = "uploads/"
SERVED: Final = "media/"
SERVED_PRIVATE: Final = "media/private/"
#: The one exception: pictures of people and groups. All else below ``media/`` needs a signature.
SERVED_PUBLIC: Final = "media/public/"
MEDIA_URL_PREFIX: Final = "/media"
#: Parameter ``{origin, keyPairId, distributionId}``: who signs media links for which distribution. The private key is
#: a secret of its own.
MEDIA_ACCESS_PARAMETER: Final = f"/{PREFIX}/media-access"
MEDIA_SIGNING_SECRET: Final = f"{PREFIX}/media-signing"

#: Push services of the browsers: a subscription may name no other host.
PUSH_HOSTS: Final = "fcm.googleapis.com,updates.push.services.mozilla.com,web.push.apple.com,*.notify.windows.com"

# Groups of the user pool; an end user is in none.
DEVELOPERS: Final = "developers"
ADMINISTRATORS: Final = "administrators"
MODERATORS: Final = "moderators"


def physical(name: str) -> str:
    """The name that people meet in logs and consoles: ``asyncsns-<name>``."""
    return f"{PREFIX}-{name}"


def camel(name: str) -> str:
    """``call-timeouts`` → ``CallTimeouts``: construct ids and output names."""
    return "".join(part.capitalize() for part in name.split("-"))
