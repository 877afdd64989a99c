"""Every private name of MiniStack that this package relies on, in one place, each checked at start.

MiniStack is pinned exactly; a new version must pass ``tests/contract/test_ministack_seams.py`` first.
Import this module only after ``environment.emulator_environment`` is in force: MiniStack reads it on import.
"""

from __future__ import annotations

import importlib
import inspect
import threading
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from local.emulator.cognito_names import COGNITO

PINNED_VERSION = "1.5.33"

#: module -> names that must exist there; a tuple after a function's name gives its parameters, in order.
EXPECTED: dict[str, dict[str, tuple[str, ...] | None]] = {
    "ministack.app": {
        "app": ("scope", "receive", "send"),
        "PERSIST_STATE": None,
        "_build_persistence_save_dict": (),
        "_loaded_modules": None,
    },
    "ministack.core.persistence": {
        "STATE_DIR": None,
        "_json_default": ("obj",),
        "_json_object_hook": ("obj",),
        "_state_format_version": ("service",),
    },
    "ministack.core.concurrency": {"esm_wake": None},
    "ministack.core.iam_evaluator": {
        "resolve_principal": ("access_key_id", "account_id", "credential"),
        "AuthError": None,
        "_sigv2_check": ("request", "account_id"),
    },
    "ministack.core.iam_actions": {
        "extract_iam_action": ("service", "method", "path", "headers", "body", "query_params"),
        "extract_resource_arn": (
            "service",
            "method",
            "path",
            "headers",
            "body",
            "query_params",
            "region",
            "account_id",
        ),
    },
    "ministack.core.lambda_runtime": {
        "_worker_class_for": ("config",),
        "_workers": None,
        "_lock": None,
        "kill_workers": ("workers",),
        "execution_credentials": ("config",),
        "INVOKE_DEPTH_ENV": None,
        "INVOKE_DEPTH_HEADER": None,
    },
    "ministack.services.lambda_svc": {
        "_execute_function": ("func", "event"),
        "_xray_trace_id_for_invocation": ("config", "inbound_trace_header"),
        "_poll_dynamodb_streams": (),
        "_poll_kinesis": (),
        "_functions": None,
        "_execute_function_warm": ("func", "event", "request_id"),
        "_resolve_layer_zip": ("attachment",),
        "_prune_orphan_code_blobs": ("referenced",),
        "serve_layer_content": ("layer_name", "version", "account_id", "region"),
        "_layers": None,
        "_BLOB_REF_KEY": None,
        "_write_code_blob": ("code_zip",),
        "_read_code_blob": ("sha",),
    },
    "ministack.services.apigateway": {
        "_invoke_ws_lambda": None,
        "_ws_connections": None,
        "handle_connections_api": ("method", "api_id", "stage", "connection_id", "body", "headers"),
    },
    "ministack.services.cognito": COGNITO,
    "ministack.services.s3": {
        "_enforce_signed_post_policy": ("fields", "bucket_name", "region", "size", "sigv4"),
        "_error": None,
    },
    "ministack.services.ses": {"_sent_emails": None},
    "ministack.services.dynamodb": {
        "_stream_records": None,
        "_stream_trimmed": None,
        "_closed_streams": None,
        "_tables": None,
        "_tokenize": ("expr",),
        "_check_redundant_parens": ("tokens", "slot"),
        "_check_reserved_keyword_usage": ("tokens",),
        "_condition_syntax_error": ("expr", "slot"),
        "_evaluate_condition": ("expr", "item", "attr_values", "attr_names", "slot"),
        "_set_item": ("table", "pk_val", "sk_val", "item"),
        "_remove_item": ("table", "pk_val", "sk_val"),
        "_items_replaced": ("table",),
        "_emit_stream_event": ("table_name", "event_name", "old_item", "new_item", "replicate"),
    },
    "ministack.services.kinesis": {
        "_streams": None,
        "_shard_iterators": None,
        "ITERATOR_EXPIRY_SECONDS": None,
        "_expire_records": ("stream",),
        "_expire_iterators": (),
    },
}

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]


class SeamError(RuntimeError):
    """This MiniStack is not the one the emulator host was built for; the message says what differs."""


def check() -> list[str]:
    """What differs from the pinned MiniStack, one sentence each; empty when all is as expected."""
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
    """Refuse to start on a MiniStack whose inner names have changed.

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


def keep_code_blobs() -> None:
    """Function code on disk is not pruned while we run: the last whole generation may still refer to it."""

    def nothing_pruned(referenced: set[str]) -> None:
        return None

    service = module("services.lambda_svc")
    service._prune_unnamed = service._prune_orphan_code_blobs
    service._prune_orphan_code_blobs = nothing_pruned


class WakeEvent(threading.Event):
    """MiniStack sets this on each new stream record, Kinesis record and queue message; we hear it too."""

    def __init__(self, heard: Callable[[], None]) -> None:
        super().__init__()
        self._heard = heard

    def set(self) -> None:
        super().set()
        self._heard()


def listen_for_records(heard: Callable[[], None]) -> None:
    """Call ``heard`` (from any thread) whenever an event source got something.

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
        result: dict[str, Any] = original_execute(func, event, request_id)
        failure = last_failure() if result.get("error") else None
        if failure is not None:
            result["body"] = {**failure, "requestId": request_id}
        return result

    runtime._worker_class_for = class_for
    service._execute_function_warm = execute


def _drop_workers(idle_seconds: float | None) -> None:
    """End pooled workers idle for so long; None ends all. MiniStack itself would keep one per function for ever."""
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


def execution_credentials(config: dict[str, Any]) -> dict[str, str]:
    """Session credentials of the function's role."""
    return dict(module("core.lambda_runtime").execution_credentials(config))


def invocation_depth() -> tuple[str, str]:
    """Environment variable and request header that count how deep functions call each other."""
    runtime = module("core.lambda_runtime")
    return str(runtime.INVOKE_DEPTH_ENV), str(runtime.INVOKE_DEPTH_HEADER)


def forget_expired_iterators() -> None:
    """MiniStack keeps every Kinesis iterator it ever gave out."""
    kinesis = module("services.kinesis")
    oldest = time.time() - kinesis.ITERATOR_EXPIRY_SECONDS
    for key, iterator in list(kinesis._shard_iterators._data.items()):
        if iterator["created_at"] < oldest:
            kinesis._shard_iterators._data.pop(key, None)
