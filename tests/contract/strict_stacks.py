"""Stacks that AWS refuses, with its error messages, and stacks exactly at its quotas."""

from __future__ import annotations

from typing import Any

from emulation.settings import ACCOUNT, REGION

Json = dict[str, Any]
OTHER_REGION = "eu-west-1"
LONG = "a" * 2_000
ROLE = f"arn:aws:iam::{ACCOUNT}:role/nobody"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}


def policy(characters: int) -> Json:
    names = [f"arn:aws:s3:::bucket-{number:04}/*" for number in range(characters // 30)]
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": names}]}


def function(**properties: Any) -> Json:
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Code": {"ZipFile": "def handler(event, context):\n    return 1\n"}, "Handler": "index.handler",
            "Runtime": "python3.12", "Role": ROLE, **properties,
        },
    }  # fmt: skip


def api(protocol: str) -> Json:
    properties = {"Name": "api", "ProtocolType": protocol}
    if protocol == "WEBSOCKET":
        properties["RouteSelectionExpression"] = "$request.body.action"
    return {"Type": "AWS::ApiGatewayV2::Api", "Properties": properties}


def stage(**properties: Any) -> Json:
    logs = {"DestinationArn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:access", "Format": "$context.requestId"}
    return {
        "Type": "AWS::ApiGatewayV2::Stage",
        "Properties": {"ApiId": {"Ref": "Api"}, "StageName": "live", "AccessLogSettings": logs, **properties},
    }


def integration(milliseconds: int) -> Json:
    properties = {
        "ApiId": {"Ref": "Api"}, "IntegrationType": "HTTP_PROXY", "IntegrationMethod": "GET",
        "IntegrationUri": "https://example.com", "PayloadFormatVersion": "1.0", "TimeoutInMillis": milliseconds,
    }  # fmt: skip
    return {"Type": "AWS::ApiGatewayV2::Integration", "Properties": properties}


def role(**properties: Any) -> Json:
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST, **properties}}


def consumer(seconds: int) -> Json:
    return {
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": seconds}},
        "Function": function(Timeout=60),
        "Mapping": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]},
                "FunctionName": {"Ref": "Function"},
                "Enabled": False,
            },
        },
    }


#: A stack's resources, and the error message of AWS.
REFUSED: dict[str, tuple[Json, str]] = {
    "a stage with an access log in an account without a role": (
        {"Api": api("WEBSOCKET"), "Stage": stage()},
        "CloudWatch Logs role ARN must be set in account settings to enable logging (Service: ApiGatewayV2, ",
    ),
    "variables": (
        {"Function": function(Environment={"Variables": {"A": LONG, "B": LONG, "C": LONG}})},
        "exceeded the 4KB limit. String measured: {",
    ),
    "a reserved variable": (
        {"Function": function(Environment={"Variables": {"AWS_REGION": REGION}})},
        "Reserved keys used in this request: AWS_REGION",
    ),
    "a timeout": ({"Function": function(Timeout=901)}, "Value '901' at 'timeout' failed to satisfy constraint"),
    "reserved concurrency": (
        {"Function": function(ReservedConcurrentExecutions=901)},
        "decreases account's UnreservedConcurrentExecution below its minimum value of [100].",
    ),
    "a queue that shows a message again while it is worked on": (
        consumer(59),
        "Queue visibility timeout: 59 seconds is less than Function timeout: 60 seconds (Service: Lambda, ",
    ),
    "an integration over HTTP": (
        {"Api": api("HTTP"), "Integration": integration(30_001)},
        "Timeout should be between 50 ms and 30000 ms",
    ),
    "an integration over sockets": (
        {"Api": api("WEBSOCKET"), "Integration": integration(29_001)},
        "Timeout should be between 50 ms and 29000 ms",
    ),
    "inline policies": (
        {"Role": role(Policies=[{"PolicyName": name, "PolicyDocument": policy(6_000)} for name in "ab"])},
        "Maximum policy size of 10240 bytes exceeded for role",
    ),
    "a managed policy": (
        {"Policy": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": policy(7_000)}}},
        "Cannot exceed quota for PolicySize: 6144 (Service: Iam, Status Code: 409)",
    ),
    "managed policies": (
        {"Role": role(ManagedPolicyArns=[f"arn:aws:iam::{ACCOUNT}:policy/p{number}" for number in range(11)])},
        "Cannot exceed quota for PoliciesPerRole: 10",
    ),
    "a name": (
        {"Function": function(FunctionName="f" * 65)},
        "at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 64",
    ),
}
#: Exactly at the quota.
TAKEN: dict[str, Json] = {
    "a stage of an HTTP API": {"Api": api("HTTP"), "Stage": stage()},
    "a stage after the role of its logs": {
        "Role": role(),
        "Account": {
            "Type": "AWS::ApiGateway::Account", "Properties": {"CloudWatchRoleArn": {"Fn::GetAtt": ["Role", "Arn"]}},
        },
        "Api": api("WEBSOCKET"),
        "Stage": stage() | {"DependsOn": "Account"},
    },
    "a queue": consumer(60),
    "an integration over HTTP": {"Api": api("HTTP"), "Integration": integration(30_000)},
    "an integration over sockets": {"Api": api("WEBSOCKET"), "Integration": integration(29_000)},
    "a function": {"Function": function(Timeout=900, MemorySize=10_240, ReservedConcurrentExecutions=900)},
}  # fmt: skip
