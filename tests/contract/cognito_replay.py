"""Run by the emulator's Python: prints, for each state directory named, Cognito's state and the mails as a restart
restores them, one line of JSON each."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from emulation.emulator import mailbox, seams
from emulation.emulator.integrity import JOURNAL_NAME
from emulation.emulator.journal import Journal
from emulation.emulator.journalled.mails import MailReplay
from emulation.emulator.journalled.people import PeopleReplay
from emulation.emulator.snapshot import Encoding, SnapshotStore


def _restored(root: Path) -> dict[str, Any]:
    cognito, ses = seams.module("services.cognito"), seams.module("services.ses")
    persistence = seams.module("core.persistence")
    cognito.reset()
    ses.reset()
    store, hook = SnapshotStore(root), persistence._json_object_hook
    cognito.load_persisted_state(store.load("cognito", hook))
    mailbox.restore(store.load(mailbox.STATE_NAME, hook))
    replays = [PeopleReplay(), MailReplay()]
    for entry in Journal(root).entries(store.load(JOURNAL_NAME, hook)["first"]):
        for replay in replays:
            if entry[0] in replay.KINDS:
                replay.again(entry)
    for replay in replays:
        replay.finish()
    encoding = Encoding(persistence._state_format_version, persistence._json_default)
    states = {"cognito": cognito.get_state(), mailbox.STATE_NAME: mailbox.get_state()}
    return {name: json.loads(encoding.encode(name, state))["payload"] for name, state in states.items()}


if __name__ == "__main__":
    os.environ.update(AUTH="true", PERSIST_STATE="0", MINISTACK_ACCOUNT_ID="000000000000")
    seams.require()
    for directory in sys.argv[1:]:
        print(json.dumps(_restored(Path(directory))))
