"""A consumer that dies at every try: killed by the system, as when memory is out."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from kit.drills.letters import holding, queue_of
from kit.drills.phrases import ABOVE_ZERO
from kit.drills.scene import Scene
from kit.redrive.queues import give_back
from kit.words import Words

_QUEUE, _FUNCTION, _TABLE = "notifications-inapp", "asyncsns-notifier", "asyncsns-notifications"


@dataclass
class Killer:
    """Kills each execution environment of the function while it works."""

    scene: Scene
    kills: int = 0
    _done: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while not self._done.wait(0.1):
            for pid in self.scene.environments(_FUNCTION):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    self.kills += 1

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        thread = threading.Thread(target=self.run)
        thread.start()
        try:
            yield
        finally:
            self._done.set()
            thread.join()


def play(scene: Scene) -> None:
    ann_account, ann = scene.person("ann")
    bob_account, bob = scene.person("bob")
    sqs, killer = scene.aws("sqs"), Killer(scene)
    queue = queue_of(sqs, _QUEUE)
    errors = scene.metric("AWS/Lambda", "Errors", FunctionName=_FUNCTION)
    try:
        # So that it is caught at work: each call of its table takes two seconds.
        with scene.faults({"service": "dynamodb", "resource": _TABLE, "delay_ms": 2000}), killer.at_work():
            bob.put(f"/v1/follows/{ann_account.user_id}")
            scene.within(
                "The message goes to the dead-letter queue after three crashes", "3回クラッシュした後、DLQへ移る", 170,
                lambda: holding(sqs, queue.url, bob_account.user_id), bool,
            )  # fmt: skip
        scene.expect(
            "Consumers killed while working",
            "処理中に落ちたコンシューマー",
            Words("3 or more", "3以上"),
            killer.kills,
            killer.kills >= 3,
        )
        more = scene.metric("AWS/Lambda", "Errors", FunctionName=_FUNCTION) - errors
        scene.expect(
            "The metric that shows it: Errors of the function",
            "確認できるメトリクス: 関数のErrors",
            ABOVE_ZERO,
            round(more),
            more > 0,
        )
        scene.expect("Notifications in the meantime", "その間の通知", 0, len(ann.get("/v1/notifications")["items"]))
    finally:
        # Also when the drill is stopped: what crashed its consumer is not left among the dead letters.
        give_back(sqs, queue_of(sqs, _QUEUE), lambda moved, total: None)
    scene.within(
        "After `make redrive` the notification arrives", "make redriveの後、通知が届く", 90,
        lambda: ann.get("/v1/notifications")["items"], bool,
    )  # fmt: skip
    scene.expect("once", "一度だけ", 1, ann.get("/v1/notifications/unread")["count"])
