"""What the console shows of a push to a phone: nothing that only the phone should receive."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from emulation.emulator.phone_pushes import push_of

TRACE = "1-6b04b32c-964a663396e0d4d9a13e8113"
DATA = {"tag": "like#1", "url": "/posts/1", "trace": f"Root={TRACE};Parent=6da5da66d4d1cb88;Sampled=1"}
FCM = {"fcmV1Message": {"message": {"notification": {"title": "Ann", "body": "secret"}, "data": DATA}}}
APNS = {"aps": {"alert": {"title": "Ann", "body": "secret"}}, **DATA}
ARN = "arn:aws:sns:us-east-1:000000000000:app"


@pytest.mark.parametrize("platform", ["GCM", "APNS"])
def test_title_tag_and_trace_are_those_of_the_platforms_part(platform: str) -> None:
    message = json.dumps({"default": "D", "GCM": json.dumps(FCM), "APNS": json.dumps(APNS)})
    found = push_of("endpoint", f"{ARN}/{platform}/asyncsns", message, is_json=True)
    assert (found.platform, found.title, found.tag, found.trace) == (platform, "Ann", "like#1", TRACE)
    assert "secret" not in str(asdict(found))
    assert "endpoint" not in str(asdict(found))


@pytest.mark.parametrize(
    ("message", "is_json", "title"),
    [
        ("hello", False, "hello"),
        (json.dumps({"default": "D"}), True, "D"),
        (json.dumps({"default": "D", "GCM": "no JSON"}), True, "D"),
        (json.dumps({"default": "D", "GCM": json.dumps({"fcmV1Message": {"message": {"data": DATA}}})}), True, None),
    ],
)
def test_messages_of_other_shapes_show_their_text(message: str, is_json: bool, title: str | None) -> None:
    assert push_of("endpoint", f"{ARN}/GCM/asyncsns", message, is_json=is_json).title == title


def test_a_phone_has_the_same_name_each_time() -> None:
    devices = [push_of(name, f"{ARN}/GCM/x", "m", is_json=False).device for name in ("one", "two", "one")]
    assert devices[0] == devices[2] != devices[1]
