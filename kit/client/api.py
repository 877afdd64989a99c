"""The HTTP API for one person."""

from __future__ import annotations

import functools
import ssl
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import httpx

from kit.client.accounts import Account
from kit.client.endpoints import Endpoints
from kit.settings import Settings

T = TypeVar("T")
#: How long anything is waited for that may be slow: cold functions on a busy machine need long.
PATIENCE_SECONDS = 60.0


@functools.cache
def _tls() -> ssl.SSLContext:
    """One for all people: to read the authorities' certificates takes 20 ms."""
    return httpx.create_ssl_context()


class Problem(Exception):
    """The API refused: ``status`` and the problem document (RFC 9457), or the body's text where it is none."""

    def __init__(self, method: str, path: str, status: int, document: Any) -> None:
        super().__init__(f"{method} {path}: {status} {document}")
        self.status = status
        self.document = document

    @property
    def type(self) -> str:
        return str(self.document.get("type", "")) if isinstance(self.document, Mapping) else ""


class Api:
    """Calls with the person's access token; ``account=None`` calls as a stranger.

    ``trace``: X-Ray's header of all calls, to find them again; ``None`` leaves it to the network.
    """

    trace: str | None = None

    def __init__(self, endpoints: Endpoints, account: Account | None = None, base_url: str | None = None) -> None:
        headers = {"authorization": f"Bearer {account.access_token}"} if account else {}
        self.account = account
        self.http = httpx.Client(
            base_url=base_url or endpoints.base_url, headers=headers, timeout=PATIENCE_SECONDS, verify=_tls()
        )

    def __enter__(self) -> Api:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.http.close()

    def call(self, method: str, path: str, body: Any = None, *, key: str | None = None, **params: Any) -> Any:
        """Call and parse; ``None`` for an empty answer.

        Args:
            key: sent as ``Idempotency-Key``.
            params: query parameters; ``None`` values are left out.

        Raises:
            Problem: the status is 400 or more.
        """
        answer = self.http.request(
            method,
            path,
            json=body,
            params={name: value for name, value in params.items() if value is not None},
            headers={
                **({"idempotency-key": key} if key else {}),
                **({"x-amzn-trace-id": self.trace} if self.trace else {}),
            },
        )
        try:
            document = answer.json() if answer.content else None
        except ValueError:
            document = answer.text
        if answer.status_code >= 400:
            raise Problem(method, path, answer.status_code, document)
        return document

    def get(self, path: str, **params: Any) -> Any:
        return self.call("GET", path, **params)

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> Any:
        return self.call("POST", path, {} if body is None else body, key=key)

    def put(self, path: str, body: Any = None, *, key: str | None = None) -> Any:
        return self.call("PUT", path, body, key=key)

    def delete(self, path: str) -> Any:
        return self.call("DELETE", path)

    def upload(
        self, kind: str, content_type: str, content: bytes | Path, alt_text: str = "", *, slowing: bool = False
    ) -> str:
        """Request an upload, send the file by POST policy, wait until it is processed; returns the media id.

        ``slowing``: as for ``wait_for``.

        Raises:
            RuntimeError: the storage or the check of the content refused it; the reason is in the message.
        """
        data = content.read_bytes() if isinstance(content, Path) else content
        asked = {"kind": kind, "contentType": content_type, "bytes": len(data), "altText": alt_text}
        made = self.post("/v1/media", asked)
        form = made["upload"]
        sent = httpx.post(
            Settings.load().reach(form["url"]),
            data=form["fields"],
            files={"file": ("upload", data, content_type)},
            timeout=PATIENCE_SECONDS,
            verify=_tls(),
        )
        if sent.status_code >= 300:
            raise RuntimeError(f"the storage refused the upload: {sent.status_code} {sent.text[:300]}")
        media_id = str(made["media"]["id"])
        media = wait_for(
            lambda: self.get(f"/v1/media/{media_id}"),
            until=lambda one: one["state"] in ("ready", "rejected"),
            what=f"media {media_id} to be processed",
            slowing=slowing,
        )
        if media["state"] == "rejected":
            raise RuntimeError(f"media {media_id} was rejected: {media.get('reason')}")
        return media_id


def wait_for(
    read: Callable[[], T],
    *,
    until: Callable[[T], object],
    what: str,
    seconds: float = PATIENCE_SECONDS,
    every: float = 0.1,
    slowing: bool = False,
) -> T:
    """Poll until ``until`` holds.

    ``slowing``: less and less often, down to a fifth, for waits that nobody measures: polls take processor time from
    what is waited for.

    Raises:
        TimeoutError: names what was awaited and shows the last that was read.
    """
    deadline, longest = time.monotonic() + seconds, 5 * every
    while True:
        value = read()
        if until(value):
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:.0f} s for {what}; last: {str(value)[:800]}")
        time.sleep(every)
        if slowing:
            every = min(1.25 * every, longest)
