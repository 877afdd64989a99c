"""HTTP APIs whose CORS rules an emulator stored in CloudFormation's spelling and therefore does not apply."""

from __future__ import annotations

from typing import Any

from kit.deploy.resources import Aws, Deployed

_FIELDS = ("AllowOrigins", "AllowMethods", "AllowHeaders", "ExposeHeaders", "AllowCredentials", "MaxAge")


def cors_of_template(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """CORS rules by logical id of the API."""
    return {
        logical_id: properties["CorsConfiguration"]
        for logical_id, resource in template.get("Resources", {}).items()
        if resource["Type"] == "AWS::ApiGatewayV2::Api"
        and "CorsConfiguration" in (properties := resource.get("Properties", {}))
    }


def reapply_cors(aws: Aws, deployed: Deployed, templates: dict[str, dict[str, Any]]) -> int:
    """Set the rules of the templates (by stack name) by ``UpdateApi``; returns how many APIs had some.

    Rules with intrinsic functions cannot be read from the template; the API's own answer is taken for them.
    """
    client = aws.client("apigatewayv2")
    done = 0
    for resource in deployed.of_type("AWS::ApiGatewayV2::Api"):
        rules = cors_of_template(templates.get(resource.stack, {})).get(resource.logical_id)
        if rules is None:
            continue
        client.update_api(
            ApiId=resource.physical_id,
            CorsConfiguration={field: rules[field] for field in _FIELDS if field in rules},
        )
        done += 1
    return done
