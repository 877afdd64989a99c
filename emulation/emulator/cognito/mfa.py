"""A second factor can be enabled once it is set up.

MiniStack enables factors that the user never enrolled, which locks the user out. Source: Amazon Cognito user pools API
Reference, "SetUserMFAPreference" and "AdminSetUserMFAPreference".
"""

from __future__ import annotations

from typing import Any

from emulation.emulator import seams
from emulation.emulator.cognito import usernames

NOT_ENROLLED = ("InvalidParameterException", "User has not verified software token mfa", 400)
NO_PHONE = ("InvalidParameterException", "User does not have delivery config set to turn on SMS_MFA", 400)


def ask_for_enrolment() -> None:
    service = seams.module("services.cognito")
    choose, choose_as_admin = service._set_user_mfa_preference, service._admin_set_user_mfa_preference

    def choose_or_refuse(data: dict[str, Any]) -> Any:
        user = service._user_pool_for_access_token(data.get("AccessToken") or "")[0]
        return _refusal(service, user, data) or choose(data)

    def choose_as_admin_or_refuse(data: dict[str, Any]) -> Any:
        pool = service._user_pools.get(data.get("UserPoolId"))
        user = usernames.find(pool, data.get("Username") or "") if pool else None
        return _refusal(service, user, data) or choose_as_admin(data)

    service._set_user_mfa_preference = choose_or_refuse
    service._admin_set_user_mfa_preference = choose_as_admin_or_refuse


def _refusal(service: Any, user: dict[str, Any] | None, data: dict[str, Any]) -> Any:
    if user is None:
        return None
    if (data.get("SoftwareTokenMfaSettings") or {}).get("Enabled") and not user.get("_totp_secret"):
        return service.error_response_json(*NOT_ENROLLED)
    if (data.get("SMSMfaSettings") or {}).get("Enabled") and not usernames.attribute(user, "phone_number"):
        return service.error_response_json(*NO_PHONE)
    return None
