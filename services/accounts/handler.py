"""Lambda entry points of accounts. What each context keeps of a person is listed in its ``public``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from services.accounts.adapter import ExportStorage, UserPool
from services.accounts.api import build_router
from services.accounts.archive import write_archive
from services.accounts.commands import AccountCommands
from services.accounts.erasure import Erasure
from services.accounts.model import CLOSED_SECONDS, EXPORT_DAYS, Export, ExportState
from services.accounts.repository import AccountRepository
from services.calls import public as calls
from services.chat import public as chat
from services.common import events, queues
from services.common.clock import now, to_text
from services.common.entry import Event, event_handler, http_handler
from services.common.http import create_app
from services.common.limits import CLOSED, CommandLimits
from services.common.observability import logger, note
from services.common.personal_data import Step
from services.common.settings import settings
from services.media import public as media
from services.moderation import public as moderation
from services.notifications import public as notifications
from services.posts import public as posts
from services.profiles import public as profiles
from services.realtime import public as realtime
from services.timelines import public as timelines

_ENOUGH_MS = 15_000
#: Greater than the version of any decision of moderators: nothing opens this door again.
_LAST_WORD = 2**53

_accounts, _exports, _pool = AccountRepository(), ExportStorage(), UserPool()


def _send(job: Mapping[str, Any], delay_seconds: int = 0) -> None:
    queues.send(settings().require("queue_accounts"), job, delay_seconds)


app = create_app("accounts", build_router(AccountCommands(_accounts, profiles.ProfileRepository(), _send)))
handler = http_handler(app)


#: What an export holds.
_SOURCES = (
    *profiles.EXPORT,
    *posts.EXPORT,
    *chat.EXPORT,
    *notifications.EXPORT,
    *media.EXPORT,
    *moderation.EXPORT,
)


def _export(job: Mapping[str, Any]) -> None:
    export = _accounts.export(job["userId"])
    if export is None or export.id != job["exportId"] or export.state is ExportState.READY:
        return
    writer = _exports.writer(export.key)
    try:
        write_archive(writer, export.user_id, _SOURCES, media.files_of(export.user_id))
        writer.close()
    except Exception:
        writer.abort()
        _accounts.finish(replace(export, state=ExportState.FAILED))
        raise
    if not _accounts.finish(_ready(export, writer.size)):
        _exports.remove_all(export.user_id)


def _ready(export: Export, size: int) -> Export:
    expires = to_text(now() + timedelta(days=EXPORT_DAYS))
    return replace(export, state=ExportState.READY, ready_at=to_text(now()), expires_at=expires, bytes=size)


def _shut(user_id: str) -> int:
    CommandLimits().close(user_id, CLOSED, _LAST_WORD, CLOSED_SECONDS)
    return 0


#: What a deletion takes away, in order: first what makes the account unreachable.
_STEPS = (
    Step("door", _shut),
    *profiles.CLOSING,
    Step("sign-in", lambda user_id: int(_pool.remove(user_id))),
    *realtime.ERASURE,
    *posts.ERASURE,
    *profiles.ERASURE,
    *timelines.ERASURE,
    *media.ERASURE,
    *notifications.ERASURE,
    *chat.ERASURE,
    *calls.ERASURE,
    *moderation.ERASURE,
    Step("exports", _exports.remove_all),
)
_erasure = Erasure(
    _accounts,
    _STEPS,
    again=lambda user_id, seconds: _send({"job": "delete", "userId": user_id}, seconds),
    publish=lambda found: events.publish(settings().require("topic_events"), found),
)


def _work(event: Event, context: Any) -> Event:
    """Jobs of the queue ``accounts``; one that fails is received again, alone."""
    failed = []
    for record in event["Records"]:
        job = json.loads(record["body"])
        logger.info("account", extra={"job": job["job"]})
        try:
            if job["job"] == "export":
                _export(job)
            else:
                state = _erasure.run(job["userId"], lambda: context.get_remaining_time_in_millis() > _ENOUGH_MS)
                logger.info("deletion", extra={"state": state})
        except Exception as error:
            logger.exception("a job failed", extra={"job": job["job"]}, exc_info=error)
            failed.append({"itemIdentifier": record["messageId"]})
    note(records=len(event["Records"]), failed=len(failed))
    return {"batchItemFailures": failed}


worker = event_handler("sqs asyncsns-accounts", _work)
