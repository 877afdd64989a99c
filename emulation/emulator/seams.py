"""Changes that this package makes to MiniStack; the private names are in ``expected``, each checked at start.

MiniStack is pinned exactly; a new version must pass ``tests/contract/test_ministack_seams.py`` first.
Import this module only after ``environment.emulator_environment`` is in force: MiniStack reads it on import.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import logging
import threading
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from emulation.emulator.admission import patience_left
from emulation.emulator.expected import EXPECTED
from emulation.emulator.meter import METER
from emulation.emulator.slots import Caller, Slot, Slots, caller, detached

PINNED_VERSION = "1.5.33"

log = logging.getLogger("emulation.emulator")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]


class SeamError(RuntimeError):
    """This is not the MiniStack version that the emulator host was built for; the message lists the differences."""


def check() -> list[str]:
    """Differences from the pinned MiniStack, one sentence each; empty when there are none."""
    problems = []
    for module_name, names in EXPECTED.items():
        try:
            module = importlib.import_module(module_name)
        except ImportError as error:
            problems.append(f"{module_name}: cannot be imported ({error})")
            continue
        for name, parameters in names.items():
            if not hasattr(module, name):
                problems.append(f"{module_name}.{name}: expected by the emulator host, not there any more")
            elif parameters is not None:
                found = tuple(inspect.signature(getattr(module, name)).parameters)
                if found != parameters:
                    problems.append(f"{module_name}.{name}: expected parameters {parameters}, found {found}")
    return problems


def require() -> None:
    """Refuse to start on a MiniStack whose private names have changed.

    Raises:
        SeamError: with all differences, and the version that is installed.
    """
    problems = check()
    if problems:
        from importlib.metadata import version

        raise SeamError(
            f"MiniStack {version('ministack')} is not what this host expects ({PINNED_VERSION}):\n  "
            + "\n  ".join(problems)
        )


def module(name: str) -> Any:
    """A MiniStack module by its dotted name below ``ministack``; untyped, because we set names in it."""
    return importlib.import_module(f"ministack.{name}")


def application() -> ASGIApp:
    app: ASGIApp = module("app").app
    return app


def is_bucket(name: str) -> bool:
    """Whether there is a bucket of this name."""
    return name in module("services.s3")._buckets


def persist_into(directory: str) -> None:
    """Load state from here at start; MiniStack's own save at shutdown is switched off by ``own_saving``."""
    module("core.persistence").STATE_DIR = directory


def own_saving() -> None:
    """After its state is loaded, MiniStack writes nothing itself: the snapshots are ours."""
    module("app").PERSIST_STATE = False


def stop_stream_pollers() -> None:
    """DynamoDB Streams and Kinesis mappings are the pump's work; SQS mappings stay with MiniStack."""
    service = module("services.lambda_svc")

    def nothing_polled() -> bool:
        return False

    service._poll_dynamodb_streams = nothing_polled
    service._poll_kinesis = nothing_polled


_queues_polled = threading.Event()


def hold_queue_poller() -> None:
    """Deliver no message to a function before the journal is replayed."""
    service = module("services.lambda_svc")
    poll = service._poll_sqs

    def poll_when_ready() -> bool:
        return bool(poll()) if _queues_polled.is_set() else False

    service._poll_sqs = poll_when_ready


def let_queues_be_polled() -> None:
    _queues_polled.set()
    module("core.concurrency").esm_wake.set()


def forget_back_off() -> None:
    """Event source mappings that wait until a moment after a failure try again now."""
    module("services.lambda_svc")._esm_backoff_until.clear()
    module("core.concurrency").esm_wake.set()


def keep_code_blobs() -> None:
    """Function code on disk is not pruned while we run: the last whole generation may still refer to it."""

    def nothing_pruned(referenced: set[str]) -> None:
        return None

    service = module("services.lambda_svc")
    service._prune_unnamed = service._prune_orphan_code_blobs
    service._prune_orphan_code_blobs = nothing_pruned


