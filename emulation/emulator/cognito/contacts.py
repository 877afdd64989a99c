"""E-mail addresses take effect once their owner has entered the mailed code.

MiniStack takes any address at once and never marks one as verified. Sources: Amazon Cognito user pools API Reference,
"UpdateUserAttributes", "GetUserAttributeVerificationCode", "VerifyUserAttribute", "UserAttributeUpdateSettingsType",
"ConfirmSignUp", "ForgotPassword"; Developer Guide, "Verifying updates to email addresses and phone numbers".
"""

from __future__ import annotations

import json
from typing import Any

from emulation.emulator import seams
from emulation.emulator.cognito import schema, usernames

#: In the user's record: attribute -> the value that waits for its code.
KEPT = "_asyncsns_pending"
TAKEN = ("AliasExistsException", "An account with the email already exists.", 400)
NO_ADDRESS = (
    "InvalidParameterException",
    "Cannot reset password for the user as there is no registered/verified email or phone_number",
    400,
)
NOT_NOW = ("NotAuthorizedException", "User password cannot be reset in the current state.", 400)
CONFIRMED = ("InvalidParameterException", "User is already confirmed.", 400)
UNVERIFIABLE = ("InvalidParameterException", "Invalid attribute for verification: expected email, got {}.", 400)
NO_EMAIL = ("InvalidParameterException", "The user has no email to verify.", 400)
GONE = ("NotAuthorizedException", "Invalid Access Token", 400)

Data = dict[str, Any]
User = dict[str, Any]
Pool = dict[str, Any]


def confirm_before_use() -> None:
    service = seams.module("services.cognito")
    _wrap_updates(service)
    _wrap_confirmation(service)
    _wrap_recovery(service)


def send_code(data: Data) -> Any:
    """GetUserAttributeVerificationCode."""
    service = seams.module("services.cognito")
    user, pool = service._user_pool_for_access_token(data["AccessToken"])
    refused = _unverifiable(user, data["AttributeName"])
    return (
        service.error_response_json(*refused)
        if refused
        else service.json_response({"CodeDeliveryDetails": _deliver(service, pool, user)})
    )


def verify(data: Data) -> Any:
    """VerifyUserAttribute, after the code was found right."""
    service = seams.module("services.cognito")
    user, pool = service._user_pool_for_access_token(data["AccessToken"])
    refused = _unverifiable(user, data["AttributeName"])
    if refused:
        return service.error_response_json(*refused)
    address = _waiting(user)
    other = usernames.holder(pool, "email", address)
    if other is not None and other is not user:
        return service.error_response_json(*TAKEN)
    usernames.set_attributes(user, email=address, email_verified="true")
    user.pop(KEPT, None)
    return service.json_response({})


def _unverifiable(user: User | None, name: str) -> schema.Refusal:
    if user is None:
        return GONE
    if name != "email":
        code, message, status = UNVERIFIABLE
        return code, message.format(name), status
    return None if _waiting(user) else NO_EMAIL


def _waiting(user: User) -> str:
    """The address to verify: the new one, if there is one."""
    return str((user.get(KEPT) or {}).get("email") or usernames.attribute(user, "email") or "")


def _deliver(service: Any, pool: Pool, user: User) -> dict[str, str]:
    address = _waiting(user)
    known = usernames.attributes_of(user) | {"email": address}
    service._send_verification_email(pool, user["Username"], known, "")
    return {
        "Destination": service._masked_destination(address), "DeliveryMedium": "EMAIL", "AttributeName": "email",
    }  # fmt: skip


def _wrap_updates(service: Any) -> None:
    update, update_as_admin = service._update_user_attributes, service._admin_update_user_attributes

    def update_own(data: Data) -> Any:
        user, pool = service._user_pool_for_access_token(data.get("AccessToken") or "")
        if user is None:
            return update(data)
        answer, delivered = _update(service, update, pool, user, data)
        return service.json_response({"CodeDeliveryDetailsList": delivered}) if answer[0] == 200 else answer

    def update_anyone(data: Data) -> Any:
        pool = service._user_pools.get(data.get("UserPoolId"))
        user = usernames.find(pool, data.get("Username") or "") if pool else None
        return _update(service, update_as_admin, pool, user, data)[0] if user else update_as_admin(data)

    service._update_user_attributes, service._admin_update_user_attributes = update_own, update_anyone


