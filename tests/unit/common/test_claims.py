"""The caller's identity, from the claims that the gateway passes on."""

from __future__ import annotations

from typing import Any

import pytest

from services.common import claims
from services.common.claims import Viewer
from services.common.errors import Forbidden


def http(**said: Any) -> dict[str, Any]:
    return {"requestContext": {"authorizer": {"jwt": {"claims": said}}}}


ANONYMOUS: list[dict[str, Any]] = [
    {"requestContext": {}},
    {"requestContext": {"authorizer": {}}},
    {"requestContext": {"authorizer": {"jwt": {}}}},
    http(),
    http(sub=""),
]


@pytest.mark.parametrize("event", [*ANONYMOUS, {}])
def test_a_request_without_a_token_has_no_viewer(event: dict[str, Any]) -> None:
    with pytest.raises(Forbidden) as refused:
        claims.viewer_of_http(event)
    assert refused.value.detail == "This route requires a token."


@pytest.mark.parametrize("event", ANONYMOUS)
def test_an_anonymous_caller_of_an_open_route_has_no_identity(event: dict[str, Any]) -> None:
    assert (claims.user_of_http(event), claims.signed_in_at(event)) == ("", 0)


@pytest.mark.parametrize(
    ("said", "viewer"),
    [
        ({"sub": "ann"}, Viewer("ann")),
        ({"sub": "ann", "auth_time": "12"}, Viewer("ann", signed_in_at=12)),
        ({"sub": "ann", "auth_time": 12}, Viewer("ann", signed_in_at=12)),
        ({"sub": "ann", "auth_time": "soon"}, Viewer("ann")),
        ({"sub": "ann", "cognito:groups": "[moderators a.b-c]"}, Viewer("ann", frozenset({"moderators", "a.b-c"}))),
        ({"sub": "ann", "cognito:groups": ["administrators"]}, Viewer("ann", frozenset({"administrators"}))),
        ({"sub": "ann", "cognito:groups": 7}, Viewer("ann")),
    ],
)
def test_a_viewer_is_built_from_the_claims_of_the_token(said: dict[str, Any], viewer: Viewer) -> None:
    assert claims.viewer_of_http(http(**said)) == viewer
    assert claims.user_of_http(http(**said)) == "ann"
    assert claims.signed_in_at(http(**said)) == viewer.signed_in_at


@pytest.mark.parametrize(
    ("groups", "moderator", "administrator"),
    [((), False, False), (("moderators",), True, False), (("administrators", "x"), True, True), (("x",), False, False)],
)
def test_administrators_moderate_too(groups: tuple[str, ...], moderator: bool, administrator: bool) -> None:
    viewer = Viewer("ann", frozenset(groups))
    assert (viewer.is_moderator, viewer.is_administrator) == (moderator, administrator)


@pytest.mark.parametrize("context", [{}, {"authorizer": None}, {"authorizer": {}}, {"authorizer": {"userId": ""}}])
def test_a_socket_without_a_ticket_has_no_viewer(context: dict[str, Any]) -> None:
    with pytest.raises(Forbidden) as refused:
        claims.viewer_of_socket({"requestContext": context})
    assert refused.value.detail == "This connection carries no identity."
    assert claims.user_of_socket({"requestContext": context}) == ""


def test_a_socket_belongs_to_its_authorized_user() -> None:
    event = {"requestContext": {"authorizer": {"userId": "ann"}}}
    assert (claims.viewer_of_socket(event), claims.user_of_socket(event)) == (Viewer("ann"), "ann")
    with pytest.raises(Forbidden):
        claims.viewer_of_socket({})
