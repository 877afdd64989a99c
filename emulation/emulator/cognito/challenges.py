"""Requires the session of the password step in responses to sign-in challenges, as Amazon Cognito does.

MiniStack issues such sessions and does not check them: anybody who knew a user name could set a password with
NEW_PASSWORD_REQUIRED, or get tokens with MFA_SETUP. It never drops expired sessions: 3 KB of each SRP sign-in.
Source: Amazon Cognito user pools API Reference, "RespondToAuthChallenge", "Session".
"""

from __future__ import annotations

import json
import time
from collections.abc import MutableMapping
from typing import Any

from emulation.emulator import seams
from emulation.emulator.cognito.lockout import DENIED, attempt

INVALID = ("NotAuthorizedException", "Invalid session for the user.", 400)
MISMATCH = ("CodeMismatchException", "Invalid code received for user", 400)
MISSING = ("InvalidParameterException", "Missing required parameter NEW_PASSWORD", 400)
_CHALLENGES = frozenset({"NEW_PASSWORD_REQUIRED", "SOFTWARE_TOKEN_MFA", "SMS_MFA", "EMAIL_OTP", "MFA_SETUP"})
_OPEN = "pending_builtin_challenge"


def ask_for_sessions() -> None:
    """Keep the sessions of challenges with MiniStack's other sessions, and check them."""
    service = seams.module("services.cognito")
    answer, create = service._password_auth_result, service._create_challenge_session

    def drop_and_create(pool_id: str, client_id: str, username: str) -> Any:
        drop_expired(service._challenge_sessions, time.time())
        return create(pool_id, client_id, username)

    def answer_and_keep(pool: Any, pid: str, cid: str, user: dict[str, Any], *more: Any, **named: Any) -> Any:
        result = answer(pool, pid, cid, user, *more, **named)
        challenge = json.loads(result[2])
        if challenge.get("ChallengeName"):
            token, session = service._create_challenge_session(pid, cid, user["Username"])
            del service._challenge_sessions[token]
            session[_OPEN] = challenge["ChallengeName"]
            service._challenge_sessions[challenge["Session"]] = session
        return result

    service._create_challenge_session = drop_and_create
    service._password_auth_result = answer_and_keep
    service._respond_to_auth_challenge = _guarded(service, service._respond_to_auth_challenge)
    service._admin_respond_to_auth_challenge = _guarded(service, service._admin_respond_to_auth_challenge)


def drop_expired(sessions: MutableMapping[str, dict[str, Any]], now: float) -> None:
    """Remove the sessions that ended before ``now`` (epoch seconds)."""
    for token in [token for token, session in sessions.items() if session["expires_at"] < now]:
        sessions.pop(token, None)


def _guarded(service: Any, respond: Any) -> Any:
    def respond_or_refuse(data: dict[str, Any]) -> Any:
        if data.get("ChallengeName") not in _CHALLENGES:
            return respond(data)
        token = data.get("Session")
        session = service._get_challenge_session(token)[0]
        user = _user_of(service, session, data) if session else None
        # Taken out before it is used: of two answers to one challenge only one finds it.
        if user is None or service._challenge_sessions.pop(token, None) is None:
            return service.error_response_json(*INVALID)
        result = _wrong_code(service, data, user) or _weak_password(service, data, session) or respond(data)
        if result[0] != 200:
            service._challenge_sessions[token] = session
        return result

    return respond_or_refuse


def _user_of(service: Any, session: dict[str, Any], data: dict[str, Any]) -> dict[str, Any] | None:
    """The user for whom the session was opened, when it is this client's and waits for this challenge."""
    if session.get(_OPEN) != data["ChallengeName"] or session["client_id"] != data.get("ClientId"):
        return None
    pool = service._user_pools.get(session["pool_id"])
    name = (data.get("ChallengeResponses") or {}).get("USERNAME")
    user: dict[str, Any] | None = service._resolve_user(pool, name)[0] if pool else None
    return user if user and user["Username"] == session["username"] else None


def _weak_password(service: Any, data: dict[str, Any], session: dict[str, Any]) -> Any:
    """The refusal of a new password that the policy does not allow, or None."""
    if data["ChallengeName"] != "NEW_PASSWORD_REQUIRED":
        return None
    given = (data.get("ChallengeResponses") or {}).get("NEW_PASSWORD")
    if not given:
        return service.error_response_json(*MISSING)
    return service._validate_password(service._user_pools.get(session["pool_id"]), given)


def _wrong_code(service: Any, data: dict[str, Any], user: dict[str, Any]) -> Any:
    """The refusal of a wrong code of an authenticator app, or None. Wrong codes count for the lockout."""
    if data["ChallengeName"] != "SOFTWARE_TOKEN_MFA":
        return None
    given = data["ChallengeResponses"].get("SOFTWARE_TOKEN_MFA_CODE", "")
    right = bool(service._totp_matches(user.get("_totp_secret"), given))
    if not attempt(user, right, time.time()):
        return service.error_response_json(*DENIED)
    return None if right else service.error_response_json(*MISMATCH)
