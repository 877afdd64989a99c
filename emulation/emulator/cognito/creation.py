"""Users are created once per name, according to the schema, with an unverified e-mail address.

MiniStack looks for an existing name and writes later, so two concurrent requests created two users. Sources: Amazon
Cognito user pools API Reference, "SignUp" and "AdminCreateUser"; Developer Guide, "Signing up and confirming user
accounts".
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from emulation.emulator import seams
from emulation.emulator.cognito import schema, usernames

EXISTS = ("UsernameExistsException", "User already exists", 400)
ALIAS_EXISTS = ("AliasExistsException", "An account with the {} already exists.", 400)
CLOSED = ("NotAuthorizedException", "SignUp is not permitted for this user pool", 400)

Handler = Callable[[dict[str, Any]], Any]
_reserved: set[tuple[str, str]] = set()
_reserving = threading.Lock()


def create_once() -> None:
    service = seams.module("services.cognito")
    service._sign_up = _guarded(service, service._sign_up, by_admin=False)
    service._admin_create_user = _guarded(service, service._admin_create_user, by_admin=True)


def _guarded(service: Any, create: Handler, by_admin: bool) -> Handler:
    def create_or_refuse(data: dict[str, Any]) -> Any:
        pool = service._user_pools.get(data.get("UserPoolId")) if by_admin else _pool_of(service, data)
        name = data.get("Username")
        if pool is None or not name or data.get("MessageAction") == "RESEND":
            return create(data)
        with _reservation(pool, name) as free:
            refused = _refusal(pool, name, data, by_admin) if free else EXISTS
            if refused:
                return service.error_response_json(*refused)
            return create(_with_unconfirmed_email(pool, name, data))

    return create_or_refuse


def _pool_of(service: Any, data: dict[str, Any]) -> Any:
    return service._pool_for_client(data.get("ClientId"))[0]


@contextmanager
def _reservation(pool: dict[str, Any], name: str) -> Iterator[bool]:
    """Whether no other user of this name is being created now."""
    key = (pool["Id"], name if usernames.is_case_sensitive(pool) else name.lower())
    with _reserving:
        free = key not in _reserved
        _reserved.add(key)
    try:
        yield free
    finally:
        if free:
            with _reserving:
                _reserved.discard(key)


def _refusal(pool: dict[str, Any], name: str, data: dict[str, Any], by_admin: bool) -> tuple[str, str, int] | None:
    if not by_admin and (pool.get("AdminCreateUserConfig") or {}).get("AllowAdminCreateUserOnly"):
        return CLOSED
    given = schema.written(data)
    broken = schema.refusal(pool, given | _named(pool, name), creating=True)
    if broken:
        return broken
    namesake = usernames.find(pool, name)
    if namesake is not None and (pool.get("UsernameAttributes") or namesake["Username"].lower() == name.lower()):
        return EXISTS
    return _taken_alias(pool, given) if by_admin and not data.get("ForceAliasCreation") else None


def _taken_alias(pool: dict[str, Any], given: dict[str, str]) -> tuple[str, str, int] | None:
    """The refusal of a taken alias that the administrator declares verified."""
    for name in pool.get("AliasAttributes") or []:
        verified = name == "preferred_username" or given.get(f"{name}_verified") == "true"
        if name in given and verified and usernames.holder(pool, name, given[name]):
            code, message, status = ALIAS_EXISTS
            return code, message.format(name), status
    return None


def _named(pool: dict[str, Any], name: str) -> dict[str, str]:
    """The attribute that the user name is, in pools where it is one."""
    kinds = pool.get("UsernameAttributes") or []
    if not kinds:
        return {}
    return {"email" if "@" in name and "email" in kinds else kinds[0]: name}


def _with_unconfirmed_email(pool: dict[str, Any], name: str, data: dict[str, Any]) -> dict[str, Any]:
    given = schema.written(data)
    if "email" not in given | _named(pool, name) or "email_verified" in given:
        return data
    return {**data, "UserAttributes": [*(data.get("UserAttributes") or []), _UNCONFIRMED]}


_UNCONFIRMED = {"Name": "email_verified", "Value": "false"}
