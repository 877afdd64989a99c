"""Phone pushes through Amazon SNS: against the emulator where it supports them, else with stubbed answers of AWS."""

from __future__ import annotations

import json
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from emulation.guard import HELPER_HEADERS
from services.common.errors import Unprocessable
from services.notifications.devices import Device, DeviceGone, Platform, PushFailed
from services.notifications.mobile import SnsMobile, applications_of, message_of
from services.notifications.preferences import Channel
from tests.support.aws import Aws
from tests.support.lambdas import new_user

ARN = "arn:aws:sns:us-east-1:000000000000:endpoint/GCM/asyncsns-fcm/1"
PAYLOAD = {"title": "Ann さん", "body": "hello", "url": "/posts/1", "tag": "like#1"}


def phone(arn: str = ARN) -> Device:
    return Device("bob", Channel.MOBILE, "token", platform=Platform.FCM, endpoint_arn=arn)


@pytest.fixture
def adapter(fresh: Aws) -> SnsMobile:
    made = fresh.client("sns").create_platform_application(
        Name="asyncsns-fcm", Platform="GCM", Attributes={"PlatformCredential": "none"}
    )
    return SnsMobile({Platform.FCM: made["PlatformApplicationArn"]}, fresh.client("sns"))


def attributes(fresh: Aws, arn: str) -> dict[str, str]:
    found: dict[str, str] = fresh.client("sns").get_endpoint_attributes(EndpointArn=arn)["Attributes"]
    return found


def test_a_token_has_one_endpoint_which_follows_its_owner(fresh: Aws, adapter: SnsMobile) -> None:
    ann, bob, token = new_user(), new_user(), new_user()
    arn = adapter.register(ann, Platform.FCM, token)
    assert adapter.register(ann, Platform.FCM, token) == arn
    fresh.client("sns").set_endpoint_attributes(EndpointArn=arn, Attributes={"Enabled": "false"})
    assert adapter.register(bob, Platform.FCM, token) == arn
    found = attributes(fresh, arn)
    assert (found["Enabled"], found["CustomUserData"], found["Token"]) == ("true", bob, token)
    adapter.send(phone(arn), PAYLOAD)
    adapter.forget(arn)
    adapter.forget(arn)
    with pytest.raises(ClientError, match="NotFound"):
        attributes(fresh, arn)
    with pytest.raises(DeviceGone):
        adapter.send(phone(arn), PAYLOAD)


def test_a_platform_without_application_is_refused(adapter: SnsMobile) -> None:
    with pytest.raises(Unprocessable):
        adapter.register("bob", Platform.APNS, "token")


def stubbed(code: str) -> tuple[SnsMobile, Stubber]:
    """An SNS client with stubbed answers to ``Publish``."""
    sns = boto3.client("sns", region_name="us-east-1", config=Config(retries={"total_max_attempts": 1}))
    stub = Stubber(sns)
    stub.add_client_error("publish", service_error_code=code)
    return SnsMobile({}, sns), stub


@pytest.mark.usefixtures("fresh")
def test_a_disabled_endpoint_is_dropped() -> None:
    adapter, stub = stubbed("EndpointDisabled")
    stub.add_response("delete_endpoint", {}, {"EndpointArn": ARN})
    with stub, pytest.raises(DeviceGone):
        adapter.send(phone(), PAYLOAD)
    stub.assert_no_pending_responses()


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize("code", ["Throttling", "InternalError", "PlatformApplicationDisabled"])
def test_transient_errors_of_sns_fail_the_push(code: str) -> None:
    adapter, stub = stubbed(code)
    with stub, pytest.raises(PushFailed, match=code):
        adapter.send(phone(), PAYLOAD)


def test_each_platform_gets_its_own_form() -> None:
    message = message_of(PAYLOAD)
    fcm: dict[str, Any] = json.loads(message["GCM"])["fcmV1Message"]["message"]
    assert fcm["notification"] == {"title": "Ann さん", "body": "hello"}
    assert fcm["data"] == {"url": "/posts/1", "tag": "like#1"}
    apns: dict[str, Any] = json.loads(message["APNS"])
    assert (apns["aps"]["alert"]["title"], apns["url"], apns["aps"]["thread-id"]) == ("Ann さん", "/posts/1", "like#1")
    assert all(isinstance(value, str) for value in message.values())
    traced = message_of({**PAYLOAD, "trace": "Root=1;Parent=2;Sampled=1"})
    assert json.loads(traced["GCM"])["fcmV1Message"]["message"]["data"]["trace"] == "Root=1;Parent=2;Sampled=1"
    assert json.loads(traced["APNS"])["trace"] == "Root=1;Parent=2;Sampled=1"


def test_the_emulator_lists_pushes_to_phones(fresh: Aws, adapter: SnsMobile) -> None:
    """Without the token, address and text."""
    trace, tag = f"1-{0x6B04B32C:08x}-{'a' * 24}", new_user()
    arn = adapter.register(new_user(), Platform.FCM, new_user())
    adapter.send(phone(arn), {**PAYLOAD, "tag": tag, "trace": f"Root={trace};Parent={'b' * 16};Sampled=1"})
    answer = httpx.get(f"{fresh.process.url}/_asyncsns/phones", headers=HELPER_HEADERS)
    (found,) = [one for one in answer.json()["pushes"] if one["tag"] == tag]
    assert (found["platform"], found["title"], found["trace"]) == ("GCM", "Ann さん", trace)
    assert not [one for one in (arn, "hello") if one in answer.text]


def test_applications_are_parsed_from_platform_and_arn() -> None:
    assert applications_of(["fcm=arn:1", "apns=arn:2"]) == {Platform.FCM: "arn:1", Platform.APNS: "arn:2"}
    with pytest.raises(ValueError, match="pager"):
        applications_of(["pager=arn:1"])
