"""One Lambda execution environment as MiniStack's worker pool sees it."""

from __future__ import annotations

import json
import shutil
import threading
import time
import uuid
from typing import Any

from emulation.emulator import seams
from emulation.emulator.lambdas.exchange import InitError, error_of, exchange
from emulation.emulator.lambdas.packages import PackageError
from emulation.emulator.lambdas.service import LambdaService
from emulation.emulator.lambdas.templates import EnvironmentProcess, TemplateError

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
        self._cold = True
        self._lock = threading.Lock()
        self._proc: EnvironmentProcess | None = None
        self._tmpdir: str | None = None

    @property
    def pid(self) -> int | None:
        process = self._proc
        return process.pid if process is not None else None

    def _spawn(self) -> None:
        self._drop()
        temporary = self.service.scratch / f"tmp-{uuid.uuid4().hex[:12]}"
        temporary.mkdir(parents=True)
        self._tmpdir = str(temporary)
        self._proc = self.service.start_environment(self.config, self.code_zip, temporary)

    def invoke(
        self, event: Any, request_id: str, *, trace_id: str | None = None, depth: Any = None,
        durable: dict[str, Any] | None = None, invoked_function_arn: str | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """One invocation, as MiniStack's worker answers it: ``status``, ``result`` or ``error``, ``log``."""
        _failure.described = None
        with self._lock:
            cold = self._proc is None or self._proc.poll() is not None
            if cold and (failed := self._init()) is not None:
                return failed
            self._cold = False
            timeout = float(self.config.get("Timeout", 3))
            depth_variable, _ = seams.invocation_depth()
            message = {
                "event": event,
                "request_id": request_id,
                "arn": invoked_function_arn or self.config.get("FunctionArn", ""),
                "timeout": timeout,
                "environment": {
                    "_X_AMZN_TRACE_ID": trace_id,
                    depth_variable: None if depth is None else str(depth),
                },
            }
            answer = self._run(message, timeout, cold)
            self.last_used = time.time()
            return answer

    def _init(self) -> dict[str, Any] | None:
        """Start the process; the answer to the invocation when that fails."""
        try:
            self._spawn()
        except InitError as error:
            return self._failed(error.described, error.output, cold=True)
        except (PackageError, TemplateError, OSError) as error:
            return self._failed(error_of("Runtime.Unknown", str(error)), "", cold=True)
        return None

    def _run(self, message: dict[str, Any], timeout: float, cold: bool) -> dict[str, Any]:
        process = self._proc
        assert process is not None
        started = time.monotonic()
        answer, output = exchange(process, message, timeout)
        output = process.take_early_output() + output
        if answer is None:
            late = time.monotonic() - started >= timeout
            self._end()
            if late:
                text = f"Task timed out after {int(timeout)}.00 seconds"
                return self._failed(error_of("Sandbox.Timedout", text), output, cold)
            text = f"RequestId: {message['request_id']} Error: Runtime exited without providing a reason"
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
