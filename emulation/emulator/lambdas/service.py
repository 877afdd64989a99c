"""The Lambda service of this host: starts execution environments from templates, and looks after both."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from emulation.aws.invocation_frames import LONGEST_PATH
from emulation.emulator import layer_archives, metric_queries, seams, trace_headers
from emulation.emulator.environment import TEMPORARY, EmulatorOptions, left_sockets, scratch
from emulation.emulator.lambdas import runtime
from emulation.emulator.lambdas.exchange import await_handler
from emulation.emulator.lambdas.last_layers import LastLayers
from emulation.emulator.lambdas.packages import PackageError, PackageStore, layer_paths, runtime_packages
from emulation.emulator.lambdas.templates import EnvironmentProcess, Keeping, Left, Template, TemplateError
from emulation.emulator.log_events import stream_name
from emulation.emulator.slots import Slots
from emulation.settings import REGION, Settings

log = logging.getLogger("emulation.emulator")

#: AWS gives the init phase 10 seconds, then begins it again within the function's timeout; here it goes on instead.
#: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib
INIT_SECONDS = 10.0
HOUSEKEEPING_SECONDS = 5.0


class LambdaService:
    """Templates, unpacked packages and the rules that all execution environments share."""

    def __init__(self, settings: Settings, options: EmulatorOptions, slots: Slots) -> None:
        self._settings = settings
        self.slots = slots
        self._options = options
        self.scratch = scratch(settings)
        self._packages = PackageStore(settings.state / "emulator" / "packages", settings.state / "emulator" / "trees")
        self._packages.remove_unused()
        self._runtime = runtime_packages(settings.state / "emulator" / "runtime-packages")
        self._templates: dict[str, Template] = {}
        self._last_layers = LastLayers(settings.state / "emulator" / "templates.json")
        self._lock = threading.Lock()
        self._keeper: asyncio.Task[None] | None = None
        #: Told, on the event loop, of an environment that became idle beside all calls.
        self.one_more_idle: Callable[[], None] = lambda: None
        self.cold_starts = 0
        self.last_cold_start_ms = 0

    def start_environment(self, config: dict[str, Any], code: bytes, temporary: Path) -> EnvironmentProcess:
        """Fork one and wait until its handler is imported.

        Raises:
            PackageError, TemplateError: it could not be started.
            InitError: the handler could not be imported.
        """
        started = time.monotonic()
        layer, request = self._request(config, code, temporary, stream_name())
        process = self._template(layer).fork(request)
        process.log_stream = request["environment"]["AWS_LAMBDA_LOG_STREAM_NAME"]
        await_handler(process, INIT_SECONDS + float(config.get("Timeout", 3)))
        self.cold_starts += 1
        self.last_cold_start_ms = int((time.monotonic() - started) * 1000)
        return process

    def _request(
        self, config: dict[str, Any], code: bytes, temporary: Path, log_stream: str
    ) -> tuple[Path | None, dict[str, Any]]:
        """The layer whose template is asked for an environment, and what it is asked for.

        Raises:
            PackageError: code or layer cannot be unpacked.
        """
        code_tree = self._packages.unpacked(code)
        layers = [self._packages.unpacked_file(layer) for layer in layer_archives.of_function(config)]
        base = layers[:1] if not _overrides_preloaded(code_tree) else []
        request: dict[str, Any] = {
            "environment": self._function_environment(config, code_tree, temporary, log_stream),
            "code": str(code_tree),
            "paths": [path for layer in layers[len(base) :] for path in layer_paths(layer)],
            "handler": config.get("Handler", "index.handler"),
            "depth_header": list(seams.invocation_depth()),
        }
        return (base[0] if base else None), request

    def request_again(self, config: dict[str, Any], code: bytes, left: Left) -> dict[str, Any]:
        """What a template would be asked for now, for this function and in place of what was ``left``.

        Raises:
            PackageError: code or layer cannot be unpacked.
        """
        environment = left.request["environment"]
        temporary, log_stream = environment["TMPDIR"], environment["AWS_LAMBDA_LOG_STREAM_NAME"]
        return self._request(config, code, Path(temporary), log_stream)[1]

    def _template(self, layer: Path | None) -> Template:
        key = _key(layer)
        with self._lock:
            template = self._templates.get(key)
            if template is None or not template.alive:
                paths = [*(layer_paths(layer) if layer else []), str(self._runtime)]
                environment = self._common_environment() | {"LAMBDA_TASK_ROOT": "/var/task"}
                keeping = self._keeping(key)
                template = Template(environment, paths, self.scratch / "templates.log", keeping=keeping)
                self._templates[key] = template
        return template

    def _keeping(self, key: str) -> Keeping | None:
        """None where nothing is to be kept, or where the path is too long for a socket."""
        socket = left_sockets(self._settings) / f"{hashlib.sha256(key.encode()).hexdigest()[:16]}.sock"
        seconds = self._options.lambda_keep_seconds
        return Keeping(socket, seconds) if seconds and len(str(socket).encode()) <= LONGEST_PATH else None

    @property
    def daemon(self) -> tuple[str, int]:
        """Host and port of the X-Ray daemon."""
        return trace_headers.daemon_of(self._settings)

    def _common_environment(self) -> dict[str, str]:
        """Environment variables of every function. Source: AWS Lambda Developer Guide, "Defined runtime environment
        variables"."""
        return {
            "PATH": os.environ.get("PATH", "/usr/local/bin:/usr/bin:/bin"),
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "HOME": str(self.scratch),
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

    def _function_environment(
        self, config: dict[str, Any], code: Path, temporary: Path, log_stream: str
    ) -> dict[str, str]:
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
            "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
            **seams.execution_credentials(config),
        }
        own = (config.get("Environment") or {}).get("Variables") or {}
        return {**self._common_environment(), **{key: str(value) for key, value in own.items()}, **reserved}

    # --- the pool ------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Before MiniStack is imported: the templates that the last run had load their modules meanwhile."""
        for name in self._last_layers.read():
            if (tree := self._packages.tree(name)) is not None:
                self._template(tree)

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Housekeeping from now on; templates of deployed layers are loaded ahead of the first call."""
        self._keeper = loop.create_task(self._keep(), name="lambda-housekeeping")
        threading.Thread(target=self._load_ahead, name="lambda-load-ahead", daemon=True).start()

    def left(self) -> list[Left]:
        """Environments of an earlier host that was killed; with them its folders are kept, and no others."""
        found: list[Left] = []
        for template in self._left_templates():
            if template.is_left:
                try:
                    found += template.left()
                except TemplateError as error:
                    log.warning("execution environments were lost: %s", error)
        used = {one.request["environment"]["TMPDIR"] for one in found}
        for folder in self.scratch.glob(f"{TEMPORARY}*"):
            if str(folder) not in used:
                shutil.rmtree(folder, ignore_errors=True)
        return found

    def _left_templates(self) -> list[Template]:
        """Those of the last run's layers were asked for at the beginning; a layer may be newer, or there is none."""
        layers: list[Path | None] = [None]
        for archive in layer_archives.first_of_each_function():
            try:
                layers.append(self._packages.unpacked_file(archive))
            except (PackageError, OSError) as error:
                log.warning("layer not unpacked: %s", error)
        for layer in layers:
            keeping = self._keeping(_key(layer))
            if keeping is not None and keeping.socket.exists():
                self._template(layer)
        return list(self._templates.values())

    def has_room(self) -> bool:
        """Whether one more execution environment may be pooled."""
        return seams.pool_size() < self._options.lambda_environments

    def _load_ahead(self) -> None:
        loaded = []
        for archive in layer_archives.first_of_each_function():
            try:
                tree = self._packages.unpacked_file(archive)
                self._template(tree).warm()
                loaded.append(tree.name)
            except (PackageError, TemplateError, OSError) as error:
                log.warning("layer not loaded ahead: %s", error)
        self._last_layers.write(loaded)

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(HOUSEKEEPING_SECONDS)
            await asyncio.to_thread(self._tidy)

    def _tidy(self) -> None:
        seams.stop_idle_workers(self._options.lambda_idle_seconds)
        seams.forget_expired_iterators()
        metric_queries.forget_old_points(self._options.metric_points)
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
            "waiting": self.slots.waiting(),
            "refused": self.slots.refused,
            "templates": len(self._templates),
            "coldStarts": self.cold_starts,
            "lastColdStartMilliseconds": self.last_cold_start_ms,
        }


def _key(layer: Path | None) -> str:
    return str(layer or "")


def environments() -> list[dict[str, Any]]:
    """Each execution environment that has a process: its function, the ``pid``, whether an invocation runs in it."""
    found = [(worker, worker.pid) for worker in seams.workers()]
    return [{"function": worker.func_name, "pid": pid, "running": worker.in_use} for worker, pid in found if pid]


def _overrides_preloaded(code: Path) -> bool:
    """Whether the function brings a package of its own that a template would have loaded already."""
    return any((code / name.partition(".")[0]).exists() for name in runtime.PRELOADED)
