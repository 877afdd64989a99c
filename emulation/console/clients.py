"""Clients of AWS's APIs for the console."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import boto3
import botocore.session
from botocore.utils import parse_timestamp

from emulation.settings import REGION, Settings


def session_of(settings: Settings) -> boto3.Session:
    """A session whose clients read times quickly: an answer of GetMetricData has tens of thousands of them."""
    core = botocore.session.get_session()
    core.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=time_of)
    return boto3.Session(**settings.credentials.for_boto3(), region_name=REGION, botocore_session=core)


def time_of(value: Any) -> datetime:
    """As botocore reads it, in UTC. For numbers botocore looks up the local time zone each time."""
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    return parse_timestamp(value)
