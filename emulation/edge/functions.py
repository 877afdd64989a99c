"""CloudFront Functions: the deployed JavaScript, run by one long-lived Node process.

Source: "CloudFront Functions event structure". When a function throws or returns an invalid object, CloudFront answers
503 (see "HTTP 503 status code: FunctionExecutionError").
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from emulation.aws.messages import Headers, Request, Response

_WORKER = Path(__file__).with_name("functions_worker.js")
#: By the clock on the wall, which a busy machine takes from us too, also while node starts: it ends endless loops, and
#: no more.
_DEADLINE_SECONDS = 20.0
_LINE_LIMIT = 4 * 1024 * 1024


class FunctionError(Exception):
    """The function could not run, threw, or did not answer in time."""


class FunctionRunner:
    """Evaluates functions; starts Node at first use and again after it died."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._ids = itertools.count()
        self._starting = asyncio.Lock()

    async def run(self, code: str, event: dict[str, Any]) -> dict[str, Any]:
        """What ``handler(event)`` returns.

        Raises:
            FunctionError: see the class.
        """
        process = await self._ready()
        identity = next(self._ids)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[identity] = future
        line = json.dumps({"id": identity, "code": code, "event": event}) + "\n"
        try:
            if process.stdin is None:
                raise FunctionError("the function process has no input")
            process.stdin.write(line.encode())
            async with asyncio.timeout(_DEADLINE_SECONDS):
                value = await future
        except TimeoutError:
            # An endless loop lets no other call through: the next one starts another process.
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            raise FunctionError(f"no answer within {_DEADLINE_SECONDS} s") from None
        except ConnectionError as error:
            raise FunctionError(str(error)) from error
        finally:
            self._waiting.pop(identity, None)
        if not isinstance(value, dict):
            raise FunctionError("expected a request or a response object")
        return value

    async def _ready(self) -> asyncio.subprocess.Process:
        async with self._starting:
            if self._process is None or self._process.returncode is not None:
                try:
                    self._process = await asyncio.create_subprocess_exec(
                        "node",
                        "--max-old-space-size=64",
                        str(_WORKER),
                        stdin=asyncio.subprocess.PIPE,
                        stdout=asyncio.subprocess.PIPE,
                        limit=_LINE_LIMIT,
                    )
                except OSError as error:
                    raise FunctionError(f"node could not be started: {error}") from error
                self._reader = asyncio.create_task(self._read(self._process))
            return self._process

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        while process.stdout is not None and (line := await process.stdout.readline()):
            answer = json.loads(line)
            future = self._waiting.get(answer["id"])
            if future is None or future.done():
                continue
            if "error" in answer:
                future.set_exception(FunctionError(answer["error"]))
            else:
                future.set_result(answer["value"])
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(FunctionError("the function process ended"))

    async def close(self) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            await self._process.wait()
        if self._reader is not None:
            self._reader.cancel()


def _grouped(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """``{name: {value, multiValue?}}`` as the event has headers, cookies and query strings."""
    grouped: dict[str, Any] = {}
    for name, value in pairs:
        if name in grouped:
            grouped[name].setdefault("multiValue", [{"value": grouped[name]["value"]}]).append({"value": value})
        else:
            grouped[name] = {"value": value}
    return grouped


def request_object(request: Request) -> dict[str, Any]:
    headers = [(k.decode("latin-1"), v.decode("latin-1")) for k, v in request.headers if k != b"cookie"]
    cookie_parts = request.text_header(b"cookie").split(";")
    cookies = [part.strip().partition("=") for part in cookie_parts if part.strip()]
    query = [part.partition("=") for part in request.query.split("&") if part]
    return {
        "method": request.method,
        "uri": request.target,
        "querystring": _grouped([(name, value) for name, _, value in query]),
        "headers": _grouped(headers),
        "cookies": _grouped([(name, value) for name, _, value in cookies]),
    }


def build_event(
    kind: str, context: tuple[str, str, str], request: Request, response: Response | None = None
) -> dict[str, Any]:
    """The event of a function; ``context``: distribution domain name, distribution id, request id."""
    event: dict[str, Any] = {
        "version": "1.0",
        "context": {
            "distributionDomainName": context[0],
            "distributionId": context[1],
            "eventType": kind,
            "requestId": context[2],
        },
        "viewer": {"ip": request.client},
        "request": request_object(request),
    }
    if response is not None:
        headers = [(k.decode("latin-1"), v.decode("latin-1")) for k, v in response.headers]
        event["response"] = {"statusCode": response.status, "headers": _grouped(headers), "cookies": {}}
    return event


def _flat(grouped: dict[str, Any]) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for name, item in grouped.items():
        values = item.get("multiValue") or [item]
        pairs.extend((name, str(value.get("value", ""))) for value in values)
    return pairs


def apply_request(returned: dict[str, Any], request: Request) -> None:
    """Apply the changes of a viewer-request function: URI, query string, headers, cookies."""
    request.target = _encoded(str(returned.get("uri", request.target)))
    query = returned.get("querystring", {})
    if isinstance(query, str):
        request.query = query
    else:
        request.query = "&".join(f"{name}={value}" if value else name for name, value in _flat(query))
    headers: Headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in _flat(returned.get("headers", {}))
    ]
    cookies = "; ".join(f"{name}={value}" for name, value in _flat(returned.get("cookies", {})))
    if cookies:
        headers.append((b"cookie", cookies.encode("latin-1")))
    request.headers = headers


def _encoded(uri: str) -> str:
    """A URI that a function wrote may hold characters that must not go on the wire as they are."""
    return uri if uri.isascii() and " " not in uri else quote(unquote(uri), safe="/:@!$&'()*+,;=~-._")


def generated_response(returned: dict[str, Any]) -> Response:
    """The response that a function returned instead of the request."""
    body = returned.get("body", "")
    content = body.get("data", "") if isinstance(body, dict) else body
    headers: Headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in _flat(returned.get("headers", {}))
    ]
    for name, item in (returned.get("cookies") or {}).items():
        attributes = f"; {item['attributes']}" if item.get("attributes") else ""
        headers.append((b"set-cookie", f"{name}={item.get('value', '')}{attributes}".encode("latin-1")))
    return Response(int(returned["statusCode"]), headers, str(content).encode())


def apply_response(returned: dict[str, Any], response: Response) -> None:
    """Apply the changes of a viewer-response function: status and headers."""
    response.status = int(returned.get("statusCode", response.status))
    response.headers = generated_response({**returned, "statusCode": response.status}).headers
