"""The program inside a Lambda execution environment. Standard library only; runs isolated from the host's packages.

Started as a *template*: it imports what a layer offers, then waits on a control socket. Each request forks an
execution environment that shares those modules: a cold start is the import of the handler alone.

Between host and environment: frames of a 4-byte big-endian length and JSON, on a socket that the request passes.
The function's output goes to a pipe of its own, so that none of it can be mistaken for a response.

A template that was given a listening socket keeps its environments when the host is killed, as execution environments
on AWS do not depend on the process that called them: it keeps copies of the host's descriptors, and hands them to the
next host that connects.
"""

from __future__ import annotations

import array
import contextlib
import ctypes
import gc
import importlib
import importlib.util
import json
import os
import select
import signal
import socket
import struct
import sys
import time
import traceback
from typing import Any, NoReturn

#: Imported by the template when a layer (or the runtime) has them; all take their configuration later.
PRELOADED = (
    "boto3", "botocore.endpoint", "botocore.httpsession", "botocore.parsers", "botocore.signers",
    "aws_lambda_powertools", "aws_lambda_powertools.utilities.batch", "aws_lambda_powertools.utilities.idempotency",
    "aws_xray_sdk.core", "pydantic", "pydantic.v1", "pydantic_settings", "fastapi", "mangum", "ulid", "regex",
)  # fmt: skip
#: Services whose descriptions are read once, by the template: parsing them is most of what a new client costs.
DESCRIBED = ("dynamodb", "sqs", "sns", "s3", "kinesis", "apigatewaymanagementapi", "secretsmanager", "ssm")
_PR_SET_PDEATHSIG = 1
#: What a host asks a template for: an environment, or all that an earlier host left.
FORK, LEFT = b"F", b"L"
#: Callers of the listening socket say what they are within this time.
_CALLER_SECONDS = 2.0
#: Without a host: how often to look whether the socket is still there for the next one.
_LOOK_SECONDS = 0.25
RESPONSE_LIMIT = 6_291_556  # of a synchronous invocation ("Lambda quotas")


class HandlerContext:
    """The context object; source: AWS Lambda Developer Guide, "Using the Lambda context object ... Python"."""

    identity = None
    client_context = None

    def __init__(self, invocation: dict[str, Any]) -> None:
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.invoked_function_arn = invocation["arn"]
        self.aws_request_id = invocation["request_id"]
        self._deadline = time.monotonic() + invocation["timeout"]

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._deadline - time.monotonic()) * 1000))


