"""Users can write only the attributes that their app client may write, and never those that identify them.

MiniStack lets a user write ``sub`` and sign in as somebody else. Sources: Amazon Cognito user pools API Reference,
"UpdateUserAttributes", "SignUp", "AdminUpdateUserAttributes", "UserPoolClientType" (``WriteAttributes``); Developer
Guide, "Working with user attributes".
"""

from __future__ import annotations

from typing import Any

from emulation.emulator import seams
from emulation.emulator.cognito import schema, usernames

#: Attributes that an app client without ``WriteAttributes`` may write: the standard attributes of OpenID Connect, and
#: ``custom:``.
STANDARD = frozenset(
    (
        *("address", "birthdate", "email", "family_name", "gender", "given_name", "locale", "middle_name", "name"),
        *("nickname", "phone_number", "picture", "preferred_username", "profile", "updated_at", "website", "zoneinfo"),
    )
)
UNAUTHORIZED = ("NotAuthorizedException", "A client attempted to write unauthorized attribute", 400)
TAKEN = ("AliasExistsException", "An account with the {} already exists.", 400)


def keep_from_writing() -> None:
    """Check the attributes before MiniStack writes them."""
    service = seams.module("services.cognito")
    sign_up, update, update_as_admin = (
        service._sign_up,
        service._update_user_attributes,
        service._admin_update_user_attributes,
    )

    def sign_up_or_refuse(data: dict[str, Any]) -> Any:
        pool = service._pool_for_client(data.get("ClientId"))[0]
        refused = pool and unwritable(pool, data.get("ClientId"), list(schema.written(data)))
        return service.error_response_json(*refused) if refused else sign_up(data)

    def update_or_refuse(data: dict[str, Any]) -> Any:
        token = data.get("AccessToken") or ""
        user, pool = service._user_pool_for_access_token(token)
        client_id = service._token_claims(token).get("client_id")
        refused = user and (unwritable(pool, client_id, list(schema.written(data))) or _unchangeable(pool, user, data))
        return service.error_response_json(*refused) if refused else update(data)

    def update_as_admin_or_refuse(data: dict[str, Any]) -> Any:
        pool = service._user_pools.get(data.get("UserPoolId"))
        user = usernames.find(pool, data.get("Username") or "") if pool else None
        refused = user and _unchangeable(pool, user, data)
        return service.error_response_json(*refused) if refused else update_as_admin(data)

    service._sign_up = sign_up_or_refuse
    service._update_user_attributes = update_or_refuse
    service._admin_update_user_attributes = update_as_admin_or_refuse


def unwritable(pool: dict[str, Any], client_id: Any, names: list[str]) -> schema.Refusal:
    """The refusal of an attribute that this app client may not write, or None."""
    chosen = (pool["_clients"].get(client_id) or {}).get("WriteAttributes")
    may = frozenset(chosen) if chosen else STANDARD
    if all(name in may or (not chosen and name.startswith("custom:")) for name in names):
        return None
    return UNAUTHORIZED


def _unchangeable(pool: dict[str, Any], user: dict[str, Any], data: dict[str, Any]) -> schema.Refusal:
    """The refusal of a change that the schema forbids, or whose value another user signs in with."""
    given = schema.written(data)
    refused = schema.refusal(pool, given)
    if refused:
        return refused
    for name, value in given.items():
        other = usernames.holder(pool, name, value)
        if other is not None and other is not user:
            code, message, status = TAKEN
            return code, message.format(name), status
    return None
