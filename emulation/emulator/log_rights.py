"""Uses the ARN with a trailing ``:*`` as the resource of calls about log groups, as policies on AWS do.

MiniStack omits the suffix, so a policy that works on AWS refuses everybody. Source: CloudWatch Logs API Reference,
``LogGroup``: policies name the ARN "including a trailing ``:*``", but for the three actions of tags.
"""

from __future__ import annotations

from typing import Any

from emulation.emulator import seams

_OF_TAGS = ("TagResource", "UntagResource", "ListTagsForResource")


def name_groups_as_policies_do() -> None:
    """Wrap the function that names the resource of a request."""
    actions = seams.module("core.iam_actions")
    resource_of = actions.extract_resource_arn

    def named(service: str, method: str, path: str, headers: Any, *request: Any) -> str:
        resource: str = resource_of(service, method, path, headers, *request)
        if service == "logs" and ":log-group:" in resource and not resource.endswith(":*"):
            operation = str(headers.get("x-amz-target", "")).rpartition(".")[2]
            if operation not in _OF_TAGS and ":log-stream:" not in resource:
                return f"{resource}:*"
        return resource

    actions.extract_resource_arn = named
