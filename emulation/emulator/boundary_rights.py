"""Supports the condition key ``iam:PermissionsBoundary`` for calls that set a boundary.

MiniStack does not know the key, so a policy that allows only roles with a boundary refuses all roles. Source: Service
Authorization Reference, "Actions, resources, and condition keys for AWS Identity and Access Management".
"""

from __future__ import annotations

from typing import Any

from emulation.emulator import seams

_PARAMETER = "PermissionsBoundary"


def know_boundaries() -> None:
    """Wrap the function that names a request's own condition keys."""
    actions = seams.module("core.iam_actions")
    keys_of = actions.request_tag_context

    def with_boundary(service: str, action: str, body: bytes, parameters: dict[str, Any]) -> dict[str, Any]:
        keys: dict[str, Any] = keys_of(service, action, body, parameters)
        found = parameters.get(_PARAMETER) if service == "iam" else None
        if not found:
            return keys
        return {**keys, "iam:PermissionsBoundary": found[0] if isinstance(found, list) else found}

    actions.request_tag_context = with_boundary
