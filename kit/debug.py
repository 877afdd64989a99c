"""``make debug FN=post``: the function's next invocation waits for a debugger, and runs the sources of this checkout.

Afterwards the function is as it was. Locally only: on AWS nothing listens.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3

from emulation.private import keep_private
from emulation.settings import HOST, REGION
from kit import console
from kit.settings import Settings
from kit.supervisor import client as supervisor

_PREFIX = "asyncsns-"
_VARIABLE = "EMULATION_DEBUG"
#: The longest that Lambda has: somebody who reads code at a breakpoint needs it.
_TIMEOUT_SECONDS = 900


class Debugged:
    """A function that waits for a debugger while the block lasts."""

    def __init__(self, client: Any, function: str, port: int, packages: Path, sources: Path) -> None:
        self._client, self._function = client, function
        self._wanted = {"port": port, "packages": str(packages), "sources": str(sources), "process": os.getpid()}

    def __enter__(self) -> None:
        found = self._client.get_function_configuration(FunctionName=self._function)
        variables = dict(found.get("Environment", {}).get("Variables", {}))
        # One that was killed before it could put the timeout back has left it here.
        left = json.loads(variables.pop(_VARIABLE, "{}"))
        timeout = left.get("timeout", found["Timeout"])
        self._before = {"Timeout": timeout, "Environment": {"Variables": variables}}
        wanted = json.dumps({**self._wanted, "timeout": timeout})
        waiting = {"Timeout": _TIMEOUT_SECONDS, "Environment": {"Variables": {**variables, _VARIABLE: wanted}}}
        # One debugger, one environment: a second one would want the same port.
        self._client.put_function_concurrency(FunctionName=self._function, ReservedConcurrentExecutions=1)
        self._client.update_function_configuration(FunctionName=self._function, **waiting)

    def __exit__(self, *_: object) -> None:
        self._client.update_function_configuration(FunctionName=self._function, **self._before)
        self._client.delete_function_concurrency(FunctionName=self._function)


def main() -> int:
    keep_private()
    parser = argparse.ArgumentParser(prog="make debug", description=__doc__)
    parser.add_argument("function", nargs="?", help="without its prefix: post, query, notifier, …")
    parser.add_argument("--port", type=int, default=5678)
    options = parser.parse_args()
    settings = Settings.load()
    if not supervisor.is_running(settings):
        console.say("make debug: the network does not run here; run `make up` first")
        return 1
    keys = settings.emulation.credentials.for_boto3()
    client = boto3.client("lambda", endpoint_url=settings.url("emulator"), region_name=REGION, **keys)
    names = functions(client)
    if options.function not in names:
        console.say(f"FN: expected one of {', '.join(names)}, got {options.function!r}")
        return 2
    if _is_taken(options.port):
        console.say(f"port {options.port} is taken; choose another: make debug FN={options.function} DEBUG_PORT=5679")
        return 1
    (packages,) = (settings.home / "venv-debug" / "lib").glob("python3*/site-packages")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with Debugged(client, _PREFIX + options.function, options.port, packages, settings.root):
        console.say(f"{options.function}: its next invocation waits for a debugger at {HOST}:{options.port}")
        console.say("VS Code: run the configuration `asyncsns: attach to make debug`. Ctrl-C ends it and puts all back")
        _until_interrupted(signal.pause)
    console.say(f"{options.function} is as it was")
    return 0


def functions(client: Any) -> list[str]:
    """Names without their prefix."""
    pages = client.get_paginator("list_functions").paginate()
    found = (str(one["FunctionName"]) for page in pages for one in page["Functions"])
    return sorted(name.removeprefix(_PREFIX) for name in found if name.startswith(_PREFIX))


def _until_interrupted(wait: Callable[[], None]) -> None:
    try:
        while True:
            wait()
    except KeyboardInterrupt:
        console.say()


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


if __name__ == "__main__":
    sys.exit(main())
