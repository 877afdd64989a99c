"""One Lambda execution environment as MiniStack's worker pool sees it."""

from __future__ import annotations

import json
import shutil
import threading
import time
import uuid
from pathlib import Path
from typing import Any

from emulation.emulator import seams, trace_headers
from emulation.emulator.environment import TEMPORARY
from emulation.emulator.lambdas.exchange import InitError, Message, error_of, exchange
from emulation.emulator.lambdas.packages import PackageError
from emulation.emulator.lambdas.service import LambdaService
from emulation.emulator.lambdas.templates import EnvironmentProcess, TemplateError
from emulation.emulator.log_events import stream_of_environment
from emulation.emulator.meter import METER

#: Set by the pool's user for each call; the last failure of this thread, for the error's real type.
_failure = threading.local()


class ExecutionEnvironment:
    """Takes the place of MiniStack's Python worker: the same calls, other insides."""

    service: LambdaService

    def __init__(self, func_name: str, config: dict[str, Any], code_zip: bytes) -> None:
        self.func_name = func_name
        self.config = config
        self.code_zip = code_zip
        self.in_use = False
        self.last_used = time.time()
        #: Its process was started for the invocation that follows.
        self._is_new = False
        self._lock = threading.Lock()
        self._proc: EnvironmentProcess | None = None
        self._tmpdir: str | None = None
        #: Its stream in CloudWatch Logs.
        self.log_stream = ""

    @property
    def pid(self) -> int | None:
        process = self._proc
        return process.pid if process is not None else None

    def _spawn(self) -> None:
        self._drop()
        temporary = self.service.scratch / f"{TEMPORARY}{uuid.uuid4().hex[:12]}"
        temporary.mkdir(parents=True)
        self._tmpdir = str(temporary)
        self._proc = self.service.start_environment(self.config, self.code_zip, temporary)
        self.log_stream = self._proc.log_stream

    def start(self) -> dict[str, Any] | None:
        """Start the process ahead of an invocation, where there is none; the answer to it when that fails."""
        with self._lock:
            if self._is_alive():
                return None
            failed = self._init()
            self._is_new = failed is None
            return failed

    def take_over(self, process: EnvironmentProcess, temporary: Path, log_stream: str) -> None:
        """From now on it is this process, which an earlier host started and which waits for an invocation."""
        process.log_stream = self.log_stream = log_stream
        self._proc, self._tmpdir, self.last_used = process, str(temporary), time.time()

    def _is_alive(self) -> bool:
        return self._proc is not None and self._proc.poll() is None

    def invoke(
        self, event: Any, request_id: str, *, trace_id: str | None = None, depth: Any = None,
        durable: dict[str, Any] | None = None, invoked_function_arn: str | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """One invocation, as MiniStack's worker answers it: ``status``, ``result`` or ``error``, ``log``."""
        _failure.described = None
        with self._lock:
            cold = self._is_new or not self._is_alive()
            if not self._is_alive() and (failed := self._init()) is not None:
                return failed
            self._is_new = False
            timeout = float(self.config.get("Timeout", 3))
            service = seams.module("services.lambda_svc")
            # For a WebSocket API MiniStack calls without a trace, and drops what was printed.
            header = trace_id or service._xray_trace_id_for_invocation(self.config)
            invocation = trace_headers.Invocation.begin(header, self.config, request_id)
            message = self._message(event, request_id, invocation.header, depth, invoked_function_arn)
            process = self._proc
            assert process is not None
            stream_of_environment.set(self.log_stream)
            started = time.monotonic()
            answer, output = exchange(process, message, timeout)
            took = time.monotonic() - started
            result = self._done(request_id, answer, output, cold=cold, late=took >= timeout)
            failed = result["status"] != "ok"
            if not failed and answer is not None:
                METER.worked(self.func_name, *answer.get("processor", (0, 0)), cold=cold)
            invocation.end(self.service.daemon, failed=failed, cold=cold, stream=self.log_stream)
            if invoked_function_arn is None:
                service._emit_lambda_logs({"config": self.config}, request_id, result["log"], failed, int(took * 1000))
            return result

    def _message(self, event: Any, request_id: str, trace_id: str | None, depth: Any, arn: str | None) -> Message:
        depth_variable, _ = seams.invocation_depth()
        return {
            "event": event,
            "request_id": request_id,
            "arn": arn or self.config.get("FunctionArn", ""),
            "timeout": float(self.config.get("Timeout", 3)),
            "environment": {"_X_AMZN_TRACE_ID": trace_id, depth_variable: None if depth is None else str(depth)},
        }

    def _init(self) -> dict[str, Any] | None:
        """Start the process; the answer to the invocation when that fails."""
        try:
            self._spawn()
        except InitError as error:
            return self._failed(error.described, error.output, cold=True)
        except (PackageError, TemplateError, OSError) as error:
            return self._failed(error_of("Runtime.Unknown", str(error)), "", cold=True)
        return None

    def _done(
        self, request_id: str, answer: dict[str, Any] | None, output: str, *, cold: bool, late: bool
    ) -> dict[str, Any]:
        self.last_used = time.time()
        if self._proc is not None:
            output = self._proc.take_early_output() + output
        if answer is None:
            self._end()
            if late:
                text = f"Task timed out after {int(self.config.get('Timeout', 3))}.00 seconds"
                return self._failed(error_of("Sandbox.Timedout", text), output, cold)
            text = f"RequestId: {request_id} Error: Runtime exited without providing a reason"
            return self._failed(error_of("Runtime.ExitError", text), output, cold)
        if "failed" in answer:
            return self._failed(answer["failed"], output, cold)
        return {"status": "ok", "result": answer["result"], "log": output.rstrip("\n"), "cold_start": cold}

    def _failed(self, described: dict[str, Any], output: str, cold: bool) -> dict[str, Any]:
        _failure.described = described
        return {
            "status": "error",
            "error": described["errorMessage"],
            "trace": "" if output else json.dumps(described),
            "log": output.rstrip("\n"),
            "cold_start": cold,
            "described": described,
        }

    def _end(self) -> None:
        if self._proc is not None:
            self._proc.kill()
            self._drop()

    def _drop(self) -> None:
        if self._proc is not None:
            self._proc.close()
            self._proc = None
        self._discard_tmpdir()

    def _discard_tmpdir(self) -> None:
        if self._tmpdir is not None:
            shutil.rmtree(self._tmpdir, ignore_errors=True)
            self._tmpdir = None

    def kill(self) -> None:
        self._end()


def last_failure() -> dict[str, Any] | None:
    """How the last invocation of this thread failed, with the error's own type; None when it did not."""
    described: dict[str, Any] | None = getattr(_failure, "described", None)
    return described
