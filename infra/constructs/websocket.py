"""The WebSocket API: connections opened by a one-use ticket, one route per action."""

from __future__ import annotations

from collections.abc import Iterable

import aws_cdk as cdk
from aws_cdk import aws_apigateway as rest_api
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs

from infra.constants import WEBSOCKET_STAGE, physical
from infra.constructs.rollout import called_as
from infra.constructs.stack import AppStack

_ACCESS_LOG = (
    '{"requestId":"$context.requestId","connectionId":"$context.connectionId","eventType":"$context.eventType",'
    '"routeKey":"$context.routeKey","status":"$context.status","ip":"$context.identity.sourceIp",'
    '"user":"$context.authorizer.userId","error":"$context.error.message",'
    '"integrationLatency":"$context.integrationLatency"}'
)


class SocketApi:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api.html"""

    def __init__(self, stack: AppStack) -> None:
        self._stack = stack
        self.api = apigateway.CfnApi(
            stack,
            "WebSocketApi",
            name=physical("realtime"),
            protocol_type="WEBSOCKET",
            route_selection_expression="$request.body.action",
            tags=stack.target.websocket_api_tags,
        )
        self.api_id = self.api.ref
        self.arn = f"arn:{stack.partition}:execute-api:{stack.region}:{stack.account}:{self.api_id}"
        self._routes: list[apigateway.CfnRoute] = []

    def authorize_connections(self, authorizer: lambda_.Function) -> apigateway.CfnAuthorizer:
        """Without ``?ticket=`` API Gateway answers 401 by itself."""
        self._permit(authorizer, "authorizers/*")
        return apigateway.CfnAuthorizer(
            self._stack,
            "TicketAuthorizer",
            api_id=self.api_id,
            name="ticket",
            authorizer_type="REQUEST",
            authorizer_uri=self._uri(authorizer),
            identity_source=["route.request.querystring.ticket"],
        )

    def route(
        self, function: lambda_.Function, keys: Iterable[str], authorizer: apigateway.CfnAuthorizer | None = None
    ) -> None:
        """Send frames of these actions to ``function``; ``authorizer`` guards ``$connect`` if it is among them."""
        integration = apigateway.CfnIntegration(
            function,
            "SocketIntegration",
            api_id=self.api_id,
            integration_type="AWS_PROXY",
            integration_uri=self._uri(function),
        )
        self._permit(function, f"{WEBSOCKET_STAGE}/*")
        for key in keys:
            self._routes.append(self._build_route(key, integration, authorizer if key == "$connect" else None))

    def _build_route(
        self, key: str, integration: apigateway.CfnIntegration, authorizer: apigateway.CfnAuthorizer | None
    ) -> apigateway.CfnRoute:
        return apigateway.CfnRoute(
            self._stack,
            f"Route {key}",
            api_id=self.api_id,
            route_key=key,
            target=f"integrations/{integration.ref}",
            authorization_type="CUSTOM" if authorizer else "NONE",
            authorizer_id=authorizer.ref if authorizer else None,
        )

    def deploy(self, access_log: logs.LogGroup, *, rate: int, burst: int) -> None:
        """The stage; made after the routes, so that its first deployment has them all."""
        stage = apigateway.CfnStage(
            self._stack,
            "LiveStage",
            api_id=self.api_id,
            stage_name=WEBSOCKET_STAGE,
            auto_deploy=True,
            default_route_settings=apigateway.CfnStage.RouteSettingsProperty(
                throttling_rate_limit=rate, throttling_burst_limit=burst, detailed_metrics_enabled=True
            ),
            access_log_settings=apigateway.CfnStage.AccessLogSettingsProperty(
                destination_arn=access_log.log_group_arn, format=_ACCESS_LOG
            ),
        )
        stage.add_resource_dependency(_log_account(self._stack))
        for route in self._routes:
            stage.add_resource_dependency(route)

    def _uri(self, function: lambda_.Function) -> str:
        stack = self._stack
        prefix = f"arn:{stack.partition}:apigateway:{stack.region}:lambda:path/2015-03-31/functions"
        return f"{prefix}/{called_as(function)}/invocations"

    def _permit(self, function: lambda_.Function, path: str) -> None:
        lambda_.CfnPermission(
            function,
            "SocketPermission",
            action="lambda:InvokeFunction",
            function_name=called_as(function),
            principal="apigateway.amazonaws.com",
            source_arn=f"{self.arn}/{path}",
        )


def _log_account(stack: AppStack) -> rest_api.CfnAccount:
    """Lets API Gateway write logs: a setting of the account and region, without which a WebSocket stage with an access
    log is refused ("CloudWatch Logs role ARN must be set in account settings to enable logging").

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
    """
    managed = "service-role/AmazonAPIGatewayPushToCloudWatchLogs"
    role = iam.Role(
        stack,
        "ApiGatewayLogs",
        assumed_by=iam.ServicePrincipal("apigateway.amazonaws.com"),
        description="Writes the access logs of API Gateway, for the whole account and region",
        managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name(managed)],
    )
    account = rest_api.CfnAccount(stack, "ApiGatewayAccount", cloud_watch_role_arn=role.role_arn)
    # Other APIs of the account, and other stages, may have come to rely on it.
    policy = cdk.RemovalPolicy.DESTROY if stack.target.emulated else cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
    account.apply_removal_policy(policy)
    role.apply_removal_policy(policy)
    return account


def access_log_group(stack: AppStack, name: str) -> logs.LogGroup:
    """``/aws/apigateway/asyncsns-<name>``."""
    return logs.LogGroup(
        stack,
        "AccessLog",
        log_group_name=f"/aws/apigateway/{physical(name)}",
        retention=stack.log_retention,
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )
