"""Checks a batch call against the right of the single call, as AWS does.

MiniStack asks for ``sns:PublishBatch``, ``sqs:SendMessageBatch`` and so on, which no policy can grant on AWS. Source:
Service Authorization Reference, "Actions, resources, and condition keys for Amazon SNS" and "… Amazon SQS": there are
no such actions; ``PublishBatch`` needs ``sns:Publish``, a batch operation of SQS the right of its single form.
"""

from __future__ import annotations

from typing import Any

from emulation.emulator import seams

RIGHTS = {
    "sns:PublishBatch": "sns:Publish",
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
}


def ask_for_single_rights() -> None:
    """Wrap the function that names the IAM action of a request."""
    actions = seams.module("core.iam_actions")
    name_of = actions.extract_iam_action

    def single(*request: Any) -> str | None:
        action: str | None = name_of(*request)
        return RIGHTS.get(action, action) if action else None

    actions.extract_iam_action = single
