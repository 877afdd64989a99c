"""One Lambda execution environment as MiniStack's worker pool sees it, and the pool's housekeeping."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import select
import shutil
import threading
import time
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from emulation.emulator import layer_archives, seams
from emulation.emulator.environment import EmulatorOptions, scratch
from emulation.emulator.lambdas import runtime
from emulation.emulator.lambdas.packages import PackageError, PackageStore, layer_paths, runtime_packages
from emulation.emulator.lambdas.slots import Slots
from emulation.emulator.lambdas.templates import EnvironmentProcess, Template, TemplateError
from emulation.settings import REGION, Settings

log = logging.getLogger("emulation.emulator")

#: AWS gives the init phase 10 seconds, then begins it anew within the function's timeout; here it goes on instead.
#: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib
INIT_SECONDS = 10.0
LOG_BYTES = 4_000_000
HOUSEKEEPING_SECONDS = 5.0
#: Set by the pool's user for each call; the last failure of this thread, for the error's real type.
_failure = threading.local()


class LambdaHouse:
    """Templates, unpacked packages and the rules that all execution environments share."""

    def __init__(self, settings: Settings, options: EmulatorOptions, slots: Slots) -> None:
        self._settings = settings
        self._slots = slots
        self._options = options
        self._scratch = scratch(settings)
        self._packages = PackageStore(settings.state / "emulator" / "packages")
        self._packages.remove_unused()
        self._runtime = runtime_packages(settings.state / "emulator" / "runtime-packages")
        self._templates: dict[str, Template] = {}
        self._lock = threading.Lock()
        self._keeper: asyncio.Task[None] | None = None
        self.cold_starts = 0
        self.last_cold_start_ms = 0

    def start_environment(self, config: dict[str, Any], code: bytes, temporary: Path) -> EnvironmentProcess:
        """Fork one and wait until its handler is imported.

        Raises:
            PackageError, TemplateError: it could not be started.
            InitError: the handler could not be imported.
        """
        started = time.monotonic()
        code_tree = self._packages.unpacked(code)
        layers = [self._packages.unpacked_file(layer) for layer in layer_archives.of_function(config)]
        base = layers[:1] if not _overrides_preloaded(code_tree) else []
        request = {
            "environment": self._function_environment(config, code_tree, temporary),
            "code": str(code_tree),
            "paths": [path for layer in layers[len(base) :] for path in layer_paths(layer)],
            "handler": config.get("Handler", "index.handler"),
            "depth_header": list(seams.invocation_depth()),
        }
        process = self._template(base[0] if base else None).fork(request)
        _await_handler(process, INIT_SECONDS + float(config.get("Timeout", 3)))
        self.cold_starts += 1
        self.last_cold_start_ms = int((time.monotonic() - started) * 1000)
        return process

    def _template(self, layer: Path | None) -> Template:
        key = str(layer or "")
        with self._lock:
            template = self._templates.get(key)
            if template is None or not template.alive:
                paths = [*(layer_paths(layer) if layer else []), str(self._runtime)]
                environment = self._common_environment() | {"LAMBDA_TASK_ROOT": "/var/task"}
                template = Template(environment, paths, self._scratch / "templates.log")
                self._templates[key] = template
        return template

    def _common_environment(self) -> dict[str, str]:
        """What every function finds. Source: AWS Lambda Developer Guide, "Defined runtime environment variables"."""
        return {
            "PATH": os.environ.get("PATH", "/usr/local/bin:/usr/bin:/bin"),
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "HOME": str(self._scratch),
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.11",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "LAMBDA_RUNTIME_DIR": str(self._runtime),
            "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
            "AWS_XRAY_DAEMON_ADDRESS": urlsplit(self._settings.url("xray")).netloc,
            # Not on AWS: where the SDKs find this emulator.
            "AWS_ENDPOINT_URL": self._settings.url("emulator"),
        }

    def _function_environment(self, config: dict[str, Any], code: Path, temporary: Path) -> dict[str, str]:
        name = config.get("FunctionName", "")
        group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{name}"
        reserved = {
            "_HANDLER": config.get("Handler", ""),
            "LAMBDA_TASK_ROOT": str(code),
            "TMPDIR": str(temporary),
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_VERSION": config.get("Version", "$LATEST"),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.get("MemorySize", 128)),
            "AWS_LAMBDA_LOG_GROUP_NAME": group,
            "AWS_LAMBDA_LOG_STREAM_NAME": f"{time.strftime('%Y/%m/%d')}/[$LATEST]{uuid.uuid4().hex}",
            **seams.execution_credentials(config),
        }
        own = (config.get("Environment") or {}).get("Variables") or {}
        return {**self._common_environment(), **{key: str(value) for key, value in own.items()}, **reserved}

    # --- the pool ------------------------------------------------------------------------------------------------

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Housekeeping from now on; templates of deployed layers are loaded ahead of the first call."""
        self._keeper = loop.create_task(self._keep(), name="lambda-housekeeping")
        threading.Thread(target=self._load_ahead, name="lambda-load-ahead", daemon=True).start()

    def _load_ahead(self) -> None:
        for archive in layer_archives.first_of_each_function():
            try:
                self._template(self._packages.unpacked_file(archive)).warm()
            except (PackageError, TemplateError, OSError) as error:
                log.warning("layer not loaded ahead: %s", error)

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(HOUSEKEEPING_SECONDS)
            await asyncio.to_thread(self._tidy)

    def _tidy(self) -> None:
        seams.stop_idle_workers(self._options.lambda_idle_seconds)
        seams.forget_expired_iterators()
        in_use = seams.pool_size() > 0
        with self._lock:
            limit = time.monotonic() - 2 * self._options.lambda_idle_seconds
            for key, template in list(self._templates.items()):
                # The template without a layer serves deployments only; others stay, they are the warm start.
                if not template.alive or (not key and not in_use and template.used_at < limit):
                    del self._templates[key]
                    template.close()

    def stop(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
        seams.stop_all_workers()
        for template in self._templates.values():
            template.close()

    def describe(self) -> dict[str, Any]:
        return {
            "environments": seams.pool_size(),
            "mostEnvironments": self._options.lambda_environments,
            "running": seams.workers_running(),
            "limit": self._options.lambda_concurrency,
            "waiting": self._slots.waiting(),
            "refused": self._slots.refused,
            "templates": len(self._templates),
            "coldStarts": self.cold_starts,
            "lastColdStartMilliseconds": self.last_cold_start_ms,
        }


def environments() -> list[dict[str, Any]]:
    """Each execution environment that has a process: its function, the ``pid``, whether an invocation runs in it."""
    found = [(worker, worker.pid) for worker in seams.workers()]
    return [{"function": worker.func_name, "pid": pid, "running": worker.in_use} for worker, pid in found if pid]


class InitError(RuntimeError):
    """The handler's module failed to import; ``described`` is the error as Lambda reports it."""

    def __init__(self, described: dict[str, Any], output: str) -> None:
        super().__init__(described["errorMessage"])
        self.described = described
        self.output = output


def _overrides_preloaded(code: Path) -> bool:
    """Whether the function brings a package of its own that a template would have loaded already."""
    return any((code / name.partition(".")[0]).exists() for name in runtime.PRELOADED)


def _await_handler(process: EnvironmentProcess, seconds: float) -> None:
    answer, output = _exchange(process, None, seconds)
    if answer is None or "ready" not in answer:
        process.kill()
        process.close()
        if answer is None:
            raise InitError(_error("Runtime.ExitError", "the environment ended or hung during init"), output)
        raise InitError(answer["failed"], output)
    if output:
        process.early_output = output


def _error(kind: str, message: str) -> dict[str, Any]:
    return {"errorType": kind, "errorMessage": message}


def _exchange(
    process: EnvironmentProcess, message: dict[str, Any] | None, seconds: float
) -> tuple[dict[str, Any] | None, str]:
    """Send, then read output and the answer together: a full pipe must not block the function.

    The answer is None when the environment ended or the time is over.
    """
    if message is not None:
        process.connection.settimeout(seconds)
        try:
            runtime.send_frame(process.connection, message)
        except OSError:
            return None, _read_output(process.output)
    watcher = select.poll()
    watcher.register(process.connection, select.POLLIN)
    watcher.register(process.output, select.POLLIN)
    output, deadline = bytearray(), time.monotonic() + seconds
    while (remaining := deadline - time.monotonic()) > 0:
        for descriptor, _ in watcher.poll(remaining * 1000):
            if descriptor == process.output:
                part = _read_output_bytes(process.output)
                output += part
                if not part:
                    watcher.unregister(process.output)
            else:
                process.connection.settimeout(max(0.1, remaining))
                try:
                    answer = runtime.receive_frame(process.connection)
                except OSError:
                    answer = None
                # What was printed before the answer is in the pipe by now.
                output += _read_output_bytes(process.output)
                return answer, output[:LOG_BYTES].decode(errors="replace")
    return None, output[:LOG_BYTES].decode(errors="replace")


def _read_output(descriptor: int) -> str:
    return _read_output_bytes(descriptor)[:LOG_BYTES].decode(errors="replace")


def _read_output_bytes(descriptor: int) -> bytes:
    parts = bytearray()
    while True:
        try:
            part = os.read(descriptor, 1 << 16)
        except BlockingIOError:
            return bytes(parts)
        if not part:
            return bytes(parts)
        parts += part


class ExecutionEnvironment:
    """Takes the place of MiniStack's Python worker: the same calls, other insides."""

    house: LambdaHouse

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
        temporary = scratch(self.house._settings) / f"tmp-{uuid.uuid4().hex[:12]}"
        temporary.mkdir(parents=True)
        self._tmpdir = str(temporary)
        self._proc = self.house.start_environment(self.config, self.code_zip, temporary)

    def invoke(
        self, event: Any, request_id: str, *, trace_id: str | None = None, depth: Any = None,
        durable: dict[str, Any] | None = None, invoked_function_arn: str | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """One invocation, as MiniStack's worker answers it: ``status``, ``result`` or ``error``, ``log``."""
        _failure.described = None
        with self._lock:
            cold = self._proc is None or self._proc.poll() is not None
            if cold:
                try:
                    self._spawn()
                except InitError as error:
                    return self._failed(error.described, error.output, cold=True)
                except (PackageError, TemplateError, OSError) as error:
                    return self._failed(_error("Runtime.Unknown", str(error)), "", cold=True)
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

    def _run(self, message: dict[str, Any], timeout: float, cold: bool) -> dict[str, Any]:
        process = self._proc
        assert process is not None
        started = time.monotonic()
        answer, output = _exchange(process, message, timeout)
        output = process.take_early_output() + output
        if answer is None:
            late = time.monotonic() - started >= timeout
            self._end()
            if late:
                text = f"Task timed out after {int(timeout)}.00 seconds"
                return self._failed(_error("Sandbox.Timedout", text), output, cold)
            text = f"RequestId: {message['request_id']} Error: Runtime exited without providing a reason"
            return self._failed(_error("Runtime.ExitError", text), output, cold)
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
