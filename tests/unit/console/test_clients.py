"""Timestamps in AWS answers are parsed as botocore parses them."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse, HTTPHeaders
from botocore.utils import parse_timestamp
from urllib3 import HTTPResponse

from emulation.console.clients import session_of, time_of
from emulation.console.later import Clients
from emulation.settings import Settings


@pytest.mark.parametrize("value", [0, 1_796_000_000, 1_796_000_000.25, "2026-12-01T00:00:00Z", "1796000000"])
def test_a_time_is_that_of_botocore(value: Any) -> None:
    assert time_of(value) == parse_timestamp(value)


def test_clients_of_the_console_read_numbers_in_utc() -> None:
    client: Any = session_of(Settings()).client("cloudwatch", endpoint_url="http://127.0.0.1:1")
    body = io.BytesIO(b'{"Datapoints": [{"Timestamp": 1796000000, "Sum": 1.0}]}')
    raw = HTTPResponse(body, preload_content=False)
    client.meta.events.register("before-send.*", lambda **_: AWSResponse("", 200, HTTPHeaders(), raw))
    at = datetime.fromtimestamp(1_796_000_000, UTC)
    asked = {"Namespace": "n", "MetricName": "m", "StartTime": at, "EndTime": at, "Period": 60}
    (point,) = client.get_metric_statistics(**asked)["Datapoints"]
    assert (point["Timestamp"], point["Timestamp"].tzinfo) == (at, UTC)


def test_a_client_is_made_at_its_first_use_and_all_share_a_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first client of a session reads what AWS has where, which takes longer than most pages."""
    made: list[Any] = []

    def session(settings: Settings) -> Any:
        made.append(session_of(settings))
        return made[-1]

    monkeypatch.setattr("emulation.console.clients.session_of", session)
    clients = Clients(Settings())
    patient, quick = clients.later("cloudwatch"), clients.later("cloudwatch", 5.0)
    assert not made
    assert (patient.meta.config.read_timeout, quick.meta.config.read_timeout) == (60, 5.0)
    assert quick.get_metric_data.__self__ is quick.put_metric_data.__self__
    assert len(made) == 1