def _update(service: Any, write: Any, pool: Pool, user: User, data: Data) -> tuple[Any, list[dict[str, str]]]:
    """The response of ``write``, with the codes that were sent. An address that waits for its code is not written
    yet."""
    given = schema.written(data)
    changed = [
        name
        for name in ("email", "phone_number")
        if name in given and given[name] != usernames.attribute(user, name) and f"{name}_verified" not in given
    ]
    asks = "email" in changed and "email" in (pool.get("AutoVerifiedAttributes") or [])
    settings = pool.get("UserAttributeUpdateSettings") or {}
    waits = asks and "email" in (settings.get("AttributesRequireVerificationBeforeUpdate") or [])
    kept = {name: value for name, value in given.items() if not (waits and name == "email")}
    unverified = {f"{name}_verified": "false" for name in changed if name in kept}
    written = [{"Name": name, "Value": value} for name, value in (kept | unverified).items()]
    answer = write({**data, "UserAttributes": written})
    if "email" in given:
        user.pop(KEPT, None)
    if waits:
        user[KEPT] = {"email": given["email"]}
    return answer, [_deliver(service, pool, user)] if asks and answer[0] == 200 else []


def _wrap_confirmation(service: Any) -> None:
    confirm, resend = service._confirm_sign_up, service._resend_confirmation_code

    def confirm_email_too(data: Data) -> Any:
        pool = service._pool_for_client(data.get("ClientId"))[0]
        user = usernames.find(pool, data.get("Username") or "") if pool else None
        address = usernames.attribute(user, "email") if user else None
        if pool is None or user is None or not address or "email" not in (pool.get("AutoVerifiedAttributes") or []):
            return confirm(data)
        other = usernames.holder(pool, "email", address)
        if other is not None and other is not user:
            if not data.get("ForceAliasCreation"):
                return service.error_response_json(*TAKEN)
            usernames.set_attributes(other, email_verified="false")
        answer = confirm(data)
        usernames.set_attributes(user, email_verified="true")
        return answer

    def resend_to_the_unconfirmed(data: Data) -> Any:
        pool = service._pool_for_client(data.get("ClientId"))[0]
        user = usernames.find(pool, data.get("Username") or "") if pool else None
        if user is not None and user.get("UserStatus") != "UNCONFIRMED":
            return service.error_response_json(*CONFIRMED)
        return resend(data)

    service._confirm_sign_up, service._resend_confirmation_code = confirm_email_too, resend_to_the_unconfirmed
    sign_up = service._sign_up

    def sign_up_masked(data: Data) -> Any:
        """Mask the address in the response, as other operations do."""
        status, headers, body = sign_up(data)
        answer = json.loads(body)
        delivery = answer.get("CodeDeliveryDetails")
        if delivery is None:
            return status, headers, body
        delivery["Destination"] = service._masked_destination(delivery["Destination"])
        return service.json_response(answer)

    service._sign_up = sign_up_masked


def _wrap_recovery(service: Any) -> None:
    forgot, reset = service._forgot_password, service._admin_reset_user_password

    def refusal(user: User | None) -> Any:
        if user is None:
            return None
        if user.get("UserStatus") == "FORCE_CHANGE_PASSWORD":
            return service.error_response_json(*NOT_NOW)
        reachable = usernames.attribute(user, "email") and usernames.is_verified(user, "email")
        return None if reachable else service.error_response_json(*NO_ADDRESS)

    def forgot_reachable(data: Data) -> Any:
        pool = service._pool_for_client(data.get("ClientId"))[0]
        return refusal(usernames.find(pool, data.get("Username") or "") if pool else None) or forgot(data)

    def reset_reachable(data: Data) -> Any:
        pool = service._user_pools.get(data.get("UserPoolId"))
        return refusal(usernames.find(pool, data.get("Username") or "") if pool else None) or reset(data)

    service._forgot_password, service._admin_reset_user_password = forgot_reachable, reset_reachable
