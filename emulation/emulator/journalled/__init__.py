"""Rows of the journal, one module per service: how changes are recorded, and how a restart replays them.

Each module has ``record`` and a replay: ``KINDS`` of rows, ``again`` for each of them in order, ``finish`` at the end.
"""

from __future__ import annotations

from emulation.emulator.mailbox import STATE_NAME as MAILBOX
from emulation.emulator.streams import STATE_NAME as STREAMS

#: The state file of asynchronous invocations, which are ours.
INVOCATIONS = "asyncsns_invocations"
#: State files of the services whose every change of data is a row. They are written whole together, with a new journal.
STATES = frozenset({"dynamodb", STREAMS, "sqs", "kinesis", "cognito", MAILBOX, INVOCATIONS})
