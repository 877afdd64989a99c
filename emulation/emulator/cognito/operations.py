"""Operations that MiniStack does not have: deleting attributes, and confirming a changed e-mail address.

Sources: Amazon Cognito user pools API Reference, "DeleteUserAttributes", "AdminDeleteUserAttributes",
"GetUserAttributeVerificationCode", "VerifyUserAttribute".
"""

from __future__ import annotations

from typing import Any

from emulation.emulator import seams
from emulation.emulator.cognito import contacts, schema, usernames
from emulation.emulator.cognito.attributes import unwritable

NO_CLIENT = ("ResourceNotFoundException", "User pool client {} does not exist.", 400)
_OWN = {
    "GetUserAttributeVerificationCode": contacts.send_code,
    "VerifyUserAttribute": contacts.verify,
}


def add_missing() -> None:
    """Of these, only ``AdminDeleteUserAttributes`` is signed."""
    service = seams.module("services.cognito")
    dispatch, run = service._dispatch_idp, service._run_idp_handler
    handlers = {
        **_OWN,
        "DeleteUserAttributes": lambda data: _delete_own(service, data),
        "AdminDeleteUserAttributes": lambda data: _delete_as_admin(service, data),
    }
    service._UNSIGNED_IDP_ACTIONS |= {name for name in handlers if not name.startswith("Admin")}

    async def dispatch_all(action: str, data: dict[str, Any]) -> Any:
        if action not in handlers:
            return await dispatch(action, data)
        return await service.run_reentrant(
            service._run_idp_handler, handlers[action], action, data, thread_name="ministack-cognito-trigger"
        )

    def run_for_a_client(handler: Any, action: str, data: dict[str, Any]) -> Any:
        answer = run(handler, action, data)
        if answer[0] == 400 and b"not found." in answer[2] and b"ResourceNotFoundException" in answer[2]:
            code, message, status = NO_CLIENT
            return service.error_response_json(code, message.format(data.get("ClientId")), status)
        return answer

    service._dispatch_idp, service._run_idp_handler = dispatch_all, run_for_a_client


def _delete_own(service: Any, data: dict[str, Any]) -> Any:
    user, pool = service._user_pool_for_access_token(data["AccessToken"])
    if user is None:
        return service.error_response_json(*contacts.GONE)
    client_id = service._token_claims(data["AccessToken"]).get("client_id")
    names = data["UserAttributeNames"]
    refused = unwritable(pool, client_id, names) or schema.deletion_refusal(pool, names)
    return service.error_response_json(*refused) if refused else _delete(service, user, names)


def _delete_as_admin(service: Any, data: dict[str, Any]) -> Any:
    pool, missing = service._resolve_pool(data["UserPoolId"])
    user, unknown = service._resolve_user(pool, data["Username"]) if pool else (None, missing)
    if user is None:
        return unknown
    refused = schema.deletion_refusal(pool, data["UserAttributeNames"])
    return service.error_response_json(*refused) if refused else _delete(service, user, data["UserAttributeNames"])


def _delete(service: Any, user: dict[str, Any], names: list[str]) -> Any:
    gone = {*names, *(f"{name}_verified" for name in names)}
    kept = {name: value for name, value in usernames.attributes_of(user).items() if name not in gone}
    user["Attributes"] = [{"Name": name, "Value": value} for name, value in kept.items()]
    return service.json_response({})
