"""Lambda entry points of accounts. Each context lists its data about a person in its ``public``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from fastapi import FastAPI

from services.accounts.adapter import ExportStorage, UserPool
from services.accounts.api import build_router
from services.accounts.commands import AccountCommands
from services.accounts.erasure import Erasure
from services.accounts.export import Exporter
from services.accounts.model import CLOSED_SECONDS
from services.accounts.repository import AccountRepository
from services.accounts.settings import AccountSettings, WorkerSettings
from services.accounts.sign_out import JOB, SignOut
from services.calls import public as calls
from services.chat import public as chat
from services.common import events, queues
from services.common.entry import Event, Handler, entry_point, event_handler, http_handler
from services.common.http import create_app
from services.common.limits import CLOSED, CommandLimits
from services.common.observability import logger, note
from services.common.personal_data import PersonalData, Step
from services.live import public as live
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


class Jobs:
    """Messages to the worker's queue."""

    def __init__(self, queue_url: str) -> None:
        self._queue_url = queue_url

    def send(self, job: Mapping[str, Any], delay_seconds: int = 0) -> None:
        queues.send(self._queue_url, job, delay_seconds)


def build_app(settings: AccountSettings) -> FastAPI:
    commands = AccountCommands(
        AccountRepository(settings.table_accounts),
        profiles.ProfileRepository(settings.table_profiles),
        Jobs(settings.queue_accounts).send,
    )
    return create_app("accounts", build_router(commands))


def kept_of_people(settings: WorkerSettings) -> tuple[PersonalData, ...]:
    """The data of each context about a person, in order of deletion."""
    return (
        realtime.personal_data(settings.table_realtime),
        posts.personal_data(settings.table_posts),
        profiles.personal_data(settings.table_profiles, settings.table_timelines),
        timelines.personal_data(settings.table_timelines),
        media.personal_data(settings.table_media),
        notifications.personal_data(settings.table_notifications),
        chat.personal_data(settings.table_chat),
        calls.personal_data(settings.table_calls),
        live.personal_data(settings.table_live),
        moderation.personal_data(settings.table_moderation),
    )


def build_exporter(settings: WorkerSettings) -> Exporter:
    sources = [source for kept in kept_of_people(settings) for source in kept.export]
    return Exporter(
        AccountRepository(settings.table_accounts),
        ExportStorage(settings.bucket_exports),
        sources,
        media.files_of(settings.table_media, settings.bucket_media),
    )


def build_erasure(settings: WorkerSettings) -> Erasure:
    """The first steps make the account unreachable."""
    kept, limits = kept_of_people(settings), CommandLimits(settings.table_idempotency)
    pool, jobs = UserPool(settings.user_pool_id), Jobs(settings.queue_accounts)

    def shut(user_id: str) -> int:
        limits.close(user_id, CLOSED, _LAST_WORD, CLOSED_SECONDS)
        return 0

    steps = (
        Step("door", shut),
        *(step for one in kept for step in one.closing),
        Step("sign-in", lambda user_id: int(pool.remove(user_id))),
        *(step for one in kept for step in one.erasure),
        Step("exports", ExportStorage(settings.bucket_exports).remove_all),
    )
    return Erasure(
        AccountRepository(settings.table_accounts),
        steps,
        again=lambda user_id, seconds: jobs.send({"job": "delete", "userId": user_id}, seconds),
        late=lambda user_id, number, seconds: jobs.send({"job": "late", "userId": user_id, "pass": number}, seconds),
        publish=lambda found: events.publish(settings.topic_events, found),
    )


def build_sign_out(settings: WorkerSettings) -> SignOut:
    pool = UserPool(settings.user_pool_id)
    return SignOut(
        CommandLimits(settings.table_idempotency).sign_out,
        lambda user_id: pool.sign_out(user_id),
        partial(realtime.end_sessions, settings.table_realtime, settings.stream_realtime),
    )


def work(exporter: Exporter, erasure: Erasure, sign_out: SignOut, event: Event, context: Any) -> Event:
    """Jobs of the queue ``accounts``; one that fails is received again, alone."""

    def may_go_on() -> bool:
        return bool(context.get_remaining_time_in_millis() > _ENOUGH_MS)

    failed = []
    for record in event["Records"]:
        job = json.loads(record["body"])
        note(job=job["job"])
        try:
            if job["job"] == "export":
                exporter.run(job["userId"], job["exportId"])
            elif job["job"] == JOB:
                sign_out.run(job)
            elif job["job"] == "late":
                note(state=erasure.run_late(job["userId"], job["pass"], may_go_on))
            else:
                note(state=erasure.run(job["userId"], may_go_on))
        except Exception as error:
            logger.exception("a job failed", extra={"job": job["job"]}, exc_info=error)
            failed.append({"itemIdentifier": record["messageId"]})
    note(records=len(event["Records"]), failed=len(failed))
    return {"batchItemFailures": failed}


@entry_point(AccountSettings)
def handler(settings: AccountSettings) -> Handler:
    return http_handler(build_app(settings), settings)


@entry_point(WorkerSettings)
def worker(settings: WorkerSettings) -> Handler:
    parts = build_exporter(settings), build_erasure(settings), build_sign_out(settings)
    return event_handler("sqs asyncsns-accounts", lambda event, context: work(*parts, event, context))
