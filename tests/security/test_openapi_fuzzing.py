"""schemathesis makes requests from ``docs/openapi.json``, right and wrong ones; then it follows what answers give.

``ASYNCSNS_FUZZ_EXAMPLES`` is how many requests per route (and how many walks) are made.
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
#: It closes the account that asks.
LEFT_OUT = "/v1/me/deletion"
#: No search engine runs here: what asks it is answered with the problem `unavailable`.
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
    """Where ids are asked for, those of the caller's world are taken in every other request."""
    if case.path_parameters and crc32(str(case.path_parameters).encode(errors="replace")) % 2:
        known = {name: caller.ids[name] for name in case.path_parameters if name in caller.ids}
        case.path_parameters = {**case.path_parameters, **known}
    case.call_and_validate(checks=CHECKS)


class Walk(DESCRIBED.as_state_machine()):  # type: ignore[misc]
    """Ids in answers become parameters of the next request. Tokens are the gateway's affair: none is asked for here."""

    def validate_response(self, response: Any, case: Any, **_: Any) -> None:
        case.validate_response(response, checks=CHECKS)


def test_no_walk_from_answer_to_request_breaks_a_function(caller: World) -> None:
    Walk.run(settings=BUDGET)
