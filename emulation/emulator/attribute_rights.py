"""Users write their own attributes, not those by which Amazon Cognito tells who they are.

MiniStack lets a user write ``sub`` and sign in as somebody else. Sources: Amazon Cognito user pools API Reference,
"UpdateUserAttributes", "SignUp" and "AdminUpdateUserAttributes"; Developer Guide, "Working with user attributes".
"""

from __future__ import annotations

from typing import Any

from emulation.emulator import seams

#: What an app client may write: the standard attributes of OpenID Connect, and the pool's own (``custom:``).
STANDARD = frozenset(
    (
        *("address", "birthdate", "email", "family_name", "gender", "given_name", "locale", "middle_name", "name"),
        *("nickname", "phone_number", "picture", "preferred_username", "profile", "updated_at", "website", "zoneinfo"),
    )
)
UNAUTHORIZED = ("NotAuthorizedException", "A client attempted to write unauthorized attribute", 400)
IMMUTABLE = ("InvalidParameterException", "user.sub: Attribute cannot be updated.", 400)
TAKEN = ("AliasExistsException", "An account with the {} already exists.", 400)


def keep_from_writing() -> None:
    """Look at the attributes before MiniStack writes them. It has no operation that deletes attributes."""
    service = seams.module("services.cognito")
    sign_up, update, update_as_admin = (
        service._sign_up,
        service._update_user_attributes,
        service._admin_update_user_attributes,
    )

    def sign_up_or_refuse(data: dict[str, Any]) -> Any:
        return _unauthorized(service, data) or sign_up(data)

    def update_or_refuse(data: dict[str, Any]) -> Any:
        user, pool = service._user_pool_for_access_token(data.get("AccessToken") or "")
        return (user and (_unauthorized(service, data) or _taken(service, pool, user, data))) or update(data)

    def update_as_admin_or_refuse(data: dict[str, Any]) -> Any:
        if "sub" in _written(data):
            return service.error_response_json(*IMMUTABLE)
        return update_as_admin(data)

    service._sign_up = sign_up_or_refuse
    service._update_user_attributes = update_or_refuse
    service._admin_update_user_attributes = update_as_admin_or_refuse


def _written(data: dict[str, Any]) -> dict[str, Any]:
    given = data.get("UserAttributes") or []
    return {str(one.get("Name")): one.get("Value") for one in given if isinstance(one, dict)}


def _unauthorized(service: Any, data: dict[str, Any]) -> Any:
    if all(name in STANDARD or name.startswith("custom:") for name in _written(data)):
        return None
    return service.error_response_json(*UNAUTHORIZED)


def _taken(service: Any, pool: dict[str, Any], user: dict[str, Any], data: dict[str, Any]) -> Any:
    """The refusal of a name to sign in by that is another user's, or None."""
    written = _written(data)
    for name in (*(pool.get("UsernameAttributes") or []), *(pool.get("AliasAttributes") or [])):
        other = service._resolve_user(pool, written[name])[0] if name in written else None
        if other is not None and other is not user:
            code, message, status = TAKEN
            return service.error_response_json(code, message.format(name), status)
    return None
