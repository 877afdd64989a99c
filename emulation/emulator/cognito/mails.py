"""The pool's custom message trigger, if there is one, supplies the text of mails with codes.

MiniStack calls it for invitations only. Source: Amazon Cognito Developer Guide, "Custom message Lambda trigger".
"""

from __future__ import annotations

from typing import Any

from emulation.emulator import seams
from emulation.emulator.cognito import requests, usernames

#: Operation that sends a code -> ``triggerSource``.
SOURCES = {
    "SignUp": "CustomMessage_SignUp",
    "ResendConfirmationCode": "CustomMessage_ResendCode",
    "ForgotPassword": "CustomMessage_ForgotPassword",
    "AdminResetUserPassword": "CustomMessage_ForgotPassword",
    "UpdateUserAttributes": "CustomMessage_UpdateUserAttribute",
    "AdminUpdateUserAttributes": "CustomMessage_UpdateUserAttribute",
    "GetUserAttributeVerificationCode": "CustomMessage_VerifyUserAttribute",
}


def ask_the_trigger() -> None:
    service = seams.module("services.cognito")
    send = service._send_verification_email

    def send_in_own_words(
        pool: dict[str, Any], username: str, attr_dict: dict[str, Any], code: str, attribute_name: str = "email"
    ) -> Any:
        subject, body = _words(service, pool, username, attr_dict)
        if not body or not attr_dict.get("email"):
            return send(pool, username, attr_dict, code, attribute_name)
        shown = service._template_username(pool, username, attr_dict)
        return service._deliver_cognito_email(
            pool,
            attr_dict["email"],
            service._expand_template(subject, shown, code),
            service._expand_template(body, shown, code),
            type_name="CognitoVerificationMessage",
            extra={"Username": username, "AttributeName": attribute_name},
        )

    service._send_verification_email = send_in_own_words


def _words(service: Any, pool: dict[str, Any], username: str, attr_dict: dict[str, Any]) -> tuple[str, str]:
    """Subject and body of the trigger; an empty body when it sets none.

    Raises:
        _CustomMessageRejected: the trigger failed.
        _CustomMessageInvalid: its message has no place for the code.
    """
    request = requests.current()
    source = SOURCES.get(request.operation)
    if source is None:
        return "", ""
    user = usernames.find(pool, username)
    named = user["Username"] if user else username
    said = service._apply_custom_message_trigger(pool, source, named, attr_dict, request.client_metadata)
    body = str(said.get("emailMessage") or "")
    if body and "{####}" not in body:
        raise service._CustomMessageInvalid("CustomMessage emailMessage must contain {####}.")
    template = service._resolve_verification_template(pool)[0]
    return str(said.get("emailSubject") or template), body
