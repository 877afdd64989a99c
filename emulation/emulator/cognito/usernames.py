"""Looks up sign-in names, ignoring case when the user pool is case-insensitive.

MiniStack compares them case-sensitively. Sources: Amazon Cognito user pools API Reference, "UsernameConfigurationType"
(without one a pool is case-sensitive); Developer Guide, "User pool case sensitivity" and "Customizing sign-in
attributes" (an e-mail address or phone number as alias counts once it is verified).
"""

from __future__ import annotations

from typing import Any

from emulation.emulator import seams

UNKNOWN = ("UserNotFoundException", "User does not exist.", 400)
_VERIFIABLE = ("email", "phone_number")

Pool = dict[str, Any]
User = dict[str, Any]


def resolve_in_any_case() -> None:
    """Replace the look-up that all operations share. It reads a copy, because users are added and removed
    concurrently."""
    service = seams.module("services.cognito")
    unknown = service.error_response_json(*UNKNOWN)

    def resolve(pool: Pool, username: Any) -> tuple[User | None, Any]:
        user = find(pool, username) if isinstance(username, str) else None
        return (user, None) if user is not None else (None, unknown)

    service._resolve_user = resolve


def is_case_sensitive(pool: Pool) -> bool:
    chosen = (pool.get("UsernameConfiguration") or {}).get("CaseSensitive", True)
    return str(chosen).lower() != "false"


def find(pool: Pool, username: str) -> User | None:
    """Find a user by user name, ``sub`` or alias, in this order."""
    exact: User | None = pool["_users"].get(username)
    if exact is not None:
        return exact
    fold = _as_is if is_case_sensitive(pool) else str.lower
    wanted = fold(username)
    everyone: list[User] = list(pool["_users"].values())
    for user in everyone:
        if fold(user["Username"]) == wanted or attribute(user, "sub") == username:
            return _looked_up(pool, user)
    return _looked_up(pool, _by_alias(pool, everyone, wanted, fold))


def _looked_up(pool: Pool, user: User | None) -> User | None:
    """Look a user up that a walk found: ``journalled.people`` records changes of what was looked up."""
    return None if user is None else pool["_users"].get(user["Username"], user)


def _by_alias(pool: Pool, everyone: list[User], wanted: str, fold: Any) -> User | None:
    names = set(pool.get("UsernameAttributes") or [])
    aliases = names | set(pool.get("AliasAttributes") or [])
    for user in everyone if aliases else ():
        known = attributes_of(user)
        for alias in aliases:
            if alias in known and fold(str(known[alias])) == wanted and (alias in names or is_verified(user, alias)):
                return user
    return None


def holder(pool: Pool, name: str, value: str) -> User | None:
    """The user who signs in with this value of an attribute, or None, also when the attribute is not a sign-in
    alias."""
    by_name = {kind: [name] for kind in ("UsernameAttributes", "AliasAttributes") if name in (pool.get(kind) or [])}
    fold = _as_is if is_case_sensitive(pool) else str.lower
    return _looked_up(pool, _by_alias(by_name, list(pool["_users"].values()), fold(value), fold))


def attributes_of(user: User) -> dict[str, str]:
    return {one["Name"]: one.get("Value", "") for one in user.get("Attributes", [])}


def attribute(user: User, name: str) -> str | None:
    return next((one.get("Value") for one in user.get("Attributes", []) if one.get("Name") == name), None)


def set_attributes(user: User, **values: str) -> None:
    user["Attributes"] = [{"Name": n, "Value": v} for n, v in (attributes_of(user) | values).items()]


def is_verified(user: User, name: str) -> bool:
    """Whether the address was confirmed.

    A state of before e-mails were confirmed has no ``email_verified``; there a confirmed user counts as verified.
    """
    if name not in _VERIFIABLE:
        return True
    known = attribute(user, f"{name}_verified")
    if known is None:
        return name == "email" and user.get("UserStatus") in ("CONFIRMED", "RESET_REQUIRED")
    return known.lower() == "true"


def _as_is(text: str) -> str:
    return text
