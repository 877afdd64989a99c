"""Delayed messages: the queue's delay applies, unless the sender sets another one."""

from __future__ import annotations

import time
import uuid

import pytest

from kit.client.api import wait_for
from services.common import queues
from tests.support.aws import Aws


@pytest.mark.parametrize(("own", "least"), [(None, 2.0), (1, 1.0)])
def test_a_message_has_the_delay_of_its_queue_unless_it_sets_its_own(fresh: Aws, own: int | None, least: float) -> None:
    client = fresh.client("sqs")
    made = client.create_queue(QueueName=f"delayed-{uuid.uuid4().hex[:8]}", Attributes={"DelaySeconds": "2"})
    begun = time.monotonic()
    queues.send(made["QueueUrl"], {"text": "あとで"}, own)
    got = wait_for(
        lambda: client.receive_message(QueueUrl=made["QueueUrl"]).get("Messages"), until=bool, what="the message"
    )
    waited = time.monotonic() - begun
    assert got[0]["Body"] == '{"text":"あとで"}'
    assert waited >= least - 0.1
    client.delete_queue(QueueUrl=made["QueueUrl"])
