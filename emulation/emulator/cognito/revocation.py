"""RevokeToken accepts only refresh tokens of the calling client, and refuses others with an error.

MiniStack answers 200 to every request. Source: Amazon Cognito user pools API Reference, "RevokeToken".
"""

from __future__ import annotations

from typing import Any

from emulation.emulator import seams
from emulation.emulator.cognito.refresh_tokens import opened

WRONG_KIND = ("UnsupportedTokenTypeException", "Token type not supported: expected a refresh token.", 400)
UNREADABLE = ("InvalidParameterException", "Invalid refresh token.", 400)
OF_ANOTHER = ("UnauthorizedException", "The token was not issued to this client.", 400)
SWITCHED_OFF = ("UnsupportedOperationException", "Token revocation is not enabled for this client.", 400)
NO_CLIENT = ("ResourceNotFoundException", "User pool client {} does not exist.", 400)


def refuse_other_tokens() -> None:
    service = seams.module("services.cognito")
    revoke = service._revoke_token

    def revoke_or_refuse(data: dict[str, Any]) -> Any:
        refused = _refusal(service, data)
        return service.error_response_json(*refused) if refused else revoke(data)

    service._revoke_token = revoke_or_refuse


def _refusal(service: Any, data: dict[str, Any]) -> tuple[str, str, int] | None:
    client_id = data.get("ClientId")
    pool = service._pool_for_client(client_id)[0]
    if pool is None:
        code, message, status = NO_CLIENT
        return code, message.format(client_id), status
    if not pool["_clients"][client_id].get("EnableTokenRevocation", True):
        return SWITCHED_OFF
    token = data.get("Token")
    claims = service._token_claims(token)
    if claims.get("token_use") in ("access", "id"):
        return WRONG_KIND
    if opened(service, token) is None:
        return UNREADABLE
    return None if claims.get("client_id") == client_id else OF_ANOTHER
