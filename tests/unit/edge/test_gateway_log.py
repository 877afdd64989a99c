"""API Gateway Developer Guide, "Customize HTTP API access logs": the stage's format with its variables filled in."""

from __future__ import annotations

import json

from emulation.edge.apis import parse_stage
from emulation.edge.gateway_log import line, moments

FORMAT = '{"at":"$context.requestTimeEpoch","path":"$context.path","user":"$context.authorizer.claims.sub"}'


def test_a_line_has_the_format_of_the_stage() -> None:
    values = {"path": '/v1/a"b\\c\n', **moments(1_796_000_000.5)}
    assert json.loads(line(FORMAT, values)) == {"at": "1796000000500", "path": '/v1/a"b\\c\n', "user": "-"}


def test_times_are_those_of_the_common_log_format() -> None:
    assert moments(0.0) == {"requestTime": "01/Jan/1970:00:00:00 +0000", "requestTimeEpoch": "0"}


def test_without_a_format_every_known_field_is_logged() -> None:
    assert json.loads(line(None, {"path": "/", "status": 200})) == {"path": "/", "status": 200}


def test_the_format_is_read_from_stages_of_the_api_and_of_cloudformation() -> None:
    by_api = {"stageName": "$default", "accessLogSettings": {"format": FORMAT}}
    by_stack = {"stageName": "$default", "accessLogSettings": {"Format": FORMAT}}
    assert [parse_stage(one).log_format for one in (by_api, by_stack, {"stageName": "a"})] == [FORMAT, FORMAT, None]
