"""Wrong passwords lock a user out, longer each time, as in Amazon Cognito.

MiniStack allows unlimited guesses. Source: Amazon Cognito Developer Guide, "Authentication with Amazon Cognito user
pools", "Lockout behavior for failed sign-in attempts"; "Adding MFA to a user pool": wrong codes count the same.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from emulation.emulator import seams
from emulation.emulator.cognito import strangers
from emulation.emulator.cognito.codes import same

#: Kept in the user's own record, so it survives a restart.
KEPT = "_asyncsns_attempts"
FREE_ATTEMPTS = 5
LONGEST_SECONDS = 15 * 60
DENIED = ("NotAuthorizedException", "Password attempts exceeded", 400)

_PASSWORD_FLOWS = ("USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH")
_deciding = threading.Lock()


class LockedOutError(Exception):
    """The user is locked out; the response does not say whether the password was right."""


def attempt(user: dict[str, Any], right: bool, now: float, last_step: bool = True) -> bool:
    """Whether this sign-in attempt is checked; False while the user is locked out.

    The fifth failure locks for a second, each further one twice as long as the one before, up to 15 minutes. Counting
    starts again after a sign-in (a right password before a second factor, ``last_step=False``, is none yet) and after
    15 minutes without an attempt.
    """
    with _deciding:
        kept = user.get(KEPT) or {"failed": 0, "last": now, "until": 0.0}
        if now - kept["last"] >= LONGEST_SECONDS:
            kept = {"failed": 0, "last": now, "until": 0.0}
        allowed = bool(now >= kept["until"])
        failed, until = kept["failed"], kept["until"]
        if allowed and right:
            if last_step:
                user.pop(KEPT, None)
            return True
        if allowed:
            failed += 1
            until = now + min(2 ** (failed - FREE_ATTEMPTS), LONGEST_SECONDS) if failed >= FREE_ATTEMPTS else 0.0
        user[KEPT] = {"failed": failed, "last": now, "until": until}
        return allowed


def lock_out() -> None:
    """Wrap every place where MiniStack checks a password, or a code that replaces one."""
    service = seams.module("services.cognito")
    denied = service.error_response_json(*DENIED)
    _wrap_plain_passwords(service, denied)
    _wrap_proofs(service, denied)
    _wrap_pages(service)


def _wrap_plain_passwords(service: Any, denied: Any) -> None:
    def guarded(initiate: Any) -> Any:
        def initiate_or_refuse(data: dict[str, Any]) -> Any:
            pool, user = _who_signs_in(service, data)
            given = (data.get("AuthParameters") or {}).get("PASSWORD")
            if pool and user is None and not _try_as_stranger(service, pool, (data.get("AuthParameters") or {})):
                return denied
            if user and not _try(service, pool, user, same(user.get("_password") or "", given)):
                return denied
            return initiate(data)

        return initiate_or_refuse

    service._initiate_auth = guarded(service._initiate_auth)
    service._admin_initiate_auth = guarded(service._admin_initiate_auth)


def _try(service: Any, pool: Any, user: dict[str, Any], right: bool) -> bool:
    last_step = not right or service._mfa_challenge_for_user(pool, user, pool["Id"], user["Username"]) is None
    return attempt(user, right, time.time(), last_step)


def _try_as_stranger(service: Any, pool: dict[str, Any], parameters: dict[str, Any]) -> bool:
    """Whether a password for this name is checked; unknown names are locked like those of users."""
    name = parameters.get("USERNAME")
    if service._resolve_user(pool, name)[0] is not None:
        return True
    return attempt(strangers.record(pool, name), False, time.time())


def _who_signs_in(service: Any, data: dict[str, Any]) -> tuple[Any, dict[str, Any] | None]:
    """Pool and user whose password this request holds; no user when the password is not checked."""
    if data.get("AuthFlow") not in _PASSWORD_FLOWS:
        return None, None
    pool = service._user_pools.get(data.get("UserPoolId")) or service._pool_for_client(data.get("ClientId"))[0]
    name = (data.get("AuthParameters") or {}).get("USERNAME")
    user: dict[str, Any] | None = service._resolve_user(pool, name)[0] if pool else None
    asked = user and user.get("Enabled", True) and user.get("UserStatus") != "UNCONFIRMED"
    return pool, user if asked else None


def _wrap_proofs(service: Any, denied: Any) -> None:
    """SRP: the proof of the password comes with the answer to the challenge."""
    prove, respond = service._srp_proof_valid, service._respond_to_password_verifier

    def prove_or_raise(pool_id: str, user: dict[str, Any], state: dict[str, Any], responses: dict[str, Any]) -> bool:
        right = bool(prove(pool_id, user, state, responses))
        if not _try(service, service._user_pools.get(pool_id), user, right):
            raise LockedOutError
        return right

    def respond_or_refuse(data: dict[str, Any], cid: str) -> Any:
        challenge = (data.get("ChallengeResponses") or {}).get("PASSWORD_CLAIM_SECRET_BLOCK") or ""
        session = service._get_challenge_session(challenge)[0]
        pool = service._user_pools.get(session["pool_id"]) if session else None
        if pool and not _try_as_stranger(service, pool, {"USERNAME": session["username"]}):
            return denied
        try:
            return respond(data, cid)
        except LockedOutError:
            return denied

    service._srp_proof_valid = prove_or_raise
    service._respond_to_password_verifier = respond_or_refuse


def _wrap_pages(service: Any) -> None:
    """The hosted pages: a password, or a code by mail."""
    authenticate, submit = service._authenticate_hosted_ui_user, service._handle_user_auth_submit

    def authenticate_or_refuse(pool: dict[str, Any], username: str, password: str) -> Any:
        user = service._resolve_user(pool, username)[0]
        if user and not attempt(user, same(user.get("_password") or "", password), time.time()):
            return None, DENIED[1]
        return authenticate(pool, username, password)

    def submit_or_refuse(ua_token: str, form: dict[str, str]) -> Any:
        session = service._pending_user_auth.get(ua_token) or {}
        if session.get("challenge") == "EMAIL_OTP" and session.get("otp_code"):
            user = service._resolve_user(service._get_pool_unscoped(session["pool_id"]), session["username"])[0]
            if user and not attempt(user, same(session["otp_code"], form.get("code")), time.time()):
                page = service._email_otp_page_html(ua_token, error_message=DENIED[1])
                return 200, {"Content-Type": "text/html; charset=utf-8"}, page.encode()
        return submit(ua_token, form)

    service._authenticate_hosted_ui_user = authenticate_or_refuse
    service._handle_user_auth_submit = submit_or_refuse
