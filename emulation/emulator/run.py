"""Assembles the emulator host and serves it. Importing this imports MiniStack."""

from __future__ import annotations

import logging
import sys
from concurrent.futures import ThreadPoolExecutor
from signal import SIGINT, SIGTERM
from signal import signal as set_handler
from types import FrameType
from typing import Any

import uvicorn

from emulation.aws.invocation_frames import socket_path
from emulation.doors import doors, is_api
from emulation.emulator import (
    alarm_states,
    alarms,
    answers,
    batch_rights,
    boundary_rights,
    byte_ranges,
    cognito,
    exact_numbers,
    expiry,
    expression_rules,
    expressions,
    http_integration,
    item_rules,
    json_inputs,
    layer_archives,
    log_events,
    log_rights,
    mailbox,
    metering,
    metric_queries,
    metric_rules,
    multipart,
    notifications,
    object_rules,
    objects,
    ordered_items,
    phone_pushes,
    phone_rights,
    plain_reads,
    principals,
    publishing,
    query_filters,
    queue_rules,
    restoring,
    seams,
    secure_transport,
    sequences,
    signature_versions,
    signatures,
    socket_frames,
    streams,
    threads,
    topic_functions,
    trace_headers,
    unsigned,
)
from emulation.emulator.admission import Admission
from emulation.emulator.direct_protocol import answering
from emulation.emulator.durability import Durability
from emulation.emulator.environment import EmulatorOptions
from emulation.emulator.faults import Faults
from emulation.emulator.group_commit import GroupCommit
from emulation.emulator.invocation_port import InvocationPort
from emulation.emulator.item_calls import ItemCalls
from emulation.emulator.journal import Journal
from emulation.emulator.journalled import INVOCATIONS, invocations
from emulation.emulator.lambdas import payloads
from emulation.emulator.lambdas.direct import DirectExecution
from emulation.emulator.lambdas.environments import ExecutionEnvironment, last_failure
from emulation.emulator.lambdas.prepared import Prepared
from emulation.emulator.lambdas.service import LambdaService
from emulation.emulator.mending import Mending
from emulation.emulator.server import Host
from emulation.emulator.slots import Slots
from emulation.emulator.snapshot import Encoding, SnapshotStore, StateGetter
from emulation.emulator.strict import enforcing, regions
from emulation.emulator.unfinished_uploads import UnfinishedUploads
from emulation.guard import Guard, Judge
from emulation.logs import log_as_json
from emulation.settings import REGION, Settings

log = logging.getLogger("emulation.emulator")

#: A request takes a slot for part of its time only: its token is checked before, its answer is made after.
_WORKED_ON_PER_SLOT = 2


