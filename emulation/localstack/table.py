"""The services and the resource types that the companion has in place of LocalStack 4.14.0.

Found by asking it: its entry points list the types that it has, each service was called once, and
``tests/contract/test_localstack.py`` asks again.
"""

from __future__ import annotations

from typing import Final

#: Names of botocore: requests for them go to the companion as they are.
LACKING: Final = frozenset({"apigatewayv2", "cloudfront", "cognito-identity", "cognito-idp", "wafv2"})
#: LocalStack has CloudWatch without dashboards; GetMetricData of a percentile answers 500 there. Its own resource type
#: for alarms calls this service, and so do its functions and queues with their metrics.
SERVICES: Final = LACKING | {"cloudwatch"}
#: The API by which functions send to WebSocket clients: a path at LocalStack's own address, where REST APIs are.
CONNECTIONS: Final = "/_aws/execute-api/<api_id>/<stage>/@connections/<connection_id>"
#: Resource type → attributes that ``Fn::GetAtt`` may name. Those that the companion's CloudFormation does not have are
#: not listed: it refuses a stack that asks for one.
TYPES: Final[dict[str, tuple[str, ...]]] = {
    "AWS::ApiGatewayV2::Api": ("ApiEndpoint", "ApiId"),
    "AWS::ApiGatewayV2::Authorizer": ("AuthorizerId",),
    "AWS::ApiGatewayV2::Deployment": (),
    "AWS::ApiGatewayV2::Integration": (),
    "AWS::ApiGatewayV2::Route": (),
    "AWS::ApiGatewayV2::Stage": (),
    "AWS::CloudFront::Distribution": ("DomainName", "Id"),
    "AWS::CloudFront::Function": ("FunctionARN",),
    "AWS::CloudFront::OriginAccessControl": ("Id",),
    "AWS::CloudFront::ResponseHeadersPolicy": ("Id",),
    "AWS::CloudWatch::Dashboard": (),
    "AWS::Cognito::IdentityPool": ("Name",),
    "AWS::Cognito::IdentityPoolRoleAttachment": (),
    "AWS::Cognito::UserPool": ("Arn", "ProviderName"),
    "AWS::Cognito::UserPoolClient": ("ClientId",),
    "AWS::Cognito::UserPoolGroup": (),
    # Lets OpenSearch write slow logs, which LocalStack's does not: there it has no effect, wherever it is.
    "AWS::Logs::ResourcePolicy": (),
    "AWS::WAFv2::WebACL": ("Arn", "Id"),
}


def entry_name(type_name: str) -> str:
    """As a Python name: ``AWS_Cognito_UserPool``."""
    return type_name.replace("::", "_")
