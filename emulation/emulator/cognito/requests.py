"""The current Cognito request, so that rules below the handlers see the operation and its input."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from emulation.emulator import seams


@dataclass(frozen=True)
class Request:
    """``operation`` as in the API Reference; ``data`` is its input."""

    operation: str = ""
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def client_metadata(self) -> dict[str, Any]:
        given = self.data.get("ClientMetadata")
        return given if isinstance(given, dict) else {}


_NONE = Request()
_current: ContextVar[Request | None] = ContextVar("cognito_request", default=None)


def current() -> Request:
    """The current request; an empty one outside of operations, as on the hosted pages."""
    return _current.get() or _NONE


def remember() -> None:
    """Keep the request while MiniStack handles it. A trigger that fails ends it with the documented error."""
    service = seams.module("services.cognito")
    run = service._run_idp_handler

    def run_with_request(handler: Any, action: str, data: dict[str, Any]) -> Any:
        token = _current.set(Request(action, data))
        try:
            return run(handler, action, data)
        except (service._CustomMessageRejected, service._CustomMessageInvalid) as failed:
            return service._custom_message_error(failed)
        finally:
            _current.reset(token)

    service._run_idp_handler = run_with_request
