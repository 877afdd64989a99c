"""Validates the input of operations by AWS's service model: types, lengths, ranges, patterns, allowed values.

MiniStack does not validate, so a password of 257 characters passed and a number as a name was a server error.
Sources: the service model in botocore; Amazon Cognito user pools API Reference, "Common Errors" and each operation.
"""

from __future__ import annotations

from typing import Any

from emulation.emulator import seams
from emulation.emulator.service_model import Inputs

#: The API Reference allows spaces inside a password; the pinned model does not yet.
_INPUTS = Inputs("cognito-idp", {"PasswordType": r"^[\S]+.*[\S]+$"})


def validate() -> None:
    service = seams.module("services.cognito")
    run = service._run_idp_handler

    def run_valid(handler: Any, action: str, data: Any) -> Any:
        refused = refusal(action, data)
        return service.error_response_json(*refused) if refused else run(handler, action, data)

    service._run_idp_handler = run_valid


def refusal(action: str, data: Any) -> tuple[str, str, int] | None:
    """Why the input is invalid for the operation, or None."""
    return _INPUTS.refusal(action, data, "InvalidParameterException")
