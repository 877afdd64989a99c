"""Uses the named platform application or endpoint as the resource of calls about phones, as AWS does.

MiniStack checks the rights of such calls against ``*``, which only a policy for everything would allow. Source: Service
Authorization Reference, "Actions, resources, and condition keys for Amazon SNS". Its endpoints keep their application's
ARN as prefix (``app/`` where AWS says ``endpoint/``).
"""

from __future__ import annotations

from typing import Any

from emulation.emulator import seams

_NAMES = ("PlatformApplicationArn", "EndpointArn")


def name_their_resources() -> None:
    """Wrap the function that names the resource of a request."""
    actions = seams.module("core.iam_actions")
    resource_of = actions.extract_resource_arn

    def named(service: str, method: str, path: str, headers: Any, body: Any, query_params: Any, *place: Any) -> str:
        if service == "sns":
            for name in _NAMES:
                found = query_params.get(name)
                if found:
                    return str(found[0] if isinstance(found, list) else found)
        resource: str = resource_of(service, method, path, headers, body, query_params, *place)
        return resource

    actions.extract_resource_arn = named
