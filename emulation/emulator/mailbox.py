"""Sent mails: the newest are kept over a restart, so that codes that are still valid can be read, and shown.

MiniStack saves SES's configuration, not its sent mails; it shows all of them at once, those of weeks too.
``GET /_asyncsns/mails?after=ID`` answers ``{"known", "mails": [{"id", "to", "subject", "body", "at"}]}``: the newest
200, the newest first. If the mail ``after`` is among them, ``known`` is true and only later ones are answered.
"""

from __future__ import annotations

import sys
from heapq import merge
from typing import Any

from emulation.emulator import seams

#: Name of our own state file beside MiniStack's.
STATE_NAME = "asyncsns_mailbox"
#: Newest mails that are saved, per account and region, and that are shown.
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


def shown(after: str = "") -> dict[str, Any]:
    """What was sent after the mail with this id."""
    service = sys.modules.get("ministack.services.ses")
    sent = [] if service is None else [mails[-SAVED:] for mails in list(service._sent_emails._data.values())]
    # Mails of one region are in the order in which they were sent, also when the clock was set back meanwhile.
    newest = list(merge(*sent, key=lambda mail: mail["Timestamp"]))[: -SAVED - 1 : -1]
    known = next((place for place, mail in enumerate(newest) if mail["MessageId"] == after), None)
    return {"known": known is not None, "mails": [_row(mail) for mail in newest[:known]]}


def _row(mail: dict[str, Any]) -> dict[str, Any]:
    part = {name: mail.get(f"Rendered{name}") or mail.get(name) for name in ("Subject", "BodyText", "BodyHtml")}
    to = [address for field in ("To", "CC", "BCC") for address in mail.get(field) or ()]
    return {
        "id": mail["MessageId"], "to": to, "subject": part["Subject"] or "",
        "body": part["BodyText"] or part["BodyHtml"] or "", "at": mail["Timestamp"],
    }  # fmt: skip
