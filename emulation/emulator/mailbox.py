"""Keeps sent mails over a restart, so that codes that are still valid can be read.

MiniStack saves SES's configuration, not its sent mails.
"""

from __future__ import annotations

import sys
from typing import Any

from emulation.emulator import seams

#: Name of our own state file beside MiniStack's.
STATE_NAME = "asyncsns_mailbox"
#: Newest mails that are saved, per account and region.
SAVED = 200


def get_state() -> dict[str, Any] | None:
    """None until a mail was sent: the service is loaded by the first."""
    service = sys.modules.get("ministack.services.ses")
    if service is None:
        return None
    sent = type(service._sent_emails)()
    for scope, mails in list(service._sent_emails._data.items()):
        sent._data[scope] = list(mails)[-SAVED:]
    return {"sent": sent}


def restore(state: dict[str, Any] | None) -> None:
    """Put saved mails back, before the first request."""
    if state:
        seams.module("services.ses")._sent_emails._data.update(state["sent"]._data)
