"""LocalStack's plugin that runs functions as processes of this machine, where no Docker engine is at hand.

``LAMBDA_RUNTIME_EXECUTOR=process`` chooses it. Functions run as the emulator host runs them: forked from a process
that has their first layer loaded, by the Python that ``EMULATION_FUNCTION_PYTHON`` names, with what AWS's runtime has
beside the standard library. LocalStack keeps the pool of environments, their timeouts, retries and logs.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from localstack import config
from localstack.services.lambda_.invocation.executor_endpoint import StatusErrorException
from localstack.services.lambda_.invocation.lambda_models import FunctionVersion, InvocationResult
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.lambda_.invocation.runtime_executor import LambdaRuntimeException, RuntimeExecutor

from emulation.emulator import trace_headers
from emulation.emulator.lambdas.exchange import InitError, await_handler, error_of, exchange
from emulation.emulator.lambdas.packages import layer_paths, runtime_packages
from emulation.emulator.lambdas.templates import EnvironmentProcess, Template
from emulation.sampling import Sampler
from emulation.settings import Settings

PYTHON_VARIABLE = "EMULATION_FUNCTION_PYTHON"
_HOST = "127.0.0.1"
#: Nothing here counts how many functions call each other.
_NO_DEPTH = ["_EMULATION_INVOKE_DEPTH", "x-emulation-invoke-depth"]


class Templates:
    """A template process per first layer, shared by all functions."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, Template] = {}
        self._scratch = Path(tempfile.mkdtemp(prefix="asyncsns-functions-"))
        self._runtime = runtime_packages(self._scratch / "runtime")
        atexit.register(self.close)

    def fork(self, layer: Path | None, request: dict[str, Any]) -> EnvironmentProcess:
        """Raises TemplateError."""
        with self._lock:
            template = self._known.get(str(layer))
            if template is None or not template.alive:
                paths = [*(layer_paths(layer) if layer else []), str(self._runtime)]
                environment = {"PATH": os.environ.get("PATH", ""), "LANG": "en_US.UTF-8", "HOME": str(self._scratch)}
                # Tracing looks for it when it is imported, which the template does.
                environment["LAMBDA_TASK_ROOT"] = "/var/task"
                python = os.environ.get(PYTHON_VARIABLE, sys.executable)
                template = Template(environment, paths, self._scratch / "templates.log", python)
                self._known[str(layer)] = template
        return template.fork(request)

    def temporary(self) -> Path:
        """A folder for one environment's ``/tmp``."""
        return Path(tempfile.mkdtemp(prefix="tmp-", dir=self._scratch))

    def close(self) -> None:
        for template in self._known.values():
            template.close()
        shutil.rmtree(self._scratch, ignore_errors=True)


