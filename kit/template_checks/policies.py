"""The identity policies of templates as plain documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kit.template_checks.resolve import Json, Resolver

_POLICY_TYPES = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")


def identity_policies(stacks: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    """``<stack>/<logical id>`` of a role or policy, and one of its documents."""
    resolver = Resolver(stacks)
    for stack, template in stacks.items():
        for logical_id, row in template["Resources"].items():
            for document in _documents(row):
                yield f"{stack}/{logical_id}", resolver.plain(stack, document)


def _documents(row: Mapping[str, Any]) -> list[Json]:
    properties = row.get("Properties", {})
    if row["Type"] == "AWS::IAM::Role":
        return [policy["PolicyDocument"] for policy in properties.get("Policies", ())]
    return [properties["PolicyDocument"]] if row["Type"] in _POLICY_TYPES else []
