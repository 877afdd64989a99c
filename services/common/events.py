"""Domain events: past tense, versioned, one registry. They travel by SNS; a consumer is idempotent by ``id``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from services.common.aws import client
from services.common.clock import now_text
from services.common.ids import derived_id

_EDITED = {"mentionsAdded", "tagsRemoved", "version"}
_MESSAGE = frozenset(
    {
        "conversationId",
        "conversationKind",
        "title",
        "messageId",
        "seq",
        "senderId",
        "recipientIds",
        "mentionIds",
        "requestIds",
        "preview",
    }
)
#: type → (version, the keys that ``data`` holds)
REGISTRY: dict[str, tuple[int, frozenset[str]]] = {
    "post.published": (
        2,
        frozenset({"postId", "authorId", "visibility", "replyTo", "quoteOf", "mentions", "tags", "createdAt"}),
    ),
    "post.edited": (
        1,
        frozenset({"postId", "authorId", "visibility", "replyTo", "mentions", "tags", "createdAt"} | _EDITED),
    ),
    "post.deleted": (1, frozenset({"postId", "authorId"})),
    "post.scheduled_published": (1, frozenset({"postId", "authorId", "scheduledId"})),
    "post.scheduled_failed": (1, frozenset({"scheduledId", "authorId", "reason"})),
    "poll.ended": (1, frozenset({"postId", "authorId", "recipientIds"})),
    "post.liked": (1, frozenset({"postId", "authorId", "userId"})),
    "post.unliked": (1, frozenset({"postId", "authorId", "userId"})),
    "post.reposted": (1, frozenset({"postId", "authorId", "userId", "repostId", "visibility"})),
    "post.unreposted": (1, frozenset({"postId", "authorId", "userId", "repostId"})),
    "post.reacted": (1, frozenset({"postId", "authorId", "userId", "emoji"})),
    "post.unreacted": (1, frozenset({"postId", "authorId", "userId", "emoji"})),
    "user.followed": (1, frozenset({"followerId", "followeeId", "version"})),
    "user.unfollowed": (1, frozenset({"followerId", "followeeId", "version"})),
    "list.member_added": (1, frozenset({"listId", "ownerId", "userId", "version"})),
    "list.member_removed": (1, frozenset({"listId", "ownerId", "userId", "version"})),
    "user.follow_requested": (1, frozenset({"followerId", "followeeId"})),
    "user.follow_accepted": (1, frozenset({"followerId", "followeeId"})),
    "chat.message_sent": (2, _MESSAGE),
    "chat.message_unreceived": (1, _MESSAGE),
    "chat.members_added": (1, frozenset({"conversationId", "title", "messageId", "actorId", "userIds", "requestIds"})),
    "call.missed": (1, frozenset({"callId", "callerId", "calleeId"})),
    "moderation.decided": (
        1,
        frozenset({"decision", "subjectKind", "subjectId", "ownerId", "reason", "comment", "version"}),
    ),
    "notification.test_requested": (1, frozenset({"userId", "deviceId"})),
    "user.blocked": (1, frozenset({"blockerId", "blockedId"})),
    "device.left": (1, frozenset({"userId", "device"})),
    "user.deleted": (1, frozenset({"userId"})),
    "post.media_changed": (1, frozenset({"kind", "id", "authorId", "mediaIds"})),
    "profile.pictured": (1, frozenset({"userId", "mediaIds"})),
    "chat.media_changed": (2, frozenset({"conversationId", "seq", "mediaIds", "owners"})),
}
_PUBLISH_BATCH_LIMIT = 10


@dataclass(frozen=True)
class DomainEvent:
    """``id`` is derived from the cause, so that the same cause gives the same event however often it is seen."""

    id: str
    type: str
    actor: str
    data: Mapping[str, Any]
    at: str = field(default_factory=now_text)
    version: int = 1

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))


def event(kind: str, *, cause: str, actor: str, data: Mapping[str, Any], at: str | None = None) -> DomainEvent:
    """Make a registered event.

    Args:
        cause: what made it happen, for example a stream record's ``eventID``.

    Raises:
        ValueError: unknown type, or ``data`` has other keys than the registry says.
    """
    if kind not in REGISTRY:
        raise ValueError(f"expected one of {sorted(REGISTRY)}, got {kind!r}")
    version, keys = REGISTRY[kind]
    if set(data) != keys:
        raise ValueError(f"{kind}: expected the keys {sorted(keys)}, got {sorted(data)}")
    return DomainEvent(derived_id(kind, cause), kind, actor, data, at or now_text(), version)


def parse(body: str) -> DomainEvent:
    """An event from an SNS message: raw delivery, or wrapped in the SNS envelope inside an SQS body.

    Raises:
        ValueError: it is neither; the consumer lets the record fail, so that it ends in the DLQ.
    """
    document = json.loads(body)
    if isinstance(document, dict) and document.get("Type") == "Notification":
        document = json.loads(document["Message"])
    try:
        return DomainEvent(**document)
    except TypeError as error:
        raise ValueError(f"expected a domain event, got {body[:200]!r}") from error


def publish(topic_arn: str, events: Sequence[DomainEvent]) -> None:
    """Publish to SNS with the message attribute ``type`` for filter policies.

    Raises:
        RuntimeError: SNS refused some; the caller's record fails and is retried, consumers dedupe by ``id``.
    """
    for start in range(0, len(events), _PUBLISH_BATCH_LIMIT):
        batch = events[start : start + _PUBLISH_BATCH_LIMIT]
        answer = client("sns").publish_batch(
            TopicArn=topic_arn,
            PublishBatchRequestEntries=[
                {
                    "Id": str(number),
                    "Message": one.to_json(),
                    "MessageAttributes": {"type": {"DataType": "String", "StringValue": one.type}},
                }
                for number, one in enumerate(batch)
            ],
        )
        if answer.get("Failed"):
            raise RuntimeError(f"SNS refused {len(answer['Failed'])} of {len(batch)} events: {answer['Failed'][0]}")
