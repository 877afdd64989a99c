"""Finds out what an emulator (or AWS) really supports, by calling it.

``python -m emulation.emulator.capabilities --endpoint URL [--json]`` prints one line per service and resource type.
Read-only: each service gets one harmless list call, CloudFormation gets templates to validate. For use with any
endpoint and in any environment that has boto3.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from emulation.settings import REGION, Settings

#: service -> (operation, arguments) that reads only.
SERVICE_PROBES: dict[str, tuple[str, dict[str, Any]]] = {
    "apigatewaymanagementapi": ("get_connection", {"ConnectionId": "none"}),
    "apigatewayv2": ("get_apis", {}),
    "cloudformation": ("list_stacks", {}),
    "cloudfront": ("list_distributions", {}),
    "cloudwatch": ("describe_alarms", {}),
    "cognito-identity": ("list_identity_pools", {"MaxResults": 1}),
    "cognito-idp": ("list_user_pools", {"MaxResults": 1}),
    "dynamodb": ("list_tables", {}),
    "dynamodbstreams": ("list_streams", {}),
    "elasticache": ("describe_cache_clusters", {}),
    "iam": ("list_roles", {"MaxItems": 1}),
    "kinesis": ("list_streams", {}),
    "lambda": ("list_functions", {}),
    "logs": ("describe_log_groups", {"limit": 1}),
    "opensearch": ("list_domain_names", {}),
    "s3": ("list_buckets", {}),
    "sns": ("list_topics", {}),
    "sqs": ("list_queues", {}),
    "ssm": ("describe_parameters", {"MaxResults": 1}),
    "sts": ("get_caller_identity", {}),
    "wafv2": ("list_web_acls", {"Scope": "REGIONAL"}),
    "xray": ("get_sampling_rules", {}),
}
#: Types of the seed's architecture, and those around it that a stack would like to have.
RESOURCE_TYPES = (
    "AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Authorizer", "AWS::ApiGatewayV2::RouteResponse",
    "AWS::CloudFront::Distribution", "AWS::CloudFront::Function", "AWS::CloudFront::KeyGroup",
    "AWS::CloudFront::MonitoringSubscription", "AWS::CloudFront::OriginAccessControl", "AWS::CloudFront::PublicKey",
    "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm", "AWS::CloudWatch::Dashboard",
    "AWS::Cognito::IdentityPool", "AWS::Cognito::UserPool", "AWS::Cognito::UserPoolClient",
    "AWS::Cognito::UserPoolGroup", "AWS::DynamoDB::Table", "AWS::ElastiCache::ServerlessCache", "AWS::IAM::Role",
    "AWS::IVS::Channel", "AWS::Kinesis::Stream", "AWS::Lambda::EventSourceMapping", "AWS::Lambda::Function",
    "AWS::Lambda::LayerVersion", "AWS::Logs::LogGroup", "AWS::Logs::MetricFilter", "AWS::Logs::QueryDefinition",
    "AWS::OpenSearchService::Domain", "AWS::S3::Bucket", "AWS::SNS::Subscription", "AWS::SNS::Topic",
    "AWS::SQS::Queue", "AWS::SSM::Parameter", "AWS::WAFv2::WebACL", "AWS::WAFv2::WebACLAssociation",
    "AWS::XRay::Group", "AWS::XRay::SamplingRule",
)  # fmt: skip
#: Error codes by which a service shows that it is there, although it did not do what was asked.
_PRESENT = ("GoneException", "AccessDenied", "AccessDeniedException", "ForbiddenException", "ResourceNotFoundException")


@dataclass(frozen=True)
class Capability:
    """One thing asked for; ``reason`` is the endpoint's own answer when it is not there."""

    kind: str
    name: str
    available: bool
    reason: str = ""


class Prober:
    """Asks one endpoint; None is AWS itself, with the caller's own credentials."""

    def __init__(self, endpoint: str | None) -> None:
        self._endpoint = endpoint
        local: dict[str, Any] = {
            **Settings().credentials.for_boto3(),
            "region_name": REGION,
        }
        self._session: Any = boto3.Session(**(local if endpoint else {}))

    def _client(self, service: str) -> Any:
        config = Config(
            retries={"max_attempts": 1, "mode": "standard"}, connect_timeout=3, read_timeout=10,
            s3={"addressing_style": "path"}, parameter_validation=False, inject_host_prefix=False,
        )  # fmt: skip
        endpoint = self._endpoint
        if service == "apigatewaymanagementapi" and endpoint:
            endpoint = f"{endpoint}/_aws/execute-api/00000000/live"
        return self._session.client(service, endpoint_url=endpoint, config=config)

    def service(self, name: str) -> Capability:
        """Whether a service answers a read-only call."""
        operation, arguments = SERVICE_PROBES[name]
        try:
            getattr(self._client(name), operation)(**arguments)
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            present = code in _PRESENT or (name == "apigatewaymanagementapi" and code in ("410", "403", "404"))
            return Capability("service", name, present, "" if present else _short(error))
        except (BotoCoreError, ValueError) as error:
            return Capability("service", name, False, _short(error))
        return Capability("service", name, True)

    def resource_type(self, name: str) -> Capability:
        """Whether CloudFormation accepts a type. Emulators that accept every type and create nothing are detected
        later."""
        template = json.dumps({"Resources": {"Probe": {"Type": name, "Properties": {}}}})
        try:
            self._client("cloudformation").validate_template(TemplateBody=template)
        except (ClientError, BotoCoreError) as error:
            return Capability("resource type", name, False, _short(error))
        return Capability("resource type", name, True)

    def all(self, types: Iterable[str] = RESOURCE_TYPES) -> list[Capability]:
        """Check every service, then every type; types that the endpoint cannot check are not listed."""
        found = [self.service(name) for name in SERVICE_PROBES]
        return found + [self.resource_type(name) for name in types]


def _short(error: Exception) -> str:
    if isinstance(error, ClientError):
        error = ValueError(error.response.get("Error", {}).get("Message") or str(error))
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return text if len(text) <= 140 else text[:139] + "…"


def main(arguments: list[str] | None = None) -> int:
    """Print the table; 1 when nothing answers at the endpoint."""
    parser = argparse.ArgumentParser(prog="python -m emulation.emulator.capabilities", description=__doc__)
    parser.add_argument("--endpoint", default=Settings().url("emulator"), help="base URL; 'aws' for AWS itself")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args(arguments)
    found = Prober(None if options.endpoint == "aws" else options.endpoint).all()
    if options.json:
        print(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=1))
    else:
        width = max(len(one.name) for one in found)
        for one in found:
            print(f"{'yes' if one.available else 'no ':3}  {one.name:{width}}  {one.reason}".rstrip())
    return 0 if any(one.available for one in found) else 1


if __name__ == "__main__":
    sys.exit(main())
