"""The role that an identity pool gives to a signed-in person, chosen by the token's groups as in Amazon Cognito.

MiniStack stores role mappings and gives everybody the authenticated role. Source: Amazon Cognito Developer Guide,
"Using
role-based access control" (``cognito:roles``, ``cognito:preferred_role``, ``CustomRoleArn``, ambiguous roles).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from emulation.emulator import seams

DENIED = ("NotAuthorizedException", "Access to the identity is forbidden: no role for this token.", 400)


@dataclass(frozen=True)
class Group:
    """A group of a user pool: its role, and its precedence (0 before 1; none is last)."""

    role: str
    precedence: float = float("inf")


def roles_of(groups: list[Group]) -> tuple[list[str], str | None]:
    """``cognito:roles`` and ``cognito:preferred_role``: the role of the lowest precedence, if that is one role."""
    with_role = sorted((group for group in groups if group.role), key=lambda group: group.precedence)
    roles = list(dict.fromkeys(group.role for group in with_role))
    if not with_role:
        return [], None
    first = {group.role for group in with_role if group.precedence == with_role[0].precedence}
    return roles, first.pop() if len(first) == 1 else None


def mapped_role(mapping: dict[str, Any], groups: list[Group], authenticated: str, custom: str = "") -> str | None:
    """ARN of the role for a token; None when the token is refused. ``mapping`` is one of RoleMappings, of type
    Token."""
    roles, preferred = roles_of(groups)
    if custom:
        return custom if custom in roles else None
    if preferred:
        return preferred
    if len(roles) == 1:
        return roles[0]
    return None if mapping.get("AmbiguousRoleResolution") == "Deny" else authenticated


def give_roles_by_group() -> None:
    """Wrap GetCredentialsForIdentity: the original vends credentials of the role that the mapping chose."""
    service = seams.module("services.cognito")
    vend = service._get_credentials_for_identity
    swapping = threading.Lock()

    def vend_mapped(data: dict[str, Any]) -> Any:
        pool = _pool_of(service, data.get("IdentityId", ""))
        chosen = _choose(service, pool, data) if pool is not None else None
        if pool is None or chosen is None:
            return vend(data)
        if not chosen[0]:
            return service.error_response_json(*DENIED)
        with swapping:
            kept = pool["_roles"]
            pool["_roles"] = {**kept, "authenticated": chosen[0]}
            try:
                return vend(data)
            finally:
                pool["_roles"] = kept

    service._get_credentials_for_identity = vend_mapped


def _pool_of(service: Any, identity_id: str) -> dict[str, Any] | None:
    pools: list[dict[str, Any]] = [pool for _, pool in service._identity_pools.items()]
    return next((pool for pool in pools if identity_id in pool.get("_identities", {})), None)


def _choose(service: Any, pool: dict[str, Any], data: dict[str, Any]) -> tuple[str | None] | None:
    """The mapped role in a tuple (None in it: refused), or None when no mapping of type Token applies."""
    for provider, token in (data.get("Logins") or {}).items():
        mapping = _mapping_for(pool.get("_role_mappings") or {}, provider)
        user_pool = service._user_pools.get(provider.rsplit("/", 1)[-1])
        if mapping is None or user_pool is None or mapping.get("Type") != "Token":
            continue
        claims = service._decode_id_token_unverified(token) or {}
        known = user_pool.get("_groups", {})
        groups = [_group(known[name]) for name in claims.get("cognito:groups", []) if name in known]
        authenticated = pool.get("_roles", {}).get("authenticated", "")
        return (mapped_role(mapping, groups, authenticated, data.get("CustomRoleArn", "")),)
    return None


def _mapping_for(mappings: dict[str, Any], provider: str) -> dict[str, Any] | None:
    """Keys are ``provider:clientId``, or any name with the provider inside (as CloudFormation writes it)."""
    for key, mapping in mappings.items():
        named = str(mapping.get("IdentityProvider") or key)
        if named.rpartition(":")[0] == provider:
            return dict(mapping)
    return None


def _group(stored: dict[str, Any]) -> Group:
    precedence = stored.get("Precedence")
    return Group(stored.get("RoleArn") or "", float("inf") if precedence is None else float(precedence))