def frame(content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + content


def send_frame(connection: socket.socket, message: dict[str, Any]) -> None:
    connection.sendall(frame(json.dumps(message).encode()))


def receive_frame(connection: socket.socket) -> dict[str, Any] | None:
    """The next message, or None when the other side is gone."""
    content = receive_bytes(connection)
    return None if content is None else dict(json.loads(content))


def receive_bytes(connection: socket.socket) -> bytes | None:
    """The content of the next frame, or None when the other side is gone."""
    head = _receive(connection, 4)
    return None if head is None else _receive(connection, struct.unpack(">I", head)[0])


def _receive(connection: socket.socket, count: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < count:
        part = connection.recv(min(1 << 20, count - len(parts)))
        if not part:
            return None
        parts += part
    return bytes(parts)


# --- template --------------------------------------------------------------------------------------------------------


def serve_template(control: socket.socket, listener: socket.socket | None = None) -> None:
    """Answer requests until the host closes the control socket (or dies: that closes it too).

    With a ``listener``, and where the first frame says so: until no host has come back for so many seconds.
    """
    first = receive_frame(control)
    if first is None:
        return
    os.environ.clear()
    os.environ.update(first["environment"])
    sys.path[0:0] = first["paths"]
    gc.disable()  # looking for garbage again and again, while all that is made stays, is a fifth of the time
    _preload()
    _share_service_descriptions()
    gc.enable()
    gc.collect()
    gc.freeze()  # what is loaded now stays shared: the collector must not touch its pages
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # environments that end are reaped by the kernel
    send_frame(control, {"ready": True})
    keeping = first.get("keeping")
    hosts = _Hosts(control, listener, first) if listener is not None and keeping else None
    kept: dict[int, _Kept] = {}
    while True:
        ask, request, descriptors = hosts.next_request() if hosts is not None else receive_request(control)
        if request is None:
            return
        if hosts is not None:
            control = hosts.control
            _forget_ended(kept)
        if ask == LEFT:
            with contextlib.suppress(ConnectionError):  # killed meanwhile: they stay for the next host
                _hand_over(control, kept)
            continue
        pid = os.fork()
        if pid == 0:
            for one in (control, listener):
                if one is not None:
                    one.close()
            for descriptor in (*descriptors[2:], *(copy for one in kept.values() for copy in one.descriptors)):
                os.close(descriptor)
            _become_environment(request, descriptors)
        kept |= {pid: _Kept(descriptors[2:], request)} if descriptors[2:] else {}
        for descriptor in descriptors[:2]:
            os.close(descriptor)
        with contextlib.suppress(ConnectionError):
            send_frame(control, {"pid": pid})


class _Kept:
    """An environment, and copies of its host's descriptors: its connection and its output."""

    def __init__(self, descriptors: list[int], request: dict[str, Any]) -> None:
        self.descriptors = descriptors
        self.request = request


def _forget_ended(kept: dict[int, _Kept]) -> None:
    """Let go of environments whose side of the connection is closed."""
    watcher = select.poll()
    for one in kept.values():
        watcher.register(one.descriptors[0], 0)  # only whether it was hung up
    gone = {descriptor for descriptor, _ in watcher.poll(0)}
    for pid, one in list(kept.items()):
        if one.descriptors[0] in gone:
            del kept[pid]
            for descriptor in one.descriptors:
                os.close(descriptor)


def _hand_over(control: socket.socket, kept: dict[int, _Kept]) -> None:
    send_frame(control, {"left": len(kept)})
    for pid, one in kept.items():
        _send_with(control, LEFT, one.descriptors)
        send_frame(control, {"pid": pid, "request": one.request})


class _Hosts:
    """The host that is served, and the next one after it was killed."""

    def __init__(self, control: socket.socket, listener: socket.socket, first: dict[str, Any]) -> None:
        self.control = control
        self._listener = listener
        self._first = first
        self._seconds = first["keeping"]["seconds"]
        self._path = first["keeping"]["socket"]
        self._node = _node(self._path)
        self._left_at: float | None = None

    def next_request(self) -> tuple[bytes, dict[str, Any] | None, list[int]]:
        """As ``receive_request``; None when no host came back in time, or when the template has to end."""
        while True:
            if self._left_at is None:
                ready, _, _ = select.select([self._listener, self.control], [], [])
            else:
                ready, _, _ = select.select([self._listener], [], [], _LOOK_SECONDS)
            if self._listener in ready:
                if not self._meets_caller():
                    return b"", None, []
            elif self.control in ready:
                asked = receive_request(self.control)
                if asked[1] is not None:
                    return asked
                for descriptor in asked[2]:
                    os.close(descriptor)
                self.control.close()
                self._left_at = time.monotonic()
            elif self._is_given_up():
                return b"", None, []

    def _is_given_up(self) -> bool:
        """Without its file nobody finds the socket: the state was removed, or has a new template."""
        assert self._left_at is not None
        return time.monotonic() - self._left_at > self._seconds or _node(self._path) != self._node

    def _meets_caller(self) -> bool:
        """Whether to go on after a caller said what it is: the next host, or one that asks for the pid or the end.

        Not after a host of other packages. What a caller says besides these changes nothing.
        """
        caller, _ = self._listener.accept()
        caller.settimeout(_CALLER_SECONDS)
        try:
            asked = receive_frame(caller) or {}
            same = asked.get("first") == self._first
            send_frame(caller, {"pid": os.getpid(), "same": same})
        except (OSError, ValueError):
            caller.close()
            return True
        if "first" in asked and same:
            caller.settimeout(None)
            self.control.close()
            self.control, self._left_at = caller, None
            return True
        caller.close()
        return "first" not in asked and asked.get("ask") != "end"


def _node(path: str) -> int | None:
    try:
        return os.stat(path).st_ino  # noqa: PTH116 - pathlib is not loaded in here
    except OSError:
        return None


def _preload() -> None:
    for name in PRELOADED:
        try:
            if importlib.util.find_spec(name.partition(".")[0]) is not None:
                importlib.import_module(name)
        except Exception as error:  # a broken layer must show in the function, not here
            print(f"preload {name}: {type(error).__name__}: {error}", file=sys.stderr)


def _share_service_descriptions() -> None:
    """botocore finds and reads its JSON descriptions per session; here that is done once and shared by all forks.

    Only read by botocore, so sharing is safe: within a session it does the same. A session that looks for them in other
    folders has its own.
    """
    try:
        import boto3
        from botocore.loaders import Loader
        from botocore.session import Session
    except ImportError:
        return
    core = Session()
    first = core.get_component("data_loader")
    folders, known = list(first.search_paths), getattr(first, "_cache", None)
    keys = {"aws_access_key_id": "-", "aws_secret_access_key": "-"}
    session: Any = boto3.Session(region_name="us-east-1", botocore_session=core, **keys)
    for service in DESCRIBED:
        session.client(service)
    session.resource("dynamodb")
    if known is None:  # another botocore than those that we know
        return
    begin = Loader.__init__

    def begin_with_what_is_known(loader: Any, *arguments: Any, **named: Any) -> None:
        begin(loader, *arguments, **named)
        if loader.search_paths == folders:
            loader._cache = known

    loader_class: Any = Loader
    loader_class.__init__ = begin_with_what_is_known


def send_request(control: socket.socket, ask: bytes, request: dict[str, Any], descriptors: list[int]) -> None:
    """What ``receive_request`` receives."""
    _send_with(control, ask, descriptors)
    send_frame(control, request)


def _send_with(control: socket.socket, ask: bytes, descriptors: list[int]) -> None:
    control.sendmsg(
        [ask], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
    )


def receive_request(control: socket.socket) -> tuple[bytes, dict[str, Any] | None, list[int]]:
    """A one-byte message that carries descriptors, then the frame, which is None when the other side is gone."""
    descriptors = array.array("i")
    try:
        ask, ancillary, _, _ = control.recvmsg(1, socket.CMSG_LEN(4 * descriptors.itemsize))
        for level, kind, data in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                descriptors.frombytes(data[: len(data) - (len(data) % descriptors.itemsize)])
        return ask, receive_frame(control) if ask else None, list(descriptors)
    except ConnectionError:  # killed with an answer unread
        return b"", None, list(descriptors)


# --- execution environment -------------------------------------------------------------------------------------------


def _become_environment(request: dict[str, Any], descriptors: list[int]) -> NoReturn:
    status = 1
    try:
        _end_with_parent()
        os.setpgid(0, 0)  # a function that starts programs is ended together with them
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        connection = socket.socket(fileno=descriptors[0])
        _redirect_output(descriptors[1])
        os.environ.clear()
        os.environ.update(request["environment"])
        time.tzset()
        os.chdir(request["code"])
        sys.path[0:0] = [request["code"], *request["paths"]]
        importlib.invalidate_caches()
        _await_debugger()
        status = _serve_environment(connection, request)
    except SystemExit as leaving:
        status = leaving.code if isinstance(leaving.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        _flush()
        os._exit(status)


def _await_debugger() -> None:
    """Not on AWS: wait for a debugger when the function's variable ``EMULATION_DEBUG`` asks for it.

    It is JSON: ``port``, ``packages`` (a folder that has debugpy), ``sources`` (a folder that the code is taken from
    instead of its package, so that breakpoints are in the files that somebody edits), ``process`` (whose end means that
    nobody debugs any more: a function must not wait forever).
    """
    wanted = json.loads(os.environ.pop("EMULATION_DEBUG", "null"))
    if wanted is None:
        return
    try:
        os.kill(wanted["process"], 0)
    except ProcessLookupError:
        return
    sys.path.insert(0, wanted["sources"])
    sys.path.append(wanted["packages"])
    debugpy: Any = importlib.import_module("debugpy")
    debugpy.configure(subProcess=False)
    debugpy.listen(("127.0.0.1", wanted["port"]))
    debugpy.wait_for_client()


def _redirect_output(descriptor: int) -> None:
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(null)
    os.close(descriptor)
    sys.stdout = os.fdopen(1, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)


def _serve_environment(connection: socket.socket, request: dict[str, Any]) -> int:
    handler = None
    try:
        _install_invocation_depth(request["depth_header"])
        module_name, _, function_name = request["handler"].rpartition(".")
        handler = getattr(importlib.import_module(module_name.replace("/", ".")), function_name)
    except BaseException as error:
        send_frame(connection, {"failed": _described(error, skip=1)})
        return 1
    send_frame(connection, {"ready": True})
    while (invocation := receive_frame(connection)) is not None:
        if (token := invocation.get("token")) is not None:  # of a new host: what comes before it was for the last one
            send_frame(connection, {"token": token})
        else:
            connection.sendall(frame(_invoke(handler, invocation)))
    return 0


def _invoke(handler: Any, invocation: dict[str, Any]) -> bytes:
    """The answer as JSON: ``{"result": …, "processor": …}`` or ``{"failed": …}``.

    ``processor``: nanoseconds of this invocation, and of the environment since it began.
    """
    begun = time.process_time_ns()
    for name, value in invocation["environment"].items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    try:
        result = handler(invocation["event"], HandlerContext(invocation))
        spent = time.process_time_ns()
        answer = b'{"result":' + _marshalled(result) + b',"processor":[%d,%d]}' % (spent - begun, spent)
    except Exception as error:
        described = _described(error, skip=1)
        head = f"[ERROR] {described['errorType']}: {described['errorMessage']}\nTraceback (most recent call last):\n"
        print(head + "".join(described["stackTrace"]), file=sys.stderr)
        answer = json.dumps({"failed": described}).encode()
    _flush()
    return answer


class ResultError(Exception):
    """The handler's result cannot be serialized, or is too large."""

    kind = "Runtime.MarshalError"


class TooLargeError(ResultError):
    kind = "Function.ResponseSizeTooLarge"


def _marshalled(result: Any) -> bytes:
    try:
        text = json.dumps(result, ensure_ascii=False).encode()
    except (TypeError, ValueError) as error:
        raise ResultError(f"Unable to marshal response: {error}") from None
    if len(text) > RESPONSE_LIMIT:
        raise TooLargeError(f"Response payload size exceeded maximum allowed payload size ({RESPONSE_LIMIT} bytes).")
    return text


def _described(error: BaseException, skip: int) -> dict[str, Any]:
    """``errorType``, ``errorMessage``, ``stackTrace`` as Lambda reports an unhandled exception."""
    kind = type(error).__name__
    if isinstance(error, ImportError):
        kind = "Runtime.ImportModuleError"
    elif isinstance(error, ResultError):
        kind = error.kind
    return {
        "errorType": kind,
        "errorMessage": str(error),
        "stackTrace": traceback.format_list(traceback.extract_tb(error.__traceback__)[skip:]),
    }


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()


def _install_invocation_depth(header: list[str]) -> None:
    """Calls carry the depth of nested function calls, so that the emulator can stop an endless loop."""
    variable, name = header
    if (handlers := sys.modules.get("botocore.handlers")) is None:
        return

    def add_depth(params: dict[str, Any], **_: Any) -> None:
        if depth := os.environ.get(variable):
            params["headers"].setdefault(name, depth)

    handlers.BUILTIN_HANDLERS.append(("before-call", add_depth))


def _end_with_parent() -> None:
    """SIGKILL when the template dies. Only Linux has it; elsewhere the closed socket ends an idle process.

    Not for the template itself: Linux counts the death of the host's *thread* that started it.
    """
    if sys.platform == "linux":
        parent = os.getppid()
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(0)


if __name__ == "__main__":
    serve_template(*(socket.socket(fileno=int(number)) for number in sys.argv[1:3]))
    _flush()
    os._exit(0)  # to take apart all that was loaded takes a fifth of a second
