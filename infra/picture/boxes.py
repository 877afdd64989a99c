"""The boxes of the diagram, and their resources: every function is in one."""

from __future__ import annotations

import re

from infra.constants import PREFIX
from infra.picture.references import Found, Stacks

_ACCOUNT = re.compile(r"-\d{12}(-[a-z]{2}-[a-z]+-\d)?$")
FUNCTION = "AWS::Lambda::Function"
#: The seed's five; functions that the seed does not name are where their trigger puts them.
_OWN = {"query": "query", "post": "post", "chat": "chat", "call": "call", "profile": "profile"}
_MAPPED = {
    "AWS::DynamoDB::Table": "projectors",
    "AWS::SQS::Queue": "consumer",
    "AWS::Kinesis::Stream": "rtc-lambda",
}
_OF_TYPE = {
    "AWS::Cognito::UserPool": "cognito",
    "AWS::Cognito::UserPoolClient": "cognito",
    "AWS::Cognito::IdentityPool": "cognito",
    "AWS::CloudFront::Distribution": "cloudfront",
    "AWS::WAFv2::WebACL": "cloudfront",
    "AWS::DynamoDB::Table": "dynamodb",
    "AWS::OpenSearchService::Domain": "opensearch",
    "AWS::Kinesis::Stream": "kinesis",
    "AWS::CloudWatch::Alarm": "cloudwatch",
    "AWS::CloudWatch::CompositeAlarm": "cloudwatch",
    "AWS::CloudWatch::Dashboard": "cloudwatch",
    "AWS::XRay::SamplingRule": "x-ray",
    "AWS::XRay::Group": "x-ray",
}
_FAILURES = ("-dlq", "-failures")
#: Buckets of what is observed.
_LOGS = ("access-logs", "athena-results")


def short(name: str) -> str:
    """``asyncsns-media-<account>-<region>`` → ``media``: no account is shown."""
    return _ACCOUNT.sub("", name.removeprefix(f"{PREFIX}-"))


def box_of(stacks: Stacks, found: Found) -> str | None:
    """The box of a resource; ``None`` for resources without a box (roles, log groups, policies)."""
    if found.type == FUNCTION:
        return _box_of_function(stacks, found)
    if found.type == "AWS::ApiGatewayV2::Api":
        return "websocket" if found.properties.get("ProtocolType") == "WEBSOCKET" else "api-gateway"
    if found.type == "AWS::S3::Bucket":
        return _box_of_bucket(found)
    if found.type == "AWS::SNS::Topic":
        return "sns" if _is_subscribed(stacks, found) else "cloudwatch"
    if found.type == "AWS::SQS::Queue":
        return "sqs"
    return _OF_TYPE.get(found.type)


def is_for_failures(queue: Found) -> bool:
    """A dead-letter queue or an on-failure destination: these are not in the path of requests."""
    return queue.name.endswith(_FAILURES)


def _box_of_bucket(bucket: Found) -> str:
    name = short(bucket.name)
    if name.startswith(_LOGS):
        return "cloudwatch"
    return "ui-s3" if name == "ui" else "s3-store"


def _is_subscribed(stacks: Stacks, topic: Found) -> bool:
    """Alarms have a topic of their own, which no queue reads."""
    subscriptions = stacks.of_type("AWS::SNS::Subscription")
    return any(
        one.properties.get("Protocol") == "sqs" and stacks.one(one.stack, one.properties["TopicArn"]) == topic
        for one in subscriptions
    )


def _box_of_function(stacks: Stacks, function: Found) -> str:
    name = short(function.name)
    if name in _OWN:
        return _OWN[name]
    source = _source_of(stacks, function)
    if source is not None:
        return _MAPPED[source.type]
    return "rtc-lambda" if _serves_sockets(stacks, function) else _box_without_source(stacks, function)


def _box_without_source(stacks: Stacks, function: Found) -> str:
    if any(stacks.function(one.stack, uri) == function for one, uri in integrations(stacks)):
        return "more"
    pools = stacks.of_type("AWS::Cognito::UserPool")
    if any(stacks.function(one.stack, one.properties.get("LambdaConfig")) == function for one in pools):
        return "cognito"
    return "media-lambda" if function.stack.endswith("-media") else "clock"


def _source_of(stacks: Stacks, function: Found) -> Found | None:
    for mapping in stacks.of_type("AWS::Lambda::EventSourceMapping"):
        if stacks.function(mapping.stack, mapping.properties["FunctionName"]) == function:
            return stacks.one(mapping.stack, mapping.properties["EventSourceArn"])
    return None


def _serves_sockets(stacks: Stacks, function: Found) -> bool:
    """Whether the function is behind a route, or is the authorizer, of the WebSocket API."""
    for one, uri in [*integrations(stacks), *authorizers(stacks)]:
        api = stacks.one(one.stack, one.properties["ApiId"])
        if api and box_of(stacks, api) == "websocket" and stacks.function(one.stack, uri) == function:
            return True
    return False


def integrations(stacks: Stacks) -> list[tuple[Found, object]]:
    """With the expression of the function that each calls."""
    found = stacks.of_type("AWS::ApiGatewayV2::Integration")
    return [(one, one.properties.get("IntegrationUri")) for one in found]


def authorizers(stacks: Stacks) -> list[tuple[Found, object]]:
    found = stacks.of_type("AWS::ApiGatewayV2::Authorizer")
    return [(one, one.properties.get("AuthorizerUri")) for one in found]
