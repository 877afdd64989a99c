"""``PUT /_asyncsns/prepared?functions=a,b``: starts the next code of functions before it is deployed.

Not on AWS. The body is the package that ``UpdateFunctionCode`` will get. The function that was called last starts an
environment with it, while its present environments go on answering. Where the code cannot be imported, the answer and
the function's log say why. After the update the first invocation finds that environment instead of a cold start.
"""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from typing import Any
from urllib.parse import parse_qs

from emulation.emulator import seams
from emulation.emulator.lambdas.environments import ExecutionEnvironment

#: An environment that no update has asked for ends with the next one that is prepared.
_KEEP_SECONDS = 60.0


class UnknownFunctionError(ValueError):
    """None of the functions is there."""


class Prepared:
    """Environments that wait for the update of their function, by its name."""

    def __init__(self) -> None:
        self._waiting: dict[str, ExecutionEnvironment] = {}
        self._lock = threading.Lock()

    def install(self) -> None:
        """From now on invocations of updated functions use their prepared environments."""
        service = seams.module("services.lambda_svc")
        lease = service.acquire_worker

        def lease_prepared(func_name: str, config: dict[str, Any], code_zip: bytes, *rest: Any, **named: Any) -> Any:
            if self._waiting:
                self._adopt(func_name, config, code_zip)
            return lease(func_name, config, code_zip, *rest, **named)

        service.acquire_worker = lease_prepared

    async def answer(self, query: bytes, package: bytes) -> tuple[int, dict[str, Any]]:
        """Status and body."""
        names = parse_qs(query.decode()).get("functions", [""])[0].split(",")
        try:
            function = _last_called(names)
        except UnknownFunctionError as error:
            return 404, {"message": str(error)}
        failure = await asyncio.to_thread(self._prepare, function, package)
        name = function["config"]["FunctionName"]
        return (409, {"function": name, **failure}) if failure else (200, {"function": name})

    def _prepare(self, function: dict[str, Any], package: bytes) -> dict[str, Any] | None:
        """The import error, as Lambda describes it."""
        begun, config = time.monotonic(), function["config"]
        environment = ExecutionEnvironment(config["FunctionName"], config, package)
        failed = environment.start()
        if failed is not None:
            log = "\n".join(text for text in (failed["log"], failed["trace"]) if text)
            milliseconds = int((time.monotonic() - begun) * 1000)
            seams.module("services.lambda_svc")._emit_lambda_logs(function, str(uuid.uuid4()), log, True, milliseconds)
            described: dict[str, Any] = failed["described"]
            return described
        with self._lock:
            old = time.time() - _KEEP_SECONDS
            doomed = [
                name for name, one in self._waiting.items() if one.last_used < old or name == environment.func_name
            ]
            for ended in [self._waiting.pop(name) for name in doomed]:
                ended.kill()
            self._waiting[environment.func_name] = environment
        return None

    def _adopt(self, name: str, config: dict[str, Any], package: bytes) -> None:
        with self._lock:
            environment = self._waiting.get(name)
            if environment is None or environment.code_zip != package:
                return
            del self._waiting[name]
        seams.pool(environment, config)


def _last_called(names: list[str]) -> dict[str, Any]:
    """The function of these that was called last.

    Raises:
        UnknownFunctionError: none of them is there.
    """
    functions = seams.module("services.lambda_svc")._functions
    known = [name for name in names if name in functions]
    if not known:
        raise UnknownFunctionError(f"functions: expected names of functions, comma separated, got {','.join(names)!r}")
    called = {one.func_name: one.last_used for one in sorted(seams.workers(), key=lambda one: one.last_used)}
    found: dict[str, Any] = functions[max(known, key=lambda name: called.get(name, 0.0))]
    return found
