"""The queue ``due`` in SQS."""

from __future__ import annotations

from collections.abc import Sequence

from services.common.aws import client
from services.common.lazy_dataclasses import dataclass
from services.posts.due import Due

_BATCH = 10


@dataclass(frozen=True)
class DueQueue:
    """The queue at ``url``."""

    url: str

    def send(self, entries: Sequence[tuple[Due, int]]) -> None:
        """Send due entries with their delays in seconds (0 to 900).

        Raises:
            RuntimeError: SQS refused some; they are swept again.
        """
        for start in range(0, len(entries), _BATCH):
            batch = entries[start : start + _BATCH]
            answer = client("sqs").send_message_batch(
                QueueUrl=self.url,
                Entries=[
                    {"Id": str(number), "MessageBody": due.to_json(), "DelaySeconds": delay}
                    for number, (due, delay) in enumerate(batch)
                ],
            )
            if answer.get("Failed"):
                raise RuntimeError(f"SQS refused {len(answer['Failed'])} of {len(batch)} messages")
