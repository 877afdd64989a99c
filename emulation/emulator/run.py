"""Assembles the emulator host and serves it. Importing this imports MiniStack."""

from __future__ import annotations

from signal import SIGINT, SIGTERM
from signal import signal as set_handler
from typing import Any

import uvicorn

from emulation.doors import doors, is_api
from emulation.emulator import (
    attribute_rights,
    batch_rights,
    challenges,
    expiry,
    expressions,
    identity_roles,
    integrity,
    layer_archives,
    lockout,
    mailbox,
    mailed_codes,
    phone_rights,
    principals,
    seams,
    secure_transport,
    signature_versions,
    socket_frames,
    streams,
    threads,
    trace_headers,
)
from emulation.emulator.admission import Admission
from emulation.emulator.durability import Durability
from emulation.emulator.environment import EmulatorOptions
from emulation.emulator.journal import Journal
from emulation.emulator.lambdas.environments import ExecutionEnvironment, last_failure
from emulation.emulator.lambdas.service import LambdaService
from emulation.emulator.server import Host
from emulation.emulator.slots import Slots
from emulation.emulator.snapshot import Encoding, SnapshotStore, StateGetter
from emulation.guard import Guard
from emulation.logs import log_as_json
from emulation.settings import Settings

#: A request takes a slot for part of its time only: its token is checked before, its answer is made after.
_WORKED_ON_PER_SLOT = 2


#: What MiniStack does otherwise than AWS, set right one by one.
_AS_ON_AWS = (
    seams.stop_stream_pollers,
    seams.keep_code_blobs,
    layer_archives.keep_on_disk,
    socket_frames.send_as_api_gateway,
    identity_roles.give_roles_by_group,
    mailed_codes.send_random_codes,
    lockout.lock_out,
    challenges.ask_for_sessions,
    attribute_rights.keep_from_writing,
    trace_headers.continue_traces,
    batch_rights.ask_for_single_rights,
    phone_rights.name_their_resources,
    signature_versions.refuse_version_2,
    secure_transport.count_as_tls,
    expressions.parse_once,
    expressions.compare_keys_directly,
    expiry.look_when_due,
    principals.remember,
)
#: How uvicorn serves; sockets are kept open as long as a client of AWS expects.
_SERVING: dict[str, Any] = {
    "loop": "uvloop",
    "http": "httptools",
    "ws": "websockets-sansio",
    "ws_max_size": 1 << 20,
    "ws_ping_interval": None,
    "lifespan": "on",
    "access_log": False,
    "log_config": None,
    "server_header": False,
    "date_header": False,
    "timeout_keep_alive": 75,
    "timeout_graceful_shutdown": 3,
    "backlog": 4096,
}


def serve(settings: Settings, options: EmulatorOptions) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises:
        SeamError: MiniStack is not the pinned one.
        StateInUseError: another host has the state directory.
        DamagedStateError: what is there is not what was written; nothing was touched.
    """
    log_as_json("emulator", options.log_level)
    store = SnapshotStore(settings.state / "emulator" / "snapshots")
    store.acquire()
    integrity.require_whole(store.root, settings.state / "emulator" / "blobs")
    signal = streams.RecordSignal()
    seams.listen_for_records(signal.heard)
    threads.keep_for_the_next()
    seams.require()
    for behave in _AS_ON_AWS:
        behave()
    seams.persist_into(str(store.current))
    # uvicorn stops in order and then raises the signal again, for the handler that was there before: this one.
    for number in (SIGTERM, SIGINT):
        set_handler(number, lambda *_: None)
    uvicorn.run(
        Guard(build(settings, options, store, signal), doors(settings, "emulator", is_api, seams.is_bucket)),
        host=settings.bind_host,
        port=settings.port("emulator"),
        **_SERVING,
    )


def build(settings: Settings, options: EmulatorOptions, store: SnapshotStore, signal: streams.RecordSignal) -> Host:
    """The host around MiniStack's application, its parts connected."""
    persistence = seams.module("core.persistence")
    durability = Durability(
        store=store,
        encoding=Encoding(persistence._state_format_version, persistence._json_default),
        journal=Journal(store.root),
        getters=_state_getters,
        busy=lambda: seams.workers_running() > 0,
        period=options.snapshot_seconds,
    )
    slots = Slots(options.lambda_concurrency)
    service = LambdaService(settings, options, slots)
    ExecutionEnvironment.service = service
    seams.use_execution_environments(ExecutionEnvironment, last_failure)
    seams.bound_executions(slots, options.lambda_environments)
    admission = Admission(_WORKED_ON_PER_SLOT * options.lambda_concurrency)
    return Host(seams.application(), durability, signal, service, admission)


def _state_getters() -> dict[str, StateGetter]:
    layer_archives.settle()
    getters: dict[str, StateGetter] = dict(seams.module("app")._build_persistence_save_dict())
    getters[mailbox.STATE_NAME] = mailbox.get_state
    if "dynamodb" in getters:
        getters[streams.STATE_NAME] = streams.get_state
    return getters
