"""Lambda entry points of accounts; the one place that knows what each context keeps of a person.

``_SOURCES`` is what an export holds, ``_STEPS`` what a deletion takes away, in order. Both take whole partitions:
what a context adds to a person's partition is in both without a word here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

from services.accounts.adapter import ExportStorage, MediaFiles, UserPool
from services.accounts.api import build_router
from services.accounts.archive import File, write_archive
from services.accounts.commands import AccountCommands
from services.accounts.erasure import Erasure
from services.accounts.model import CLOSED_SECONDS, EXPORT_DAYS, QUARANTINE_DAYS, Export, ExportState
from services.accounts.repository import AccountRepository
from services.calls import public as calls
from services.chat import public as chat
from services.common import events, queues
from services.common.clock import now, to_text
from services.common.dynamo import batch_get, batch_write
from services.common.entry import Event, event_handler, http_handler
from services.common.errors import NotFound
from services.common.http import create_app
from services.common.limits import CLOSED, CommandLimits
from services.common.observability import logger, note
from services.common.partitions import items_of, wipe
from services.common.personal_data import PAGE, Source, Step, erased, page_of, partition
from services.common.settings import settings
from services.media.public import MediaRepository, public_folder, served_folder
from services.moderation import public as moderation
from services.notifications import public as notifications
from services.posts.public import PostErasure, PostRepository
from services.profiles.public import ListRepository, ProfileErasure, ProfileRepository
from services.realtime import public as realtime
from services.timelines.public import audience, home, list_of, list_reader, reader

_ENOUGH_MS = 15_000
#: Greater than the version of any decision of moderators: nothing opens this door again.
_LAST_WORD = 2**53

_accounts, _exports, _files, _pool = AccountRepository(), ExportStorage(), MediaFiles(), UserPool()
_profiles, _posts, _lists = ProfileRepository(), PostRepository(), ListRepository()
_media = MediaRepository()
_post_erasure, _profile_erasure = PostErasure(_posts, PAGE), ProfileErasure(_profiles, PAGE)


def _send(job: Mapping[str, Any], delay_seconds: int = 0) -> None:
    queues.send(settings().require("queue_accounts"), job, delay_seconds)


app = create_app("accounts", build_router(AccountCommands(_accounts, _profiles, _send)))
handler = http_handler(app)


# What an export holds.


def _own_profile(user_id: str) -> Iterator[Mapping[str, Any]]:
    left_out = ("FOLLOW#", "COUNTS")
    for item in items_of(_profiles.name, f"USER#{user_id}"):
        if not str(item["sk"]).startswith(left_out):
            yield {"kind": item["sk"].split("#")[0].lower(), **item}


_SOURCES = (
    Source("profile", _own_profile),
    Source("posts", partition("table_posts", "AUTHOR", index="gsi1")),
    Source("drafts", partition("table_posts", "DRAFTS")),
    Source("scheduled", partition("table_posts", "SCHEDULED")),
    Source("likes", partition("table_posts", "LIKES", index="gsi1")),
    Source("reposts", partition("table_posts", "REPOSTS", index="gsi1")),
    Source("reactions", partition("table_posts", "REACTIONS", index="gsi1")),
    Source("bookmarks", partition("table_posts", "BOOKMARKS", index="gsi1")),
    Source("votes", partition("table_posts", "VOTES", index="gsi1")),
    Source("following", partition("table_profiles", "FOLLOWING", index="gsi2")),
    Source("followers", partition("table_profiles", "FOLLOWERS", index="gsi1")),
    Source("blocked", partition("table_profiles", "BLOCKING", index="gsi2")),
    *chat.EXPORT,
    *notifications.EXPORT,
    Source("media", partition("table_media", "OWNER", index="gsi1")),
    *moderation.EXPORT,
)


def _media_files(user_id: str) -> Iterator[File]:
    """The files that are served, as they are served: what a person sent is not kept."""
    for item in items_of(_media.name, f"OWNER#{user_id}", index="gsi1"):
        for prefix in (public_folder(item["id"]), served_folder(item["id"])):
            for key in _files.names(prefix):
                yield File(f"media/{item['id']}/{key.rpartition('/')[2]}", lambda key=key: _files.chunks(key))  # type: ignore[misc]


def _export(job: Mapping[str, Any]) -> None:
    export = _accounts.export(job["userId"])
    if export is None or export.id != job["exportId"] or export.state is ExportState.READY:
        return
    writer = _exports.writer(export.key)
    try:
        write_archive(writer, export.user_id, _SOURCES, _media_files(export.user_id))
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


# What a deletion takes away.


def _shut(user_id: str) -> int:
    CommandLimits().close(user_id, CLOSED, _LAST_WORD, CLOSED_SECONDS)
    return 0


def _follows(user_id: str) -> int:
    """Own follows. An edge goes once the timelines have heard of its end: until then they would make the entry anew."""
    followees = _profile_erasure.following(user_id)
    table = settings().require("table_timelines")
    keys = {one: (audience(one), user_id) for one in followees}
    entries = batch_get({table: keys.values()}, consistent=True)
    heard = [one for one in followees if not entries.get((table, *keys[one]), {}).get("active")]
    batch_write(table, deletes=[keys[one] for one in heard])
    _profile_erasure.forget(user_id, heard)
    return len(followees)


def _own_lists(user_id: str) -> int:
    """A list goes last, after who was on it and its timeline: until then it is found again."""
    timelines, found = settings().require("table_timelines"), 0
    for one in _lists.of(user_id):
        list_id, partition = list_reader(user_id, one.id), f"LIST#{user_id}#{one.id}"
        people = [str(item["userId"]) for item in page_of(items_of(_profiles.name, partition))]
        for member in people:
            _lists.remove(user_id, one.id, member)
        keys = {member: (audience(member), list_id) for member in people}
        entries = batch_get({timelines: keys.values()}, consistent=True)
        heard = [member for member in people if not entries.get((timelines, *keys[member]), {}).get("active")]
        batch_write(timelines, deletes=[*(keys[member] for member in heard), reader(list_id)])
        batch_write(_profiles.name, deletes=[(partition, f"MEMBER#{member}") for member in heard])
        wipe(timelines, home(list_id), most=PAGE)
        if not people:
            _lists.delete(user_id, one.id)
        found += 1
    return found


def _others_lists(user_id: str) -> int:
    """Lists have a person in their audience, whence they are found."""
    lists = items_of(settings().require("table_timelines"), audience(user_id), prefix="list:")
    readers = [str(item["sk"]) for item in page_of(lists)]
    for owner, list_id in filter(None, map(list_of, readers)):
        with suppress(NotFound):
            _lists.remove(owner, list_id, user_id)
        batch_write(_profiles.name, deletes=[(f"LIST#{owner}#{list_id}", f"MEMBER#{user_id}")])
    return len(readers)


def _all_media(user_id: str) -> int:
    """The items; the collector of media follows each with its objects and CloudFront's copies."""
    items = page_of(items_of(_media.name, f"OWNER#{user_id}", index="gsi1"))
    for item in items:
        wipe(_media.name, str(item["pk"]), most=PAGE)
    return len(items)


_STEPS = (
    Step("door", _shut),
    Step("profile", lambda user_id: _profile_erasure.profile(user_id, QUARANTINE_DAYS)),
    Step("sign-in", lambda user_id: int(_pool.remove(user_id))),
    *realtime.ERASURE,
    Step("posts", _post_erasure.posts),
    Step("edges of posts", _post_erasure.edges),
    Step("followers", _profile_erasure.followers),
    Step("blocks", _profile_erasure.blocks),
    Step("follows", _follows),
    Step("own lists", _own_lists),
    Step("others' lists", _others_lists),
    Step("timelines", erased("table_timelines", "HOME", "AUDIENCE", "AUTHOR", "READER", "REACH", "PUSHED")),
    Step("media", _all_media),
    *notifications.ERASURE,
    *chat.ERASURE,
    *calls.ERASURE,
    *moderation.ERASURE,
    Step("exports", _exports.remove_all),
    Step("own posts' rest", _post_erasure.own),
    Step("own profile's rest", _profile_erasure.own),
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
