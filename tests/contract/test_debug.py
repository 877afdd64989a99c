"""``make debug``: an invocation waits for a debugger, stops at breakpoints, and the function is restored afterwards.

The debugger speaks the Debug Adapter Protocol, as editors do (https://microsoft.github.io/debug-adapter-protocol/).
"""

from __future__ import annotations

import io
import json
import socket
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kit.client.api import wait_for
from kit.debug import Debugged
from tests.contract.emulator_process import ROOT, EmulatorProcess, free_offset

SOURCE = "def handler(event, context):\n    answer = event['n'] * 2\n    return answer\n"
PACKAGES = [*(ROOT / ".asyncsns" / "venv-debug" / "lib").glob("python3*/site-packages")]
pytestmark = pytest.mark.skipif(not PACKAGES, reason="debugpy is not installed; `make debug` installs it")


class Debugger:
    """A connection to the function's debug adapter."""

    def __init__(self, port: int) -> None:
        self._socket = wait_for(lambda: _connected(port), until=bool, what="the function to wait for a debugger")
        self._file = self._socket.makefile("rwb")
        self._count = 0

    def ask(self, command: str, arguments: dict[str, Any]) -> None:
        self._count += 1
        message = {"seq": self._count, "type": "request", "command": command, "arguments": arguments}
        content = json.dumps(message).encode()
        self._file.write(b"Content-Length: %d\r\n\r\n%b" % (len(content), content))
        self._file.flush()

    def wait(self, **wanted: Any) -> dict[str, Any]:
        """The next message that has these fields."""
        while True:
            length = 0
            while line := self._file.readline().strip():
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            message: dict[str, Any] = json.loads(self._file.read(length))
            if all(message.get(name) == value for name, value in wanted.items()):
                return message

    def close(self) -> None:
        self._file.close()
        self._socket.close()


def _connected(port: int) -> socket.socket | None:
    try:
        return socket.create_connection(("127.0.0.1", port), timeout=60)
    except ConnectionRefusedError:
        return None


@pytest.fixture
def function(emulator: EmulatorProcess) -> Iterator[Any]:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("doubling.py", SOURCE.replace("* 2", "* 3"))
    iam, client = emulator.client("iam"), emulator.client("lambda")
    role = iam.create_role(RoleName="doubling", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    client.create_function(
        FunctionName="doubling", Runtime="python3.11", Role=role, Handler="doubling.handler", Timeout=60,
        Code={"ZipFile": content.getvalue()}, Environment={"Variables": {"KEPT": "yes"}},
    )  # fmt: skip
    yield client
    client.delete_function(FunctionName="doubling")


def answer_of(function: Any) -> Any:
    return json.loads(function.invoke(FunctionName="doubling", Payload=b'{"n": 21}')["Payload"].read())


def test_an_invocation_stops_at_a_breakpoint_of_the_sources(function: Any, tmp_path: Path) -> None:
    (tmp_path / "doubling.py").write_text(SOURCE)
    port = 5678 + free_offset(5678)
    before = function.get_function_configuration(FunctionName="doubling")
    answers: list[Any] = []
    with Debugged(function, "doubling", port, PACKAGES[0], tmp_path):
        thread = threading.Thread(target=lambda: answers.append(answer_of(function)))
        thread.start()
        debugger = Debugger(port)
        debugger.ask("initialize", {"adapterID": "test", "linesStartAt1": True})
        debugger.wait(type="response", command="initialize")
        debugger.ask("attach", {"justMyCode": True})
        debugger.wait(type="event", event="initialized")
        place = {"source": {"path": str(tmp_path / "doubling.py")}, "breakpoints": [{"line": 3}]}
        debugger.ask("setBreakpoints", place)
        debugger.ask("configurationDone", {})
        stopped = debugger.wait(type="event", event="stopped")["body"]
        assert stopped["reason"] == "breakpoint"
        assert answers == []
        debugger.ask("continue", {"threadId": stopped["threadId"]})
        thread.join(60)
        debugger.close()
    # The source files were run, not the package.
    assert answers == [42]
    after = function.get_function_configuration(FunctionName="doubling")
    assert (after["Timeout"], after["Environment"]) == (before["Timeout"], before["Environment"])
    assert answer_of(function) == 63
