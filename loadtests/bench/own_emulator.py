"""An emulator of a suite's own, beside the running network."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from kit.ports import is_free
from kit.settings import checkout_root

#: LocalStack's first start compiles its modules.
_START_S = 300.0
_ROOT = checkout_root()
_EMULATOR_PYTHON = _ROOT / ".asyncsns" / "venv-emulator" / "bin" / "python"
LOCALSTACK_PYTHON = _ROOT / ".asyncsns" / "venv-localstack" / "bin" / "python"


@contextlib.contextmanager
def emulator_of(module: str, **variables: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A process of ``module`` with an empty state and free ports, and its URL; ended after the block."""
    url = f"http://127.0.0.1:{free_port(4566)}"
    with tempfile.TemporaryDirectory() as home, _process(_EMULATOR_PYTHON, module, url, home, **variables) as process:
        yield process, url


@contextlib.contextmanager
def pump_of(emulator: str) -> Iterator[None]:
    """The pump of such an emulator."""
    url = f"http://127.0.0.1:{free_port(8084)}"
    with (
        tempfile.TemporaryDirectory() as home,
        _process(
            Path(sys.executable), "emulation.pump", url, home,
            EMULATION_URL_EMULATOR=emulator, EMULATION_PORT_PUMP=url.rpartition(":")[2],
        ),
    ):  # fmt: skip
        yield


@contextlib.contextmanager
def localstack_of() -> Iterator[tuple[str, str]]:
    """An empty LocalStack with its companion: the URLs of both; ended after the block."""
    url = f"http://127.0.0.1:{free_port(4568)}"
    with (
        emulator_of("emulation.emulator", EMULATION_URL_FUNCTIONS=url) as (_, companion),
        tempfile.TemporaryDirectory() as home,
        _process(
            LOCALSTACK_PYTHON, "emulation.localstack", url, home, EMULATION_PORT_LOCALSTACK=url.rpartition(":")[2],
            EMULATION_URL_COMPANION=companion, EMULATION_FUNCTION_PYTHON=str(_EMULATOR_PYTHON),
        ),
    ):  # fmt: skip
        yield url, companion


def free_port(base: int) -> int:
    return next(port for port in range(base + 9000, base + 20000, 37) if is_free(port))


@contextlib.contextmanager
def _process(python: Path, module: str, url: str, home: str, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    """``module`` as a process that answers at ``url``."""
    environment = os.environ | {
        "EMULATION_PORT_EMULATOR": url.rpartition(":")[2],
        "EMULATION_STATE": home,
        "EMULATION_LOGS": f"{home}/logs",
        "PYTHONPATH": str(_ROOT),
        **variables,
    }
    log = Path(home) / "log"
    with log.open("wb") as out:
        process = subprocess.Popen([python, "-m", module], env=environment, cwd=_ROOT, stdout=out, stderr=out)
    try:
        _wait_for(url, process, log)
        yield process
    finally:
        process.terminate()
        process.wait(60)


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until its health says ``ok``: LocalStack answers before its servers are there.

    Raises:
        RuntimeError: it ended, or takes too long; with the end of its log.
    """
    until = time.monotonic() + _START_S
    while not _is_ok(url):
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"{url} does not answer; the end of its log:\n{log.read_text()[-2000:]}")
        time.sleep(0.1)


def _is_ok(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_health", timeout=10) as answer:  # noqa: S310
            return bool(json.loads(answer.read())["status"] == "ok")
    except (OSError, ValueError):
        return False
