"""Request rates per category of operations, for the account as a whole.

Source: Amazon Cognito Developer Guide, "Quotas in Amazon Cognito", "user pools API operation categories and request
rate quotas" (defaults): beyond its rate an operation ends with TooManyRequestsException.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from emulation.emulator import seams

TOO_MANY = ("TooManyRequestsException", "Too many requests", 400)
#: Category -> requests per second, and its operations as far as there are any here.
CATEGORIES: dict[str, tuple[int, str]] = {
    "UserAuthentication": (
        120,
        "InitiateAuth RespondToAuthChallenge AdminInitiateAuth AdminRespondToAuthChallenge",
    ),
    "UserCreation": (50, "SignUp ConfirmSignUp AdminCreateUser AdminConfirmSignUp"),
    "UserAccountRecovery": (30, "ForgotPassword ConfirmForgotPassword ChangePassword AdminResetUserPassword"),
    "UserUpdate": (
        25,
        "AdminAddUserToGroup AdminDeleteUser AdminDeleteUserAttributes AdminDisableUser AdminEnableUser "
        "AdminUpdateUserAttributes DeleteUser DeleteUserAttributes UpdateUserAttributes VerifyUserAttribute",
    ),
}


class Rate:
    """A bucket that holds one second's worth of requests."""

    def __init__(self, per_second: int) -> None:
        self._per_second, self._left, self._at = per_second, float(per_second), 0.0
        self._taking = threading.Lock()

    def take(self, now: float) -> bool:
        """Whether another request fits at ``now``, in seconds."""
        with self._taking:
            self._left = min(self._per_second, self._left + max(0.0, now - self._at) * self._per_second)
            self._at = now
            if self._left < 1:
                return False
            self._left -= 1
            return True


def throttle() -> None:
    service = seams.module("services.cognito")
    run = service._run_idp_handler
    rates: dict[str, Rate] = {}
    for per_second, operations in CATEGORIES.values():
        rates |= dict.fromkeys(operations.split(), Rate(per_second))

    def run_or_refuse(handler: Any, action: str, data: Any) -> Any:
        rate = rates.get(action)
        if rate is not None and not rate.take(time.monotonic()):
            return service.error_response_json(*TOO_MANY)
        return run(handler, action, data)

    service._run_idp_handler = run_or_refuse