#: Corrections of MiniStack's differences from AWS, one by one.
_AS_ON_AWS = (
    seams.stop_stream_pollers,
    seams.hold_queue_poller,
    sequences.only_grow,
    seams.keep_code_blobs,
    restoring.load_all_or_none,
    layer_archives.keep_on_disk,
    socket_frames.send_as_api_gateway,
    *cognito.RULES,
    trace_headers.continue_traces,
    batch_rights.ask_for_single_rights,
    phone_rights.name_their_resources,
    boundary_rights.know_boundaries,
    log_rights.name_groups_as_policies_do,
    signature_versions.refuse_version_2,
    signatures.check_all,
    unsigned.sign_code_links,
    secure_transport.count_as_tls,
    expressions.parse_once,
    expressions.compare_keys_directly,
    ordered_items.read_in_order,
    expiry.look_when_due,
    metric_queries.answer_from_index,
    alarms.evaluate_outside_of_requests,
    alarm_states.evaluate_by_metric,
    answers.make_cheaply,
    principals.remember,
    http_integration.answer_as_api_gateway,
    http_integration.answer_as_rest_api,
    byte_ranges.ignore_what_is_none,
    object_rules.refuse_what_s3_refuses,
    object_rules.head_with_range,
    multipart.refuse_small_parts,
    notifications.deliver_before_the_answer,
    query_filters.refuse_keys,
    item_rules.refuse_wrong_items,
    metric_rules.refuse_wrong_metrics,
    metering.count_capacity,
    exact_numbers.sum_exactly,
    expression_rules.refuse_wrong_expressions,
    json_inputs.validate,
    payloads.refuse_wrong_payloads,
    json_inputs.fail_malformed_events,
    publishing.refuse_empty_messages,
    publishing.refuse_wrong_names,
    publishing.refuse_wrong_subscriptions,
    phone_pushes.keep_what_phones_get,
    topic_functions.invoke_by_events,
    queue_rules.refuse_what_sqs_refuses,
    queue_rules.list_sources,
    plain_reads.read_plainly,
)
#: As uvicorn's own command ends.
_NOT_STARTED = 3
#: How uvicorn serves; sockets are kept open as long as a client of AWS expects.
_SERVING: dict[str, Any] = {
    "loop": "uvloop",
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


class _Server(uvicorn.Server):
    """Stops at once: the pump's long poll for new records is answered first."""

    def __init__(self, config: uvicorn.Config, records: streams.RecordSignal) -> None:
        super().__init__(config)
        self._records = records

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._records.end()
        super().handle_exit(sig, frame)


def serve(settings: Settings, options: EmulatorOptions) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises:
        SeamError: MiniStack is not the pinned one.
        StateInUseError: another host has the state directory.
        DamagedStateError: the state is damaged and cannot be repaired.
    """
    log_as_json("emulator", options.log_level)
    store = SnapshotStore(settings.state / "emulator" / "snapshots", fsync=settings.fsync)
    store.acquire()
    signal = streams.RecordSignal()
    service = LambdaService(settings, options, Slots(options.lambda_concurrency, options.lambda_busy))
    service.begin()
    with ThreadPoolExecutor(1) as beside:
        # It computes the checksums of the whole state while MiniStack is imported; the state is loaded afterwards.
        mending = beside.submit(Mending(settings.state / "emulator").mend)
        _prepare(settings, signal)
        for sentence in mending.result():
            log.error("%s", sentence)
    UnfinishedUploads(settings.state / "emulator", settings.fsync).keep()
    if settings.functions_url:
        from emulation.emulator import elsewhere  # its SDK takes a fifth of a second

        elsewhere.invoke_elsewhere(settings.functions_url, settings.credentials)
        elsewhere.publish_elsewhere(settings.functions_url, settings.credentials)
    if settings.fsync:
        objects.sync_before_the_answer()
    seams.persist_into(str(store.current))
    # uvicorn stops in order and then raises the signal again, for the handler that was there before: this one.
    for number in (SIGTERM, SIGINT):
        set_handler(number, lambda *_: None)
    host = build(settings, options, store, signal, service)
    rules = doors(settings, "emulator", is_api, seams.is_bucket)
    items = ItemCalls(Judge(rules), host.durability.journal, host.is_usual, rules.always)
    try:
        where: dict[str, Any] = {"host": settings.bind_host, "port": settings.port("emulator")}
        config = uvicorn.Config(Guard(host, rules), http=answering(items.answer), **where, **_SERVING)
        server = _Server(config, signal)
        server.run()
        if not server.started:
            # It said why.
            sys.exit(_NOT_STARTED)
    finally:
        if restoring.refused:
            raise restoring.refused[0]


def _prepare(settings: Settings, signal: streams.RecordSignal) -> None:
    """Import MiniStack and change what it does otherwise than AWS."""
    seams.listen_for_records(signal.heard)
    threads.keep_for_the_next()
    seams.require()
    for behave in _AS_ON_AWS:
        behave()
    if settings.strict:
        enforcing.refuse_over_quota()
        regions.refuse_other_regions(REGION)


def build(
    settings: Settings, options: EmulatorOptions, store: SnapshotStore, signal: streams.RecordSignal,
    service: LambdaService,
) -> Host:  # fmt: skip
    """The host around MiniStack's application, its parts connected."""
    persistence = seams.module("core.persistence")
    journal = Journal(store.root, fsync=settings.fsync)
    durability = Durability(
        store=store,
        commit=GroupCommit(journal),
        encoding=Encoding(persistence._state_format_version, persistence._json_default),
        journal=journal,
        getters=_state_getters,
        period=options.snapshot_seconds,
    )
    slots = service.slots
    ExecutionEnvironment.service = service
    seams.use_execution_environments(ExecutionEnvironment, last_failure)
    bounds = seams.bound_executions(slots, options.lambda_environments)
    direct = DirectExecution(slots, *bounds, options.lambda_starts)
    threads.run_on_loop(seams.module("services.lambda_svc")._execute_function_with_config_scope, direct.execute)
    admission = Admission(_WORKED_ON_PER_SLOT * options.lambda_concurrency)
    logged = log_events.keep_out_of_requests(options.log_events)
    prepared = Prepared()
    prepared.install()
    faults = Faults(seams.count_metric)
    path = socket_path(settings.state)
    port = InvocationPort(path, direct, admission) if path is not None and not settings.functions_url else None
    service.one_more_idle = direct.look_again
    return Host(seams.application(), durability, signal, service, admission, logged, faults, prepared, port)


def _state_getters() -> dict[str, StateGetter]:
    layer_archives.settle()
    getters: dict[str, StateGetter] = dict(seams.module("app")._build_persistence_save_dict())
    getters[mailbox.STATE_NAME] = mailbox.get_state
    getters[INVOCATIONS] = invocations.get_state
    if "dynamodb" in getters:
        getters[streams.STATE_NAME] = streams.get_state
    return getters
