"""Refuses credentials for tokens of users who were globally signed out or deleted, when the identity pool checks it.

MiniStack stores ``ServerSideTokenCheck`` and ignores it. Source: Amazon Cognito Federated Identities API Reference,
"CognitoIdentityProvider": the user "has not been globally signed out or deleted", else "a 400 Not Authorized error".
"""

from __future__ import annotations

from typing import Any

from emulation.emulator import seams

ENDED = ("NotAuthorizedException", "Invalid login token. The user was signed out or deleted.", 400)


def ask_the_user_pool() -> None:
    """Wrap the check of logins, which GetId, GetCredentialsForIdentity and GetOpenIdToken share."""
    service = seams.module("services.cognito")
    check = service._identity_logins_error

    def check_further(pool: dict[str, Any], identity_id: str | None, logins: Any) -> Any:
        error = check(pool, identity_id, logins)
        if error is None and any(_has_ended(service, pool, *login) for login in (logins or {}).items()):
            return service.error_response_json(*ENDED)
        return error

    service._identity_logins_error = check_further


def _has_ended(service: Any, pool: dict[str, Any], provider: str, token: str) -> bool:
    """Whether the session of a login with valid signature, audience and expiry has ended."""
    user_pool = service._user_pools.get(provider.rpartition("/")[2])
    claims = service._token_claims(token)
    asked = any(
        one.get("ServerSideTokenCheck") in (True, "true")
        for one in pool.get("CognitoIdentityProviders") or ()
        if (one.get("ProviderName"), one.get("ClientId")) == (provider, claims.get("aud"))
    )
    if not asked or user_pool is None:
        return False
    user = user_pool["_users"].get(claims.get("cognito:username"))
    return user is None or not user.get("Enabled", True) or claims.get("origin_jti") in service._revoked_tokens
