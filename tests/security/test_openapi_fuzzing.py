"""schemathesis makes valid and invalid requests from ``docs/openapi.json``, then follows ids from the answers.

``ASYNCSNS_FUZZ_EXAMPLES`` is the number of requests per route (and of walks).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any
from zlib import crc32

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from services.access.rules import Asker
from services.openapi.document import build
from tests.support.askers import World
from tests.support.gateway_app import GatewayApp

EXAMPLES = int(os.environ.get("ASYNCSNS_FUZZ_EXAMPLES", "6"))
#: This route deletes the caller's account.
LEFT_OUT = "/v1/me/deletion"
#: No search engine runs here: routes that need it answer with the problem `unavailable`.
SEARCHES = ("/v1/search", "/v1/search/suggest", "/v1/trends")
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]
BUDGET = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate],
    derandomize=True, stateful_step_count=8,
)  # fmt: skip

GATE = GatewayApp(build())


def _described() -> Any:
    schema = schemathesis.openapi.from_asgi("/openapi.json", GATE.asgi)
    schema.config.phases.coverage.enabled = False
    return schema.exclude(path=[LEFT_OUT, *SEARCHES])


DESCRIBED = _described()


@pytest.fixture(scope="module")
def caller(shared_world: World) -> Iterator[World]:
    GATE.caller = shared_world.caller(Asker.OWNER)
    yield shared_world
    print(f"\nschemathesis: {GATE.served} requests")


@DESCRIBED.parametrize()
@BUDGET
def test_no_request_that_openapi_can_describe_breaks_a_function(case: Any, caller: World) -> None:
    """In every other request, id parameters are ids of the caller's world."""
    if case.path_parameters and crc32(str(case.path_parameters).encode(errors="replace")) % 2:
        known = {name: caller.ids[name] for name in case.path_parameters if name in caller.ids}
        case.path_parameters = {**case.path_parameters, **known}
    case.call_and_validate(checks=CHECKS)


class Walk(DESCRIBED.as_state_machine()):  # type: ignore[misc]
    """Ids in answers become parameters of the next request. The gateway checks tokens, so none is needed here."""

    def validate_response(self, response: Any, case: Any, **_: Any) -> None:
        case.validate_response(response, checks=CHECKS)


def test_no_walk_from_answer_to_request_breaks_a_function(caller: World) -> None:
    Walk.run(settings=BUDGET)
