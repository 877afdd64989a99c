"""No notification is lost or repeated when consumers crash midway and queues redeliver."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from services.common.outbox import Outgoing
from services.notifications import handler as functions
from services.notifications.repository import NotificationRepository
from services.notifications.settings import BrowserSettings, NotifierSettings
from tests.support.aws import Aws
from tests.support.lambdas import Context, new_user
from tests.support.notifier import notifier as notifier_of
from tests.support.pushes import FILTER, FakeSender, liked, pusher, sqs, subscribed

pytestmark = pytest.mark.usefixtures("fresh")


class Killed(BaseException):
    """Simulates SIGKILL: no ``except Exception`` catches it."""


def test_a_consumer_killed_mid_batch_notifies_all_once_after_the_retry(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[Outgoing] = []
    kills = iter([False, True, False, False, False])

    def tell(frames: Sequence[Outgoing]) -> None:
        # The worst moment: the notification is written, its frame is not yet on the stream.
        if next(kills):
            raise Killed
        told.extend(frames)

    bob, actors = new_user(), [new_user() for _ in range(3)]
    notifier = notifier_of(FILTER, tell)
    monkeypatch.setattr(functions, "build_notifier", lambda settings: notifier)
    monkeypatch.setattr(functions, "notifier", functions.notifier.compose(NotifierSettings.read()))
    batch = sqs(*(liked(bob, actor, f"post-{actor}").to_json() for actor in actors))
    with pytest.raises(Killed):
        functions.notifier(batch, Context())
    # SQS redelivers all three after their visibility timeout.
    assert functions.notifier(batch, Context()) == {"batchItemFailures": []}
    assert NotificationRepository("notifications").marks(bob).unread == 3
    # The first frame was sent twice with one id, so devices can drop the duplicate; the others once.
    ids = [frame.frame["eventId"] for frame in told]
    assert (len(ids), len(set(ids))) == (4, 3)


def test_a_killed_pusher_repeats_only_pushes_that_may_not_have_been_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    class Dying(FakeSender):
        def send(self, device: Any, payload: Any) -> None:
            super().send(device, payload)
            if len(self.sent) == 2:
                raise Killed

    sender, ann, bob = Dying(), new_user(), new_user()
    subscribed(bob, "one", "two", "three")
    monkeypatch.setattr(functions, "build_browsers", lambda settings: pusher(sender))
    monkeypatch.setattr(functions, "pusher", functions.pusher.compose(BrowserSettings.read()))
    batch = sqs(liked(bob, ann).to_json())
    with pytest.raises(Killed):
        functions.pusher(batch, Context())
    assert functions.pusher(batch, Context()) == {"batchItemFailures": []}
    # The second push was sent twice with one tag, so the browser shows it once.
    addresses = [address for address, _ in sender.sent]
    assert (len(addresses), len(set(addresses))) == (4, 3)
    assert len({payload["tag"] for _, payload in sender.sent}) == 1


def test_a_slow_batch_stops_in_time_and_finished_records_are_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock(Context):
        """Each reading of the remaining time is five seconds later."""

        left = 15_000

        def get_remaining_time_in_millis(self) -> int:
            self.left -= 5_000
            return self.left

    told: list[Outgoing] = []
    bob, actors = new_user(), [new_user() for _ in range(3)]
    notifier = notifier_of(FILTER, told.extend)
    monkeypatch.setattr(functions, "build_notifier", lambda settings: notifier)
    monkeypatch.setattr(functions, "notifier", functions.notifier.compose(NotifierSettings.read()))
    batch = sqs(*(liked(bob, actor, f"post-{actor}").to_json() for actor in actors))
    answer = functions.notifier(batch, Clock())
    late = [one["messageId"] for one in batch["Records"][1:]]
    assert [one["itemIdentifier"] for one in answer["batchItemFailures"]] == late
    assert len(told) == 1
    batch["Records"] = batch["Records"][1:]
    assert functions.notifier(batch, Context()) == {"batchItemFailures": []}
    assert (NotificationRepository("notifications").marks(bob).unread, len(told)) == (3, 3)


def test_a_redelivered_batch_changes_nothing(fresh: Aws) -> None:
    ann, bob = fresh.person(), fresh.person()
    batch = sqs(liked(bob, ann).to_json())
    for _ in range(2):
        assert functions.notifier(batch, Context()) == {"batchItemFailures": []}
    (kept,) = NotificationRepository("notifications").page(bob, None, 5)
    assert (kept.count, NotificationRepository("notifications").marks(bob).unread) == (1, 1)
