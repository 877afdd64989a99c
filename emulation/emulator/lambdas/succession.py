"""Execution environments of an emulator that was killed: this one goes on with them, so that nothing starts cold.

On AWS, too, they outlive what invokes them. An environment may still work on an invocation of the last emulator. Its
result is dropped, for nobody waits for it any more, and what was asynchronous is delivered again. So each is sent a
token, which it answers when it is idle; what it sent before that is not for us.
"""

from __future__ import annotations

import json
import logging
import select
import shutil
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from emulation.emulator import seams
from emulation.emulator.lambdas import runtime
from emulation.emulator.lambdas.environments import ExecutionEnvironment
from emulation.emulator.lambdas.exchange import LOG_BYTES, read_output
from emulation.emulator.lambdas.packages import PackageError
from emulation.emulator.lambdas.service import LambdaService
from emulation.emulator.lambdas.templates import Left

log = logging.getLogger("emulation.emulator")

#: What is idle answers within this time, even on a busy machine; the rest is waited for beside other work.
_AT_ONCE_SECONDS = 0.2
_READ_BYTES = 1 << 16


def take_over(service: LambdaService, one_more: Callable[[], object]) -> None:
    """Pool the environments that an earlier emulator left; after this start was answered, also those that were busy.

    ``one_more``: called from a thread for each of these.
    """
    heirs = [heir for left in service.left() if (heir := _Heir.of(service, left)) is not None]
    busy = _pool_the_idle(heirs, time.monotonic() + _AT_ONCE_SECONDS, lambda: None)
    if busy:
        threading.Thread(target=_pool_the_idle, args=(busy, None, one_more), name="lambda-heirs", daemon=True).start()
    if heirs:
        log.info("took over %d execution environments, %d of them busy", len(heirs), len(busy))


class _Heir:
    """An environment that was asked whether it is idle."""

    def __init__(self, service: LambdaService, left: Left, function: dict[str, Any]) -> None:
        self.left = left
        self._service = service
        self._function = function
        timeout = float(function["config"].get("Timeout", 3))
        #: Nobody else stops an invocation that takes longer than its function may.
        self.until = time.monotonic() + timeout
        token = uuid.uuid4().hex
        self._answer = runtime.frame(json.dumps({"token": token}).encode())
        self._received = bytearray()
        connection = left.process.connection
        connection.settimeout(timeout)
        runtime.send_frame(connection, {"token": token})
        connection.setblocking(False)

    @classmethod
    def of(cls, service: LambdaService, left: Left) -> _Heir | None:
        """None where it cannot go on: its function is another now, or gone."""
        function = _function_of(left)
        try:
            if (
                function is not None
                and service.request_again(function["config"], function["code_zip"], left) == left.request
            ):
                return cls(service, left, function)
        except (PackageError, OSError) as error:
            log.warning("an execution environment of %s was not taken over: %s", _name(left), error)
        _end(left)
        return None

    def is_idle(self) -> bool:
        """Read what is there.

        Raises:
            ConnectionError: it has ended.
        """
        while True:
            try:
                part = self.left.process.connection.recv(_READ_BYTES)
            except BlockingIOError:
                break
            if not part:
                raise ConnectionResetError(f"an execution environment of {_name(self.left)} has ended")
            # Only the end of all is of interest: results of a few megabytes may come first.
            self._received = (self._received + part)[-len(self._answer) :]
        return self._received == self._answer

    def keep_output(self) -> None:
        """A full pipe would stop it. It is shown with the next invocation."""
        process = self.left.process
        process.early_output = (process.early_output + read_output(process.output))[-LOG_BYTES:]

    def pool(self) -> bool:
        """Whether it could be pooled: not when its function was updated meanwhile, or others were started instead."""
        self.keep_output()
        config, code = self._function["config"], self._function["code_zip"]
        if _function_of(self.left) is not self._function or self._changed(config, code) or not self._service.has_room():
            _end(self.left)
            return False
        environment, variables = ExecutionEnvironment(_name(self.left), config, code), self.left.request["environment"]
        environment.take_over(self.left.process, Path(variables["TMPDIR"]), variables["AWS_LAMBDA_LOG_STREAM_NAME"])
        seams.pool(environment, config)
        return True

    def _changed(self, config: dict[str, Any], code: bytes) -> bool:
        try:
            return self._service.request_again(config, code, self.left) != self.left.request
        except (PackageError, OSError):
            return True


def _pool_the_idle(heirs: list[_Heir], until: float | None, one_more: Callable[[], object]) -> list[_Heir]:
    """Pool each as soon as it is idle; returns those that are not yet.

    Without ``until`` it waits as long as each function may take.
    """
    waiting = list(heirs)
    while waiting:
        end = until if until is not None else max(one.until for one in waiting)
        watcher, owners = select.poll(), {}
        for one in waiting:
            for descriptor in (one.left.process.connection.fileno(), one.left.process.output):
                watcher.register(descriptor, select.POLLIN)
                owners[descriptor] = one
        soonest = min(end, *(one.until for one in waiting))
        told = watcher.poll(max(0.0, soonest - time.monotonic()) * 1000)
        for heir in {id(owners[descriptor]): owners[descriptor] for descriptor, _ in told}.values():
            heir.keep_output()
            try:
                if not heir.is_idle():
                    continue
                if heir.pool():
                    one_more()
            except OSError:
                _end(heir.left)
            waiting.remove(heir)
        for heir in [one for one in waiting if time.monotonic() >= one.until]:
            _end(heir.left)
            waiting.remove(heir)
        if until is not None and time.monotonic() >= until:
            break
    return waiting


def _name(left: Left) -> str:
    return str(left.request["environment"]["AWS_LAMBDA_FUNCTION_NAME"])


def _function_of(left: Left) -> dict[str, Any] | None:
    functions = list(seams.module("services.lambda_svc")._functions._data.values())
    return next((one for one in functions if one["config"]["FunctionName"] == _name(left)), None)


def _end(left: Left) -> None:
    left.process.kill()
    left.process.close()
    shutil.rmtree(left.request["environment"]["TMPDIR"], ignore_errors=True)