class ProcessExecutor(RuntimeExecutor):
    """One execution environment of LocalStack's pool; one invocation at a time."""

    _templates: Templates | None = None
    _templates_lock = threading.Lock()
    _sampler = Sampler()

    def __init__(self, id: str, function_version: FunctionVersion) -> None:
        super().__init__(id, function_version)
        self._process: EnvironmentProcess | None = None
        self._temporary: Path | None = None
        self._environment: dict[str, str] = {}
        self._stopped = False
        self._is_new = True

    @classmethod
    def templates(cls) -> Templates:
        with cls._templates_lock:
            if cls._templates is None:
                cls._templates = Templates()
            return cls._templates

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        """Unpack its code and its layers, which LocalStack stores but does not give to functions."""
        settings = function_version.config
        for code in (settings.code, *(layer.code for layer in settings.layers)):
            code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        function_version.config.code.destroy_cached()

    def start(self, env_vars: dict[str, str]) -> None:
        """Raises StatusErrorException: the handler could not be imported."""
        self._temporary = self.templates().temporary()
        self._environment = {name: str(value) for name, value in env_vars.items()}
        try:
            self._process = self._launched()
        except InitError as error:
            # LocalStack answers an invocation with it, as AWS does.
            payload = json.dumps(error.described).encode()
            raise StatusErrorException("Environment startup failed", payload) from error

    def _launched(self) -> EnvironmentProcess:
        """A process whose handler is ready. Raises InitError."""
        settings = self.function_version.config
        code = Path(settings.code.get_unzipped_code_location())
        layers = [Path(layer.code.get_unzipped_code_location()) for layer in settings.layers]
        request = {
            "environment": self._environment | {"LAMBDA_TASK_ROOT": str(code), "TMPDIR": str(self._temporary)},
            "code": str(code),
            "paths": [path for layer in layers[1:] for path in layer_paths(layer)],
            "handler": settings.handler,
            "depth_header": _NO_DEPTH,
        }
        process = self.templates().fork(layers[0] if layers else None, request)
        await_handler(process, config.LAMBDA_RUNTIME_ENVIRONMENT_TIMEOUT)
        return process

    def stop(self) -> None:
        """Also interrupts an invocation: LocalStack calls it when the time is over."""
        self._stopped = True
        process = self._process
        if process is not None:
            process.kill()
            process.close()
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)

    def _trace_of(self, event: Any, own: str) -> str:
        """As on the emulator: of the HTTP request, else the trace that LocalStack began, sampled by the rule.

        LocalStack does not read the trace header of an event, and marks each invocation as sampled.
        """
        of_request = trace_headers.of_event(event)
        return of_request or (own if self._sampler.decide() else own.replace("Sampled=1", "Sampled=0"))

    def get_address(self) -> str:
        return _HOST

    def get_endpoint_from_executor(self) -> str:
        return _HOST

    def get_runtime_endpoint(self) -> str:
        return f"http://{_HOST}:{config.GATEWAY_LISTEN[0].port}"

    def get_logs(self) -> str:
        return self._process.early_output if self._process is not None else ""

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        request_id = payload["invoke-id"]
        if self._temporary is None or self._stopped:
            raise LambdaRuntimeException("invoked before it was started, or after its end")
        if self._process is None:
            try:
                self._process = self._launched()
            except InitError as error:
                return InvocationResult(request_id, json.dumps(error.described).encode(), is_error=True, logs="")
        timeout = float(self.function_version.config.timeout)
        event = json.loads(payload["payload"] or "null")
        trace = trace_headers.Invocation.begin(
            self._trace_of(event, payload["trace-id"]),
            {"FunctionName": self.function_version.id.function_name},
            request_id,
        )
        message = {
            "event": event,
            "request_id": request_id,
            "arn": payload["invoked-function-arn"],
            "timeout": timeout,
            "environment": {"_X_AMZN_TRACE_ID": trace.header},
        }
        process = self._process
        if self._stopped:
            # Meanwhile: what was just launched is not what was stopped.
            process.kill()
        answer, output = exchange(process, message, timeout)
        printed = process.take_early_output() + output
        log = f"START RequestId: {request_id} Version: {self.function_version.id.qualifier}\n{printed}"
        if not log.endswith("\n"):
            log += "\n"
        log += f"END RequestId: {request_id}\n"
        if answer is None:
            # As on AWS, the next invocation starts a new process. This one would answer it with a late result.
            self._process = None
            process.kill()
            process.close()
            text = f"RequestId: {request_id} Error: Runtime exited, or the time of {timeout:.2f} seconds was over"
            answer = {"failed": error_of("Runtime.ExitError", text)}
        failed = "failed" in answer
        stream = self._environment.get("AWS_LAMBDA_LOG_STREAM_NAME")
        trace.end(trace_headers.daemon_of(Settings()), failed=failed, cold=self._is_new, stream=stream)
        self._is_new = False
        content = json.dumps(answer["failed"] if failed else answer["result"], ensure_ascii=False).encode()
        return InvocationResult(request_id, content, is_error=failed, logs=log)


class ProcessExecutorPlugin(RuntimeExecutorPlugin):
    """LocalStack loads the executor by the plugin's name."""

    name = "process"

    def load(self, *_: Any, **__: Any) -> type[ProcessExecutor]:
        return ProcessExecutor
