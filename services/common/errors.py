"""Every error that a client may see. One tree, mapped once to HTTP (RFC 9457) and to socket error frames.

AppError                    500  about:blank
├── BadRequest              400  bad-request          what was sent can't be understood
│   └── InvalidCursor       400  invalid-cursor
├── Forbidden               403  forbidden            understood, but not yours
│   ├── AccountSuspended    403  account-suspended    moderators closed the account to commands
│   └── SignInAgain         403  sign-in-again        this needs a sign-in of the last minutes
├── NotFound                404  not-found            also for what you may not know of
│   └── ProfileMissing      404  profile-missing      signed in, but no profile made yet
├── Conflict                409  conflict             contradicts what is stored
│   ├── HandleTaken         409  handle-taken
│   └── InProgress          409  in-progress          the first try of this command still runs
├── TooLarge                413  too-large
├── Unprocessable           422  unprocessable        a rule of the domain forbids it
├── TooManyRequests         429  too-many-requests
└── Unavailable             503  unavailable          something behind us doesn't answer; try again
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True)
class FieldError:
    """One thing wrong with one field: where, what was expected, what came."""

    field: str
    expected: str
    got: str

    def to_dict(self) -> dict[str, str]:
        return {"field": self.field, "expected": self.expected, "got": self.got}


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
            problem["detail"] = self.detail
        if self.errors:
            problem["errors"] = [error.to_dict() for error in self.errors]
        return problem


class BadRequest(AppError):
    status, type, title = 400, "bad-request", "Bad Request"


class InvalidCursor(BadRequest):
    type, title = "invalid-cursor", "Invalid cursor"


class Forbidden(AppError):
    status, type, title = 403, "forbidden", "Forbidden"


class AccountSuspended(Forbidden):
    type, title = "account-suspended", "Account suspended"


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


class TooLarge(AppError):
    status, type, title = 413, "too-large", "Content Too Large"


class Unprocessable(AppError):
    status, type, title = 422, "unprocessable", "Unprocessable Content"


class TooManyRequests(AppError):
    status, type, title = 429, "too-many-requests", "Too Many Requests"


class Unavailable(AppError):
    status, type, title = 503, "unavailable", "Service Unavailable"
