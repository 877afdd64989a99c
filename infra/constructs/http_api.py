"""The HTTP API: tokens are checked here, once for all functions behind it."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_lambda as lambda_

from infra.access_logs.logs import gateway_format
from infra.constants import physical
from infra.constructs.rollout import called_as
from infra.constructs.stack import AppStack
from infra.constructs.websocket import access_log_group

_TIMEOUT_MS = 15_000
#: Access tokens of sign-ins by SRP carry this scope and no other; ID tokens carry none, so the gateway refuses them.
#: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
ACCESS_SCOPE = "aws.cognito.signin.user.admin"
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class GatedApi:
    """Every route requires an access token, unless it is declared open.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
    """

    def __init__(self, stack: AppStack, *, issuer: str, audience: str) -> None:
        self._stack = stack
        self.api = self._build_api()
        self.api_id = self.api.ref
        self._authorizer = apigateway.CfnAuthorizer(
            stack,
            "TokenAuthorizer",
            api_id=self.api_id,
            name="token",
            authorizer_type="JWT",
            identity_source=["$request.header.Authorization"],
            jwt_configuration=apigateway.CfnAuthorizer.JWTConfigurationProperty(issuer=issuer, audience=[audience]),
        )
        self._integrations: dict[str, str] = {}
        self._routes: list[apigateway.CfnRoute] = []

    def _build_api(self) -> apigateway.CfnApi:
        """CORS is for a UI that is served from elsewhere: through the distribution everything is one origin."""
        return apigateway.CfnApi(
            self._stack,
            "HttpApi",
            name=physical("api"),
            protocol_type="HTTP",
            cors_configuration=apigateway.CfnApi.CorsProperty(
                allow_origins=list(self._stack.target.browser_origins) or ["*"],
                allow_methods=list(_METHODS),
                allow_headers=["authorization", "content-type", "idempotency-key", "x-amzn-trace-id"],
                expose_headers=["apigw-requestid", "retry-after"],
                max_age=3600,
            ),
            tags=self._stack.target.http_api_tags,
        )

    def route(self, key: str, function: lambda_.Function, *, is_open: bool = False) -> None:
        """``key``: ``METHOD /path`` or ``$default``."""
        self._routes.append(
            apigateway.CfnRoute(
                self._stack,
                f"Route {key.replace('/', '_')}",
                api_id=self.api_id,
                route_key=key,
                target=f"integrations/{self._integration(function)}",
                authorization_type="NONE" if is_open else "JWT",
                authorizer_id=None if is_open else self._authorizer.ref,
                authorization_scopes=None if is_open else [ACCESS_SCOPE],
            )
        )

    def deploy(self, *, rate: int, burst: int, slower: Mapping[str, tuple[int, int]]) -> None:
        """The stage ``$default``. ``slower``: route key → requests per second and burst, for routes with a lower
        limit."""
        stage = apigateway.CfnStage(
            self._stack,
            "DefaultStage",
            api_id=self.api_id,
            stage_name="$default",
            auto_deploy=True,
            default_route_settings=apigateway.CfnStage.RouteSettingsProperty(
                throttling_rate_limit=rate, throttling_burst_limit=burst, detailed_metrics_enabled=True
            ),
            route_settings={
                key: {"ThrottlingRateLimit": limits[0], "ThrottlingBurstLimit": limits[1]}
                for key, limits in slower.items()
            },
            access_log_settings=apigateway.CfnStage.AccessLogSettingsProperty(
                destination_arn=access_log_group(self._stack, "api").log_group_arn, format=gateway_format()
            ),
        )
        for route in self._routes:
            stage.add_resource_dependency(route)

    def _integration(self, function: lambda_.Function) -> str:
        key = function.node.path
        if key not in self._integrations:
            self._permit(function)
            self._integrations[key] = apigateway.CfnIntegration(
                self._stack,
                f"Integration{function.node.id}",
                api_id=self.api_id,
                integration_type="AWS_PROXY",
                integration_uri=called_as(function),
                payload_format_version="2.0",
                timeout_in_millis=_TIMEOUT_MS,
            ).ref
        return self._integrations[key]

    def _permit(self, function: lambda_.Function) -> None:
        stack = self._stack
        lambda_.CfnPermission(
            stack,
            f"Permission{function.node.id}",
            action="lambda:InvokeFunction",
            function_name=called_as(function),
            principal="apigateway.amazonaws.com",
            source_arn=f"arn:{stack.partition}:execute-api:{stack.region}:{stack.account}:{self.api_id}/*",
        )