class WakeEvent(threading.Event):
    """The event that MiniStack sets on each new stream record, Kinesis record and queue message; we are notified
    too."""

    def __init__(self, heard: Callable[[], None]) -> None:
        super().__init__()
        self._heard = heard

    def set(self) -> None:
        super().set()
        self._heard()


def listen_for_records(heard: Callable[[], None]) -> None:
    """Call ``heard`` (from any thread) whenever an event source received something.

    Must run before MiniStack's services are imported: they bind the event by name.
    """
    module("core.concurrency").esm_wake = WakeEvent(heard)


# --- Lambda ----------------------------------------------------------------------------------------------------------


def use_execution_environments(environment_class: type, last_failure: Callable[[], dict[str, Any] | None]) -> None:
    """Python functions run in ``environment_class``; errors keep their own type on the way out."""
    runtime, service = module("core.lambda_runtime"), module("services.lambda_svc")
    original_class, original_execute = runtime._worker_class_for, service._execute_function_warm

    def class_for(config: dict[str, Any]) -> Any:
        python = str(config.get("Runtime", "")).startswith("python")
        return environment_class if python else original_class(config)

    def execute(func: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
        started = time.monotonic()
        result: dict[str, Any] = original_execute(func, event, request_id)
        count_invocation(func["config"]["FunctionName"], time.monotonic() - started, bool(result.get("error")))
        failure = last_failure() if result.get("error") else None
        if failure is not None:
            result["body"] = {**failure, "requestId": request_id}
        return result

    _emit_lambda_metrics()
    runtime._worker_class_for = class_for
    service._execute_function_warm = execute


@functools.cache
def _emit_lambda_metrics() -> Callable[..., None]:
    """MiniStack's own counting, used from now on only for refused calls, because it counts only ``Invoke`` calls."""
    service = module("services.lambda_svc")
    emit: Callable[..., None] = service._emit_lambda_metrics

    def only_refused(function_name: str, duration_ms: float, error: bool, throttle: bool) -> None:
        if throttle:
            emit(function_name, duration_ms, error, throttle)

    service._emit_lambda_metrics = only_refused
    return emit


def count_invocation(function: str, seconds: float, failed: bool) -> None:
    """``Invocations``, ``Errors`` and ``Duration`` of a function, for every kind of caller.

    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
    """
    METER.called(function, seconds)
    _emit_lambda_metrics()(function, seconds * 1000, failed, False)


def bound_executions(slots: Slots, most_environments: int) -> tuple[Any, Any]:
    """Invocations wait for one of ``slots``; idle environments end to keep their number at ``most_environments``.

    Reserved concurrency refuses at once, before any waiting, as on AWS. On the event loop nothing may wait.

    Returns:
        MiniStack's own functions that count an invocation and uncount it, without waiting.
    """
    runtime, service = module("core.lambda_runtime"), module("services.lambda_svc")
    account_for, release, lease = (
        service._acquire_execution_slot, service._release_execution_slot, service.acquire_worker,
    )  # fmt: skip

    def acquire(func: dict[str, Any], config: dict[str, Any]) -> tuple[str | None, str | None]:
        key, limit = account_for(func, config)
        if key is None:
            return key, limit
        who = caller.get() if threading.current_thread() is not threading.main_thread() else Caller.NESTED
        if slots.enter(who, patience_left(who)):
            return Slot(key, who), None
        release(key)
        log.warning("%s was refused: no slot became free in time", config.get("FunctionName"))
        return None, "account"

    def give_back(key: str | None) -> None:
        release(key)
        if isinstance(key, Slot):
            slots.leave(key.held_by)

    def lease_and_make_room(*arguments: Any, **named: Any) -> Any:
        leased = lease(*arguments, **named)
        if leased[1] == "spawn":
            _end_longest_idle(runtime, most_environments)
        return leased

    service._acquire_execution_slot, service._release_execution_slot = acquire, give_back
    service.acquire_worker = lease_and_make_room
    service.invoke_async_with_retry = detached(service.invoke_async_with_retry)
    return account_for, release


def _end_longest_idle(runtime: Any, most: int) -> None:
    with runtime._lock:
        everyone = [(worker, pool) for pool in runtime._workers.values() for worker in pool]
        idle = sorted(((w, pool) for w, pool in everyone if not w.in_use), key=lambda found: found[0].last_used)
        doomed = idle[: max(0, len(everyone) - most)]
        for worker, pool in doomed:
            pool.remove(worker)
    for worker, _ in doomed:
        worker.kill()


def _drop_workers(idle_seconds: float | None) -> None:
    """End pooled workers idle for so long; None ends all. MiniStack itself would keep one per function forever."""
    runtime = module("core.lambda_runtime")
    now, doomed = time.time(), []
    with runtime._lock:
        for key, pool in list(runtime._workers.items()):
            idle = [
                worker
                for worker in pool
                if idle_seconds is None or (not worker.in_use and now - worker.last_used > idle_seconds)
            ]
            doomed += idle
            runtime._workers[key] = [worker for worker in pool if worker not in idle]
            if not runtime._workers[key]:
                del runtime._workers[key]
    runtime.kill_workers(doomed)
    for worker in doomed:
        worker.kill()


def stop_idle_workers(idle_seconds: float) -> None:
    _drop_workers(idle_seconds)


def stop_all_workers() -> None:
    _drop_workers(None)


def workers_running() -> int:
    """Lambda executions in progress, all functions together."""
    runtime = module("core.lambda_runtime")
    with runtime._lock:
        return sum(1 for pool in runtime._workers.values() for worker in pool if worker.in_use)


def has_idle_environment(config: dict[str, Any], qualifier: str) -> bool:
    """Whether ``acquire_worker`` would give one that is there."""
    runtime = module("core.lambda_runtime")
    with runtime._lock:
        pool = runtime._workers.get(runtime._worker_key(config["FunctionName"], config, qualifier), ())
        return any(not worker.in_use for worker in pool)


def pool_size() -> int:
    """Execution environments alive, busy or idle."""
    runtime = module("core.lambda_runtime")
    with runtime._lock:
        return sum(len(pool) for pool in runtime._workers.values())


def workers() -> list[Any]:
    """Everything that is pooled now, as ``use_execution_environments`` was told to make it."""
    runtime = module("core.lambda_runtime")
    with runtime._lock:
        return [worker for pool in runtime._workers.values() for worker in pool]


def pool(worker: Any, config: dict[str, Any]) -> None:
    """An environment that was started beside the pool serves the function's newest code from now on."""
    runtime = module("core.lambda_runtime")
    with runtime._lock:
        runtime._workers.setdefault(runtime._worker_key(worker.func_name, config, "$LATEST"), []).append(worker)


def execution_credentials(config: dict[str, Any]) -> dict[str, str]:
    """Session credentials of the function's role."""
    return dict(module("core.lambda_runtime").execution_credentials(config))


@functools.cache
def invocation_depth() -> tuple[str, str]:
    """Environment variable and request header that count how deep functions call each other."""
    runtime = module("core.lambda_runtime")
    return str(runtime.INVOKE_DEPTH_ENV), str(runtime.INVOKE_DEPTH_HEADER)


def count_metric(namespace: str, name: str, dimensions: dict[str, str]) -> None:
    """One more of a metric that AWS counts by itself."""
    module("services.cloudwatch").record_metric(namespace, name, 1, "Count", dimensions)


def forget_expired_iterators() -> None:
    """MiniStack keeps every Kinesis iterator it ever gave out."""
    kinesis = module("services.kinesis")
    oldest = time.time() - kinesis.ITERATOR_EXPIRY_SECONDS
    for key, iterator in list(kinesis._shard_iterators._data.items()):
        if iterator["created_at"] < oldest:
            kinesis._shard_iterators._data.pop(key, None)
