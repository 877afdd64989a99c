"""Lambda entry points of live."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from fastapi import FastAPI

from services.common import outbox
from services.common.entry import Handler, entry_point, http_handler, ordered_handler, queue_handler
from services.common.events import parse, publish
from services.common.held_secret import held_secret
from services.common.http import create_app
from services.common.people import Directory
from services.common.streams import change_of, partition_of
from services.live.api import build_router
from services.live.commands import LiveCommands
from services.live.listener import LiveListener
from services.live.looking import LiveEndings, LiveLook
from services.live.media_server import SfuLiveMedia
from services.live.message_repository import LiveMessageRepository
from services.live.projecting import LiveProjector
from services.live.repository import LiveRepository
from services.live.settings import (
    LiveListenerSettings,
    LiveMediaSettings,
    LiveProjectorSettings,
    LiveSettings,
    LiveTimerSettings,
)
from services.live.timer import look_later
from services.profiles.public import ProfileRepository


def build_media(settings: LiveMediaSettings) -> SfuLiveMedia:
    secret_name = settings.sfu_secret_name
    return SfuLiveMedia(settings.sfu_url, settings.sfu_callback_url, lambda: held_secret(secret_name).read())


def build_app(settings: LiveSettings) -> FastAPI:
    lives, people, media = (
        LiveRepository(settings.table_live),
        Directory(settings.table_profiles),
        build_media(settings),
    )
    messages = LiveMessageRepository(settings.table_live)
    commands = LiveCommands(lives, messages, people, media, LiveLook(lives, media))
    return create_app("live", build_router(commands, people))


@entry_point(LiveSettings)
def handler(settings: LiveSettings) -> Handler:
    return http_handler(build_app(settings), settings)


@entry_point(LiveProjectorSettings)
def projector(settings: LiveProjectorSettings) -> Handler:
    projecting = LiveProjector(
        LiveRepository(settings.table_live),
        Directory(settings.table_profiles),
        partial(outbox.put, settings.stream_realtime),
        partial(look_later, settings.queue_live_looks),
        ProfileRepository(settings.table_profiles),
        partial(publish, settings.topic_events),
    )
    return ordered_handler("dynamodb", lambda record: projecting.project(change_of(record)), key=partition_of)


@entry_point(LiveTimerSettings)
def timer(settings: LiveTimerSettings) -> Handler:
    look = LiveLook(LiveRepository(settings.table_live), build_media(settings))

    def run(record: Mapping[str, Any]) -> None:
        live = look.at(json.loads(record["body"])["liveId"])
        if live is not None and not live.is_over:
            look_later(settings.queue_live_looks, live.id)

    return queue_handler(run, settings)


@entry_point(LiveListenerSettings)
def listener(settings: LiveListenerSettings) -> Handler:
    listening = LiveListener(LiveEndings(LiveRepository(settings.table_live)))
    return queue_handler(lambda record: listening.handle(parse(record["body"])), settings)
