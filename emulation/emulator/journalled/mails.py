"""Sent mails in the journal: codes are in them.

MiniStack appends each to a list, and loads its mail service with the first. So what is new is what lies behind the
last mail that was noted.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from emulation.emulator import seams
from emulation.emulator.journal import Journal

Scope = tuple[str, str, str]

_journal: Journal | None = None
#: The identity of the newest mail that is in the journal or the snapshot.
_noted: dict[Scope, str] = {}


def record(journal: Journal) -> None:
    """From now on ``note`` writes to ``journal``."""
    global _journal
    _journal = journal
    _noted.update({scope: mails[-1]["MessageId"] for scope, mails in _sent().items() if mails})


def note() -> None:
    """Add a row for each new mail. On the event loop, before the answer."""
    if _journal is None:
        return
    for scope, mails in list(_sent().items()):
        if mails and mails[-1]["MessageId"] != _noted.get(scope):
            for mail in _new(list(mails), _noted.get(scope)):
                _journal.add(["mail", *scope, json.dumps(mail, default=seams.module("core.persistence")._json_default)])
                _noted[scope] = mail["MessageId"]


def _new(mails: list[dict[str, Any]], last: str | None) -> list[dict[str, Any]]:
    start = len(mails)
    while start and mails[start - 1]["MessageId"] != last:
        start -= 1
    return mails[start:]


def _sent() -> dict[Scope, list[dict[str, Any]]]:
    service = sys.modules.get("ministack.services.ses")
    return service._sent_emails._data if service else {}


class MailReplay:
    """Appends what the snapshot does not have. Must run before ``record``."""

    KINDS = frozenset({"mail"})

    def __init__(self) -> None:
        self._known: dict[Scope, set[str]] = {}

    def again(self, entry: list[Any]) -> None:
        account, region, name, text = entry[1:]
        scope, hook = (account, region, name), seams.module("core.persistence")._json_object_hook
        mail = json.loads(text, object_hook=hook)
        mails = seams.module("services.ses")._sent_emails._data.setdefault(scope, [])
        known = self._known.setdefault(scope, {one["MessageId"] for one in mails})
        if mail["MessageId"] not in known:
            known.add(mail["MessageId"])
            mails.append(mail)

    def finish(self) -> None:
        """Nothing to put in order."""
