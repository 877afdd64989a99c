"""Invocations wait on the event loop, and use a thread only while their function runs.

MiniStack gives each a thread from the start, also while it waits for a slot. Other cases (other runtimes, a function
that may not run) go MiniStack's way, with the same visible results.

The exchange with the function stays in a thread: with uvloop's ``sock_recv`` on the loop it was five times slower.
"""

from __future__ import annotations

import contextvars
import time
import uuid
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

from emulation.emulator import seams, threads, trace_headers
from emulation.emulator.admission import patience_left
from emulation.emulator.lambdas.environments import ExecutionEnvironment
from emulation.emulator.lambdas.starts import Starts
from emulation.emulator.log_events import stream_of_environment
from emulation.emulator.slots import Caller, Slots, caller

#: ``_acquire_execution_slot`` and ``_release_execution_slot`` as MiniStack has them: they count, and never wait.
Acquire = Callable[[dict[str, Any], dict[str, Any]], tuple[str | None, str | None]]
Release = Callable[[str | None], None]


class DirectExecution:
    """Executes functions as MiniStack's ``_execute_function`` does, or answers None: then that one is to be used."""

    def __init__(self, slots: Slots, acquire: Acquire, release: Release, starts: int) -> None:
        """``starts``: how many environments start at once."""
        self._slots = slots
        self._starts = Starts(starts)
        self._acquire, self._release = acquire, release
        self._service = seams.module("services.lambda_svc")

    async def execute(self, func: dict[str, Any], event: Any) -> dict[str, Any] | None:
        config = func.get("config") or func
        if not self._is_plain(func, config):
            return None
        with self._scope(config):
            who = caller.get()
            key, _ = self._acquire(func, config)
            if key is None:
                return None
            try:
                if not await self._slots.enter_soon(who, patience_left(who)):
                    return None
                try:
                    return await self._run(func, config, event)
                finally:
                    self._slots.leave(who)
            finally:
                self._release(key)

    def look_again(self) -> None:
        """An environment has become idle that no call of ours had. For the event loop alone."""
        self._starts.look_again()

    def _is_plain(self, func: dict[str, Any], config: dict[str, Any]) -> bool:
        service = self._service
        return bool(
            str(config.get("Runtime", "")).startswith("python")
            and config.get("PackageType") != "Image"
            and func.get("code_zip")
            and config.get("FunctionArn")
            and not service._proxy_url_for(config)
            and not service._durable_ctx.get()
        )

    async def _run(self, func: dict[str, Any], config: dict[str, Any], event: Any) -> dict[str, Any]:
        service, request_id, started = self._service, str(uuid.uuid4()), time.time()
        version, who = config.get("Version", "$LATEST"), caller.get()
        # A function that waits for this one may be what the others wait for: it starts one at once.
        starts = who is not Caller.NESTED and await self._starts.permit(
            lambda: seams.has_idle_environment(config, version), patience_left(who)
        )
        worker: ExecutionEnvironment
        worker, _ = service.acquire_worker(config["FunctionName"], config, func["code_zip"], qualifier=version)
        trace = service._xray_trace_id_for_invocation(config, trace_headers.of_event(event))
        arguments = event, request_id, trace, service._invoke_depth.get(), config["FunctionArn"]
        try:
            result = await self._started(worker) if starts else None
            if result is None:
                result = await threads.run_reentrant(_invoke, worker, *arguments)
        finally:
            service.release_worker(worker)
            self._starts.look_again()
        stream_of_environment.set(worker.log_stream)
        answer = _as_ministack(result, request_id)
        milliseconds = int((time.time() - started) * 1000)
        seams.count_invocation(config["FunctionName"], milliseconds / 1000, bool(answer.get("error")))
        service._emit_lambda_logs(func, request_id, answer["log"], bool(answer.get("error")), milliseconds)
        return answer

    async def _started(self, worker: ExecutionEnvironment) -> dict[str, Any] | None:
        """Start its process; the answer to the invocation when that fails."""
        try:
            failed: dict[str, Any] | None = await threads.run_reentrant(worker.start)
        finally:
            self._starts.ended()
        return failed

    @contextmanager
    def _scope(self, config: dict[str, Any]) -> Any:
        """Account and region of the function for what runs within."""
        account, region = self._service._account_region_from_function_config(config)
        variables: list[tuple[contextvars.ContextVar[Any], Any]] = [
            (self._service._request_account_id, account), (self._service._request_region, region),
        ]  # fmt: skip
        tokens = [(variable, variable.set(value)) for variable, value in variables]
        try:
            yield
        finally:
            for variable, token in tokens:
                variable.reset(token)


def _invoke(
    worker: ExecutionEnvironment, event: Any, request_id: str, trace: str | None, depth: Any, arn: str
) -> dict[str, Any]:
    return worker.invoke(event, request_id, trace_id=trace, depth=depth, invoked_function_arn=arn)


def _as_ministack(result: dict[str, Any], request_id: str) -> dict[str, Any]:
    """An environment's answer as ``_execute_function`` gives it."""
    if result["status"] == "ok":
        return {"body": result["result"], "log": result["log"]}
    described = result.get("described") or {"errorMessage": result["error"], "errorType": "Runtime.Unknown"}
    log = "\n".join(text for text in (result["log"], result.get("trace") or "") if text)
    return {"body": {**described, "requestId": request_id}, "error": True, "log": log}
