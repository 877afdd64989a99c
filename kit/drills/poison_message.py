"""A message that its consumer can never work on."""

from __future__ import annotations

import uuid
from typing import Any

from kit.drills.letters import holding, queue_of
from kit.drills.scene import Scene

_QUEUE = "notifications-inapp"
_ALARM = f"asyncsns-{_QUEUE}-dlq-filled"


def play(scene: Scene) -> None:
    ann_account, ann = scene.person("ann")
    _, bob = scene.person("bob")
    sqs = scene.aws("sqs")
    queue, mark = queue_of(sqs, _QUEUE), f"poison-{uuid.uuid4().hex}"
    sqs.send_message(QueueUrl=queue.source, MessageBody=mark)
    try:
        bob.put(f"/v1/follows/{ann_account.user_id}")
        scene.within(
            "Notifications beside it arrive",
            "ほかの通知は届く",
            30,
            lambda: ann.get("/v1/notifications")["items"],
            bool,
        )
        found = scene.within(
            "It goes to the dead-letter queue after three attempts",
            "3回試行した後、DLQへ移る",
            150,
            lambda: holding(sqs, queue.url, mark),
            bool,
        )
        if found:
            told = _told(found[0])
            scene.expect(
                "The dead letter names its consumer",
                "DLQのメッセージに残るコンシューマー",
                "asyncsns-notifier",
                told.get("consumer"),
            )
            reason = told.get("reason", "none")
            scene.expect("and the reason", "理由", "JSONDecodeError", reason[:60], reason.startswith("JSONDecodeError"))
        scene.within(
            "The alarm of the dead-letter queue fires",
            "DLQのアラームが発報する",
            150,
            lambda: scene.alarm(_ALARM),
            lambda state: state == "ALARM",
        )
    finally:
        holding(sqs, queue.url, mark, take=True)
    left = len(holding(sqs, queue.url, mark))
    scene.expect("Left after removing it from the dead-letter queue", "DLQから取り除いた後の残り", 0, left)


def _told(message: dict[str, Any]) -> dict[str, str]:
    return {name: one.get("StringValue", "") for name, one in message.get("MessageAttributes", {}).items()}
