"""The caller. The gateway has checked the token; here its claims are only read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from services.common.errors import Forbidden
from services.common.lazy_dataclasses import dataclass

ADMINISTRATORS = "administrators"
_STAFF = frozenset({"moderators", ADMINISTRATORS})


@dataclass(frozen=True)
class Viewer:
    """The signed-in person: ``user_id`` is Cognito's ``sub``; ``groups`` as in ``cognito:groups``."""

    user_id: str
    groups: frozenset[str] = field(default_factory=frozenset)
    #: When the person last proved who they are, seconds since the epoch (``auth_time``); 0 when the token doesn't say.
    signed_in_at: int = 0

    @property
    def is_moderator(self) -> bool:
        return is_staff(self.groups)

    @property
    def is_administrator(self) -> bool:
        return ADMINISTRATORS in self.groups


def is_staff(groups: frozenset[str]) -> bool:
    """Whether members of these groups are moderators."""
    return bool(groups & _STAFF)


def viewer_of_http(event: Mapping[str, Any]) -> Viewer:
    """From an HTTP API event, payload format 2.0 (``requestContext.authorizer.jwt.claims``).

    Raises:
        Forbidden: the route was deployed without its authorizer.
    """
    claims = event.get("requestContext", {}).get("authorizer", {}).get("jwt", {}).get("claims") or {}
    if not claims.get("sub"):
        raise Forbidden("This route requires a token.")
    return Viewer(claims["sub"], _groups(claims.get("cognito:groups")), _seconds(claims.get("auth_time")))


def viewer_of_socket(event: Mapping[str, Any]) -> Viewer:
    """From a WebSocket API event: the context that the ticket authorizer returned.

    Raises:
        Forbidden: there is none.
    """
    context = event.get("requestContext", {}).get("authorizer") or {}
    if not context.get("userId"):
        raise Forbidden("This connection carries no identity.")
    return Viewer(context["userId"])


def user_of_http(event: Mapping[str, Any]) -> str:
    """User id by the token's claims; empty on open routes."""
    claims = event["requestContext"].get("authorizer", {}).get("jwt", {}).get("claims", {})
    return str(claims.get("sub") or "")


def signed_in_at(event: Mapping[str, Any]) -> int:
    """``auth_time`` of the token, in seconds since the epoch; 0 when it does not say."""
    return _seconds(event["requestContext"].get("authorizer", {}).get("jwt", {}).get("claims", {}).get("auth_time"))


def user_of_socket(event: Mapping[str, Any]) -> str:
    """User id from the ticket authorizer; empty without one."""
    return str((event["requestContext"].get("authorizer") or {}).get("userId") or "")


def _seconds(value: object) -> int:
    text = str(value)
    return int(text) if text.isdigit() else 0


def _groups(value: object) -> frozenset[str]:
    """API Gateway hands a list claim over as text: ``[a b]``."""
    if isinstance(value, list):
        return frozenset(str(group) for group in value)
    return frozenset(re.findall(r"[\w.-]+", value)) if isinstance(value, str) else frozenset()
