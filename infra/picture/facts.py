"""Facts about a box's resources: the important settings, without account ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from infra.picture.boxes import short
from infra.picture.references import Found, Stacks

#: Type → label → where it is in ``Properties``.
_FACTS: Final[Mapping[str, Mapping[str, str]]] = {
    "AWS::Lambda::Function": {
        "memory MB": "MemorySize", "timeout s": "Timeout", "runtime": "Runtime",
        "reserved concurrency": "ReservedConcurrentExecutions", "tracing": "TracingConfig.Mode",
    },
    "AWS::DynamoDB::Table": {
        "billing": "BillingMode", "stream": "StreamSpecification.StreamViewType",
        "time to live": "TimeToLiveSpecification.AttributeName",
        "point in time recovery": "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled",
        "deletion protection": "DeletionProtectionEnabled",
    },
    "AWS::SQS::Queue": {
        "visibility timeout s": "VisibilityTimeout", "retention s": "MessageRetentionPeriod",
        "receives before the dead-letter queue": "RedrivePolicy.maxReceiveCount",
    },
    "AWS::Kinesis::Stream": {
        "shards": "ShardCount", "retention h": "RetentionPeriodHours", "mode": "StreamModeDetails.StreamMode",
    },
    "AWS::OpenSearchService::Domain": {
        "engine": "EngineVersion", "instance": "ClusterConfig.InstanceType", "nodes": "ClusterConfig.InstanceCount",
        "storage GB": "EBSOptions.VolumeSize",
    },
    "AWS::CloudFront::Distribution": {
        "HTTP": "DistributionConfig.HttpVersion", "price class": "DistributionConfig.PriceClass",
        "IPv6": "DistributionConfig.IPV6Enabled",
    },
    "AWS::ApiGatewayV2::Api": {"protocol": "ProtocolType", "route selection": "RouteSelectionExpression"},
    "AWS::Cognito::UserPoolClient": {"sign-in": "ExplicitAuthFlows", "access token": "AccessTokenValidity"},
    "AWS::Cognito::UserPool": {"plan": "UserPoolTier", "deletion protection": "DeletionProtection"},
    "AWS::WAFv2::WebACL": {"scope": "Scope"},
    "AWS::XRay::SamplingRule": {
        "a second": "SamplingRule.ReservoirSize", "share of the rest": "SamplingRule.FixedRate",
    },
    "AWS::S3::Bucket": {
        "encryption": "BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.SSEAlgorithm",
        "public access blocked": "PublicAccessBlockConfiguration.BlockPublicPolicy",
    },
    "AWS::SNS::Topic": {"encryption": "KmsMasterKeyId"},
}  # fmt: skip


def facts_of(found: Found) -> dict[str, str]:
    """Label → value, of those that the template sets."""
    wanted = _FACTS.get(found.type, {})
    values = {label: _at(found.properties, path) for label, path in wanted.items()}
    return {label: _text(value) for label, value in values.items() if _is_plain(value)}


def triggers_of(stacks: Stacks, function: Found) -> dict[str, str]:
    """The event sources that Lambda polls for a function, with their settings for batches and failures."""
    told = {}
    for mapping in stacks.of_type("AWS::Lambda::EventSourceMapping"):
        if stacks.function(mapping.stack, mapping.properties["FunctionName"]) == function:
            source = stacks.one(mapping.stack, mapping.properties["EventSourceArn"])
            batch, tries = mapping.properties.get("BatchSize"), mapping.properties.get("MaximumRetryAttempts")
            further = f", {tries} retries" if tries is not None else ""
            told[f"reads {short(source.name) if source else 'a source'}"] = f"batches of {batch}{further}"
    return told


def _at(properties: Mapping[str, Any], path: str) -> Any:
    found: Any = properties
    for part in path.split("."):
        if isinstance(found, list):
            found = found[int(part)] if int(part) < len(found) else None
        else:
            found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _is_plain(value: Any) -> bool:
    return isinstance(value, (str, int, float, bool)) or (isinstance(value, list) and all(map(_is_plain, value)))


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
