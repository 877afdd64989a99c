"""Names that stacks, tests and the kit share."""

from __future__ import annotations

from typing import Final

from infra.stages import stage_of

#: Of all names, so that stages may share an account.
PREFIX: Final = stage_of().prefix
METRICS_NAMESPACE: Final = PREFIX
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
LIVE: Final = "live"
NOTIFICATIONS: Final = "notifications"
REALTIME: Final = "realtime"
IDEMPOTENCY: Final = "idempotency"
MODERATION: Final = "moderation"
ACCOUNTS: Final = "accounts"
#: The audit log of staff; a table of its own, because rights are per table.
AUDIT: Final = "audit"

#: table → number of global secondary indexes (``gsi1``, ``gsi2``)
TABLE_INDEXES: Final[dict[str, int]] = {
    PROFILES: 2,
    POSTS: 2,
    TIMELINES: 0,
    MEDIA: 1,
    CHAT: 1,
    CALLS: 1,
    LIVE: 1,
    NOTIFICATIONS: 1,
    REALTIME: 0,
    IDEMPOTENCY: 0,
    MODERATION: 2,
    ACCOUNTS: 0,
    AUDIT: 0,
}
#: Tables whose items nobody may change or delete.
APPEND_ONLY_TABLES: Final = frozenset({AUDIT})
STREAMED_TABLES: Final = frozenset({POSTS, PROFILES, CHAT, CALLS, LIVE, MEDIA, MODERATION})

# Queues.
QUEUE_TIMELINES: Final = "timelines"
QUEUE_MEDIA: Final = "media"
QUEUE_CALLS: Final = "calls"
QUEUE_CALL_TIMEOUTS: Final = "call-timeouts"
QUEUE_LIVE: Final = "live"
QUEUE_LIVE_LOOKS: Final = "live-looks"
QUEUE_CHAT_ARRIVALS: Final = "chat-arrivals"
QUEUE_DUE: Final = "due"
QUEUE_INAPP: Final = "notifications-inapp"
QUEUE_PUSH: Final = "notifications-push"
QUEUE_MODERATION: Final = "moderation"
QUEUE_ACCOUNTS: Final = "accounts"
QUEUE_MOBILE: Final = "notifications-mobile"

#: Events that cause notifications (``services/notifications/rules.py``), on any channel.
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
    "live.started",
    "moderation.decided",
)
#: Events that withdraw or change notifications (``services/notifications/corrections.py``), beside some of ``TOLD``.
CORRECTING: Final = (
    "post.deleted",
    "post.unliked",
    "post.unreacted",
    "post.unreposted",
    "user.unfollowed",
    "user.follow_request_ended",
    "user.blocked",
    "user.deleted",
    "chat.message_deleted",
    "chat.message_edited",
    "chat.read",
    "chat.member_left",
    "live.ended",
)
#: Of pushes only.
_PUSHED: Final = (
    "notification.test_requested",
    "notification.corrected",
    "call.ringing",
    "call.ringing_ended",
    "room.ringing",
    "room.ringing_ended",
)
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
    QUEUE_CALLS: ("user.blocked", "device.left", "moderation.decided", "chat.member_left"),
    QUEUE_LIVE: ("user.blocked", "moderation.decided"),
    QUEUE_INAPP: (*TOLD, *CORRECTING),
    QUEUE_PUSH: (*TOLD, *_PUSHED),
    QUEUE_MOBILE: (*TOLD, *_PUSHED),
}
#: How long a call rings; https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-delay-queues.html
CALL_RING_SECONDS: Final = 30
#: How long a device has to acknowledge a chat message, before its person is notified as being away.
CHAT_ARRIVAL_SECONDS: Final = 15
#: Concurrent executions that the account must allow in the region; ``make deploy`` asks before it deploys.
#: https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
ACCOUNT_CONCURRENCY: Final = 1_000
#: function → executions that are kept for it: what people wait for is never starved by what runs behind. On AWS only.
RESERVED: Final[dict[str, int]] = {
    "query": 200,
    "post": 60,
    "profile": 60,
    "chat": 60,
    "realtime": 60,
    "realtime-authorizer": 60,
    "call": 40,
}
#: Executions that one queue may start at once: more would only wait for each other.
QUEUE_CONCURRENCY: Final = 20
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
#: The VAPID pair of Web Push, ``{"private": …, "public": …}``; the public key once more as a parameter, because an
#: output may not name a secret.
PUSH_SECRET: Final = f"{PREFIX}/web-push"
PUSH_PUBLIC_PARAMETER: Final = f"/{PREFIX}/web-push/public-key"
#: The secret shared by the TURN server and the function that makes its credentials (coturn's ``static-auth-secret``).
TURN_SECRET: Final = f"{PREFIX}/turn"
#: The secret shared by the media server of group calls and the function that lets people into it.
SFU_SECRET: Final = f"{PREFIX}/sfu"
#: The secret that CloudFront sends to the API in this header, so that nobody goes round its web ACL.
ORIGIN_SECRET: Final = f"{PREFIX}/origin"
ORIGIN_HEADER: Final = "x-origin-secret"

#: Push services of the browsers: a subscription may name no other host.
PUSH_HOSTS: Final = "fcm.googleapis.com,updates.push.services.mozilla.com,web.push.apple.com,*.notify.windows.com"

# Groups of the user pool; an end user is in none.
DEVELOPERS: Final = "developers"
ADMINISTRATORS: Final = "administrators"
MODERATORS: Final = "moderators"


#: Bucket of the access logs, and Athena's workgroup.
ACCESS_LOGS: Final = "access-logs"
#: Bucket of Athena's answers.
ATHENA_RESULTS: Final = "athena-results"
#: A query of Athena that would read more is cancelled: at 5 USD for a TB it costs 5 cents at most.
ANALYSIS_BYTES: Final = 10 * 1024**3
#: Glue's database, whose name takes no hyphens.
ANALYSIS_DATABASE: Final = f"{PREFIX}_access_logs".replace("-", "_")
#: Requests that one address may send within five minutes; the web ACL answers more with 429.
RATE_PER_FIVE_MINUTES: Final = 6000

# Names in IAM, after the prefix.
DEVELOPER: Final = "developer"
DEPLOYER: Final = "deployer"
#: Of every role that a deployment makes, and of the deploying role.
BOUNDARY: Final = "boundary"
DEPLOYER_BOUNDARY: Final = "deployer-boundary"


def physical(name: str) -> str:
    """The physical name, as in logs and consoles: ``asyncsns-<name>``."""
    return f"{PREFIX}-{name}"


def camel(name: str) -> str:
    """``call-timeouts`` → ``CallTimeouts``: construct ids and output names."""
    return "".join(part.capitalize() for part in name.split("-"))
