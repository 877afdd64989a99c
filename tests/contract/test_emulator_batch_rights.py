"""Service Authorization Reference, Amazon SNS and Amazon SQS: batch calls need the right of the single call."""

from __future__ import annotations

import json

import boto3
import pytest
from botocore.exceptions import ClientError

from emulation.settings import ACCOUNT, REGION
from tests.contract.emulator_process import EmulatorProcess


@pytest.mark.parametrize("allowed", [True, False])
def test_a_batch_needs_the_right_of_the_single_call(emulator: EmulatorProcess, allowed: bool) -> None:
    topic = emulator.client("sns").create_topic(Name=f"topic-{allowed}")["TopicArn"]
    queue = emulator.client("sqs").create_queue(QueueName=f"queue-{allowed}")["QueueUrl"]
    actions = ["sns:Publish", "sqs:SendMessage"] if allowed else ["sns:Subscribe", "sqs:ReceiveMessage"]
    keys = _user(emulator, f"user-{allowed}", actions, [topic, f"arn:aws:sqs:{REGION}:{ACCOUNT}:queue-{allowed}"])
    calls = [
        lambda: boto3.client("sns", **keys).publish_batch(
            TopicArn=topic, PublishBatchRequestEntries=[{"Id": "1", "Message": "hello"}]
        ),
        lambda: boto3.client("sqs", **keys).send_message_batch(
            QueueUrl=queue, Entries=[{"Id": "1", "MessageBody": "hello"}]
        ),
    ]
    for call in calls:
        if allowed:
            assert len(call()["Successful"]) == 1
        else:
            with pytest.raises(ClientError, match="not authorized"):
                call()


def _user(emulator: EmulatorProcess, name: str, actions: list[str], resources: list[str]) -> dict[str, str]:
    iam = emulator.client("iam")
    iam.create_user(UserName=name)
    statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
    iam.put_user_policy(
        UserName=name,
        PolicyName="rights",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {
        "endpoint_url": emulator.url,
        "region_name": REGION,
        "aws_access_key_id": key["AccessKeyId"],
        "aws_secret_access_key": key["SecretAccessKey"],
    }


def test_calls_about_phones_are_about_the_application_and_endpoint_they_name(emulator: EmulatorProcess) -> None:
    made = emulator.client("sns").create_platform_application(
        Name="phones", Platform="GCM", Attributes={"PlatformCredential": "none"}
    )
    application = made["PlatformApplicationArn"]
    actions = ["sns:CreatePlatformEndpoint", "sns:GetEndpointAttributes", "sns:DeleteEndpoint", "sns:Publish"]
    allowed = boto3.client("sns", **_user(emulator, "phones", actions, [application, f"{application}/*"]))
    arn = allowed.create_platform_endpoint(PlatformApplicationArn=application, Token="token")["EndpointArn"]
    assert allowed.get_endpoint_attributes(EndpointArn=arn)["Attributes"]["Token"] == "token"
    allowed.publish(TargetArn=arn, Message="hello")
    other = boto3.client("sns", **_user(emulator, "others", actions, [f"{application}-other"]))
    with pytest.raises(ClientError, match="AuthorizationError"):
        other.create_platform_endpoint(PlatformApplicationArn=application, Token="another")
    with pytest.raises(ClientError, match="AuthorizationError"):
        other.delete_endpoint(EndpointArn=arn)
    allowed.delete_endpoint(EndpointArn=arn)
