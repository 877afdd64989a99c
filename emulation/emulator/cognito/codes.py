"""Codes that Cognito mails: random, expiring, usable once, with a limited number of attempts.

MiniStack mails 123456 for each sign-up and 654321 for each forgotten password, and allows unlimited attempts. Source:
Amazon Cognito Developer Guide, "Quotas in Amazon Cognito", "user pools code security resource quotas" (validity,
requests per user and hour) and "Recovering user accounts", "Forgot password behavior".
"""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from typing import Any

from emulation.emulator import seams
from emulation.emulator.cognito import requests, strangers

#: Where a user's codes and requests are kept: in the user's own record, so they survive a restart with it.
KEPT = "_asyncsns_codes"
HOUR = 3600
SIGN_UP, RESET, EMAIL = "sign-up", "reset", "email"
VALID_SECONDS = {SIGN_UP: 24 * HOUR, RESET: HOUR, EMAIL: 24 * HOUR}
#: Operation that mails a code -> its kind; every other one asks to confirm a changed e-mail address.
_SENT_BY = {
    "SignUp": SIGN_UP,
    "ResendConfirmationCode": SIGN_UP,
    "ForgotPassword": RESET,
    "AdminResetUserPassword": RESET,
}
#: Operation that takes a code -> its kind, and the parameter that holds it.
_TAKEN_BY = {
    "ConfirmSignUp": (SIGN_UP, "ConfirmationCode"),
    "ConfirmForgotPassword": (RESET, "ConfirmationCode"),
    "VerifyUserAttribute": (EMAIL, "Code"),
}
#: Operation -> what is counted, requests per user and hour. The guide says 5 to 20 for RESET, by risk.
QUOTAS = {
    "ConfirmSignUp": ("ConfirmSignUp", 15),
    "ResendConfirmationCode": ("ResendConfirmationCode", 5),
    "ForgotPassword": (RESET, 10),
    "ConfirmForgotPassword": (RESET, 10),
    "ChangePassword": ("ChangePassword", 5),
    "GetUserAttributeVerificationCode": ("GetUserAttributeVerificationCode", 5),
    "VerifyUserAttribute": ("VerifyUserAttribute", 15),
}
EXPIRED = ("ExpiredCodeException", "Invalid code provided, please request a code again.", 400)
MISMATCH = ("CodeMismatchException", "Invalid verification code provided, please try again.", 400)
TOO_MANY = ("LimitExceededException", "Attempt limit exceeded, please try after some time.", 400)

_deciding = threading.Lock()


def new_code() -> str:
    """Six random digits."""
    return f"{secrets.randbelow(1_000_000):06d}"


def issue(user: dict[str, Any], kind: str, now: float) -> str:
    """A new code of ``kind``; the one before is no longer valid."""
    code = new_code()
    _kept(user, "codes")[kind] = {"code": code, "until": now + VALID_SECONDS[kind]}
    return code


def refusal(user: dict[str, Any], kind: str, given: Any, now: float) -> tuple[str, str, int] | None:
    """Why ``given`` is not the valid code of ``kind``, or None. Compares in constant time."""
    kept = _kept(user, "codes").get(kind)
    if kept is None or now >= kept["until"]:
        return EXPIRED
    return None if same(kept["code"], given) else MISMATCH


def spend(user: dict[str, Any], kind: str) -> None:
    """Remove the used code of ``kind``."""
    _kept(user, "codes").pop(kind, None)


def within_quota(user: dict[str, Any], operation: str, now: float) -> bool:
    """Count a request for ``operation``; False when the hour's requests are used up (then it is not counted)."""
    counted, quota = QUOTAS[operation]
    requests = _kept(user, "requests")
    requests[counted] = [moment for moment in requests.get(counted, []) if moment > now - HOUR]
    if len(requests[counted]) >= quota:
        return False
    requests[counted].append(now)
    return True


def same(expected: str, given: Any) -> bool:
    """Equality that takes as long for a nearly right value as for a wrong one."""
    return hmac.compare_digest(expected.encode(), str(given or "").encode("utf-8", "replace"))


def _kept(user: dict[str, Any], part: str) -> dict[str, Any]:
    found: dict[str, Any] = user.setdefault(KEPT, {}).setdefault(part, {})
    return found


def send_random_codes() -> None:
    """Wrap the mailer (the code it is given becomes a random one) and replace the check before each operation."""
    service = seams.module("services.cognito")
    send, begin = service._send_verification_email, service._begin_user_auth_challenge

    def send_new(
        pool: dict[str, Any], username: str, attr_dict: dict[str, Any], code: str, attribute_name: str = "email"
    ) -> Any:
        user = service._resolve_user(pool, username)[0]
        for constant in ("_confirmation_code", "_reset_code"):
            user.pop(constant, None)
        with _deciding:
            code = issue(user, _SENT_BY.get(requests.current().operation, EMAIL), time.time())
        return send(pool, username, attr_dict, code, attribute_name)

    def begin_with_new_code(pool: dict[str, Any], ua_token: str, session: dict[str, Any], challenge: str) -> Any:
        with _deciding:
            service._EMAIL_OTP_CODE = new_code()
            return begin(pool, ua_token, session, challenge)

    service._EMAIL_OTP_CODE = new_code()
    service._send_verification_email = send_new
    service._begin_user_auth_challenge = begin_with_new_code
    service._confirmation_code_error = _check


def _check(action: str, data: dict[str, Any]) -> Any:
    """The refusal of a request, or None. A correct code is used up here, so that only one of two requests succeeds."""
    if action not in QUOTAS:
        return None
    service = seams.module("services.cognito")
    user, pool = _user_of(service, action, data)
    if pool is None:
        return None
    with _deciding:
        counted = user if user is not None else strangers.record(pool, data.get("Username"))
        if not within_quota(counted, action, time.time()):
            return service.error_response_json(*TOO_MANY)
        return _check_code(service, action, data, user, pool) if user is not None else None


def _check_code(service: Any, action: str, data: dict[str, Any], user: dict[str, Any], pool: Any) -> Any:
    if action not in _TAKEN_BY:
        return None
    kind, parameter = _TAKEN_BY[action]
    status = user.get("UserStatus")
    if kind == SIGN_UP and status != "UNCONFIRMED":
        message = f"User cannot be confirmed. Current status is {status}"
        return service.error_response_json("NotAuthorizedException", message, 400)
    refused = refusal(user, kind, data.get(parameter), time.time())
    if refused:
        return service.error_response_json(*refused)
    if kind == RESET and (weak := service._validate_password(pool, data.get("Password", ""))):
        return weak  # and the code stays valid for a better password
    spend(user, kind)
    return None


def _user_of(service: Any, action: str, data: dict[str, Any]) -> tuple[dict[str, Any] | None, Any]:
    if "AccessToken" in data:
        found: tuple[dict[str, Any] | None, Any] = service._user_pool_for_access_token(data.get("AccessToken"))
        return found
    pool = service._pool_for_client(data.get("ClientId"))[0]
    return (service._resolve_user(pool, data.get("Username"))[0] if pool else None), pool
