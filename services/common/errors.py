"""Every error that a client may see. One tree, mapped once to HTTP (RFC 9457) and to socket error frames.

AppError                    500  about:blank
├── BadRequest              400  bad-request          the request can't be understood
│   └── InvalidCursor       400  invalid-cursor
├── SignedOut               401  signed-out           the session was ended on all devices
├── Forbidden               403  forbidden            understood, but not yours
│   ├── AccountSuspended    403  account-suspended    moderators closed the account to commands
│   ├── WrongParty          403  wrong-party          the other party of the call may do this, you may not
│   └── SignInAgain         403  sign-in-again        this needs a sign-in of the last minutes
├── NotFound                404  not-found            also for hidden resources
│   └── ProfileMissing      404  profile-missing      signed in, but no profile made yet
├── Conflict                409  conflict             contradicts what is stored
│   ├── HandleTaken         409  handle-taken
│   ├── InProgress          409  in-progress          the first try of this command still runs
│   ├── InAnotherCall       409  in-another-call      its id is among the errors
│   ├── CallOver            409  call-over            the call has ended
│   ├── WrongCallState      409  call-state           the call is not in a state that allows this
│   ├── CallElsewhere       409  call-elsewhere       another device of the same person takes part in the call
│   ├── NotInCall           409  not-in-call          this connection takes no part: say ``call.here`` first
│   ├── StaleNegotiation    409  stale-negotiation    the signal belongs to an earlier negotiation of the call
│   ├── LiveRunning         409  live-running         another broadcast of yours is not over; its id is among the errors
│   └── LiveOver            409  live-over            the broadcast has ended
├── TooLarge                413  too-large
├── Unprocessable           422  unprocessable        a rule of the domain forbids it
├── TooManyRequests         429  too-many-requests
└── Unavailable             503  unavailable          a service that we need doesn't respond; try again
    └── LiveUnavailable     503  live-unavailable     this deployment has no media server
"""

from __future__ import annotations

from typing import Any, ClassVar

from services.common.lazy_dataclasses import dataclass


@dataclass(frozen=True)
class FieldError:
    """One thing wrong with one field: where, what was expected, what came; ``reason`` is for programs, where they tell
    several faults of one field apart."""

    field: str
    expected: str
    got: str
    reason: str | None = None

    def to_dict(self) -> dict[str, str]:
        reason = {"reason": self.reason} if self.reason else {}
        return {"field": _sendable(self.field), "expected": self.expected, "got": _sendable(self.got), **reason}


class AppError(Exception):
    """Base of all. ``detail`` is for a person and never holds internals."""

    status: ClassVar[int] = 500
    type: ClassVar[str] = "about:blank"
    title: ClassVar[str] = "Internal Server Error"

    def __init__(self, detail: str = "", *errors: FieldError) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.errors = errors

    def to_problem(self) -> dict[str, Any]:
        """Problem details object (RFC 9457): ``type, title, status, detail?, errors?``."""
        problem: dict[str, Any] = {"type": self.type, "title": self.title, "status": self.status}
        if self.detail:
            problem["detail"] = _sendable(self.detail)
        if self.errors:
            problem["errors"] = [error.to_dict() for error in self.errors]
        return problem


def _sendable(text: str) -> str:
    """What came may hold lone surrogates (JSON's ``\\ud800``), which UTF-8 has no bytes for."""
    return text.encode("utf-8", "backslashreplace").decode()


class BadRequest(AppError):
    status, type, title = 400, "bad-request", "Bad Request"


class InvalidCursor(BadRequest):
    type, title = "invalid-cursor", "Invalid cursor"


class SignedOut(AppError):
    status, type, title = 401, "signed-out", "Signed out"


class Forbidden(AppError):
    status, type, title = 403, "forbidden", "Forbidden"


class AccountSuspended(Forbidden):
    type, title = "account-suspended", "Account suspended"


class WrongParty(Forbidden):
    type, title = "wrong-party", "Not for this party"


class SignInAgain(Forbidden):
    type, title = "sign-in-again", "Sign in again"


class NotFound(AppError):
    status, type, title = 404, "not-found", "Not Found"


class ProfileMissing(NotFound):
    type, title = "profile-missing", "No profile yet"


class Conflict(AppError):
    status, type, title = 409, "conflict", "Conflict"


class HandleTaken(Conflict):
    type, title = "handle-taken", "Handle is taken"


class InProgress(Conflict):
    type, title = "in-progress", "The first try is still running"


class InAnotherCall(Conflict):
    type, title = "in-another-call", "In another call"


class RoomFull(Conflict):
    type, title = "room-full", "The group call is full"


class CallOver(Conflict):
    type, title = "call-over", "The call is over"


class WrongCallState(Conflict):
    type, title = "call-state", "Not in this state of the call"


class CallElsewhere(Conflict):
    type, title = "call-elsewhere", "Another device takes part in the call"


class NotInCall(Conflict):
    type, title = "not-in-call", "This device takes no part in the call"


class StaleNegotiation(Conflict):
    type, title = "stale-negotiation", "Signal of an earlier negotiation"


class LiveRunning(Conflict):
    type, title = "live-running", "Another broadcast is not over"


class LiveOver(Conflict):
    type, title = "live-over", "The broadcast is over"


class TooLarge(AppError):
    status, type, title = 413, "too-large", "Content Too Large"


class Unprocessable(AppError):
    status, type, title = 422, "unprocessable", "Unprocessable Content"


class TooManyRequests(AppError):
    status, type, title = 429, "too-many-requests", "Too Many Requests"


class Unavailable(AppError):
    status, type, title = 503, "unavailable", "Service Unavailable"


class LiveUnavailable(Unavailable):
    type, title = "live-unavailable", "No live broadcasts here"
