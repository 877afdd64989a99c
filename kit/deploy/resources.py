"""The deployed resources, as CloudFormation lists them."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

from emulation.settings import REGION


class MissingResource(LookupError):
    """A resource is missing; the message says what was expected and what exists."""


@dataclass(frozen=True)
class Resource:
    """One row of ``ListStackResources``."""

    stack: str
    logical_id: str
    type: str
    physical_id: str
    status: str
    reason: str


class Aws:
    """boto3 clients of one account; endpoint and credentials come from the environment, as the CDK's do."""

    def __init__(self, region: str = REGION) -> None:
        self.region = region
        self._session = boto3.Session(region_name=region)

    @functools.cache  # noqa: B019 -- one object per command
    def client(self, name: str) -> Any:
        """A client that retries and does not wait forever (30 s).

        Parameters are not checked on this side: an emulator's answers lack members that requests made of them need.
        """
        options = Config(
            retries={"max_attempts": 4, "mode": "standard"},
            read_timeout=30,
            connect_timeout=5,
            parameter_validation=False,
            max_pool_connections=16,
        )
        return self._session.client(name, config=options)  # type: ignore[call-overload]


class Deployed:
    """Resources and outputs of the app's stacks."""

    def __init__(self, aws: Aws, stacks: Sequence[str]) -> None:
        self._cloudformation = aws.client("cloudformation")
        self.stacks = list(stacks)

    @functools.cached_property
    def resources(self) -> list[Resource]:
        """All resources of all stacks, in the order of the stacks."""
        pages = self._cloudformation.get_paginator("list_stack_resources")
        return [
            Resource(
                stack=stack,
                logical_id=row["LogicalResourceId"],
                type=row["ResourceType"],
                physical_id=row.get("PhysicalResourceId") or "",
                status=row["ResourceStatus"],
                reason=row.get("ResourceStatusReason") or "",
            )
            for stack in self.stacks
            for page in pages.paginate(StackName=stack)
            for row in page["StackResourceSummaries"]
        ]

    @functools.cached_property
    def outputs(self) -> dict[str, str]:
        """Outputs of all stacks by key (unique in the app), without cross-stack exports."""
        described = [self._cloudformation.describe_stacks(StackName=stack)["Stacks"][0] for stack in self.stacks]
        rows = [row for stack in described for row in stack.get("Outputs", [])]
        return {
            row["OutputKey"]: row["OutputValue"] for row in rows if not row["OutputKey"].startswith("ExportsOutput")
        }

    def of_type(self, type_name: str) -> list[Resource]:
        return [resource for resource in self.resources if resource.type == type_name]

    def one(self, type_name: str, word: str = "") -> Resource:
        """The only resource of a type whose logical or physical id holds ``word`` (case is ignored).

        Raises:
            MissingResource: there is none, or more than one.
        """
        found = [
            resource
            for resource in self.of_type(type_name)
            if word.lower() in f"{resource.logical_id} {resource.physical_id}".lower()
        ]
        if len(found) != 1:
            names = ", ".join(f"{r.logical_id} ({r.physical_id})" for r in self.of_type(type_name)) or "none"
            raise MissingResource(f"expected one {type_name} with {word!r}, got {len(found)} of: {names}")
        return found[0]
