"""``make teardown``: lists which resources are deleted, which stay, and why; with ``CONFIRM=yes`` it deletes the
stacks.

Buckets to delete are emptied first, because CloudFormation deletes only empty ones. Resources with people's data have
the deletion policy Retain: they stay, are listed, and have to be deleted by hand.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from emulation.private import keep_private
from emulation.settings import REGION
from kit import console, locks
from kit.deploy import assembly
from kit.deploy.region import region_problem
from kit.deploy.resources import Aws, Deployed, Resource
from kit.deploy.synth import AWS, synthesize
from kit.settings import Settings

_KEPT: Final = ("Retain", "RetainExceptOnCreate")
_BUCKET: Final = "AWS::S3::Bucket"
#: A distribution takes up to half an hour, an OpenSearch domain as long.
_PATIENCE_SECONDS: Final = 3600.0
_GONE: Final = "DELETE_COMPLETE"


class TeardownFailed(Exception):
    """A stack was not deleted; the message names what CloudFormation says."""


@dataclass(frozen=True)
class Plan:
    """``stacks`` in the order of their deletion."""

    stacks: list[str]
    kept: list[Resource]
    emptied: list[Resource]
    going: int

    def lines(self) -> Iterator[str]:
        yield f"goes: {self.going} resources of {len(self.stacks)} stacks: {', '.join(self.stacks)}"
        for resource in self.emptied:
            yield f"is emptied and goes: {resource.physical_id}"
        for resource in self.kept:
            yield f"stays, with its data and its cost: {resource.type} {resource.physical_id}"


class Teardown:
    """The plan for existing stacks, in the reverse of ``order`` (dependencies first)."""

    def __init__(self, aws: Aws, order: Sequence[str], *, pause: float = 5.0) -> None:
        self._aws, self._pause = aws, pause
        self._cloudformation = aws.client("cloudformation")
        existing = self._existing()
        self._stacks = [name for name in order if name in existing]

    def plan(self) -> Plan:
        resources = Deployed(self._aws, self._stacks).resources
        policies = {stack: self._policies(stack) for stack in self._stacks}
        kept = [one for one in resources if policies[one.stack].get(one.logical_id) in _KEPT]
        emptied = [one for one in resources if one.type == _BUCKET and one not in kept]
        return Plan(self._stacks[::-1], kept, emptied, len(resources) - len(kept))

    def run(self, plan: Plan, say: Callable[[str], None] = print) -> None:
        """Empty the buckets and delete stack by stack.

        Raises:
            TeardownFailed: a stack is still there; the ones before it are gone, and the command can be repeated.
        """
        for stack in plan.stacks:
            for bucket in (one for one in plan.emptied if one.stack == stack):
                say(f"{bucket.physical_id}: {empty(self._aws.client('s3'), bucket.physical_id)} objects deleted")
            self._unprotect(stack)
            self._cloudformation.delete_stack(StackName=stack)
            self._wait(stack)
            say(f"{stack}: deleted")

    def _existing(self) -> set[str]:
        pages = self._cloudformation.get_paginator("describe_stacks").paginate()
        return {row["StackName"] for page in pages for row in page["Stacks"] if row["StackStatus"] != _GONE}

    def _policies(self, stack: str) -> dict[str, str]:
        body = self._cloudformation.get_template(StackName=stack)["TemplateBody"]
        template: dict[str, Any] = json.loads(body) if isinstance(body, str) else body
        return {key: row.get("DeletionPolicy", "Delete") for key, row in template["Resources"].items()}

    def _unprotect(self, stack: str) -> None:
        """Remove the stacks' protection: the person who confirmed has seen the plan.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-protect-stacks.html
        """
        described = self._cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
        if described.get("EnableTerminationProtection"):
            self._cloudformation.update_termination_protection(StackName=stack, EnableTerminationProtection=False)

    def _wait(self, stack: str) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            status = self._status(stack)
            if status == _GONE:
                return
            if status.endswith("_FAILED"):
                raise TeardownFailed(f"{stack}: {status}\n  " + "\n  ".join(self._reasons(stack)))
            time.sleep(self._pause)
        raise TeardownFailed(f"{stack}: still {self._status(stack)} after {_PATIENCE_SECONDS / 60:.0f} minutes")

    def _status(self, stack: str) -> str:
        try:
            return str(self._cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])
        except ClientError as error:
            if "does not exist" in str(error):
                return _GONE
            raise

    def _reasons(self, stack: str) -> list[str]:
        rows = Deployed(self._aws, [stack]).resources
        return [f"{one.logical_id} ({one.type}): {one.reason}" for one in rows if one.status.endswith("_FAILED")]


def empty(s3: Any, bucket: str) -> int:
    """Delete every version of every object; returns how many."""
    deleted = 0
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        rows = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        objects = [{"Key": row["Key"], "VersionId": row["VersionId"]} for row in rows]
        if objects:
            s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
            deleted += len(objects)
    return deleted


def main(arguments: list[str] | None = None) -> int:
    """0 when all is gone, or nothing was to be done; 1 when something stayed; 3 when it was only shown."""
    keep_private()
    parser = argparse.ArgumentParser(prog="make teardown", description=__doc__)
    parser.add_argument("--target", default=AWS, choices=[AWS])
    parser.add_argument("--confirm", default="")
    options = parser.parse_args(arguments)
    settings = Settings.load()
    try:
        if problem := region_problem(os.environ):
            raise TeardownFailed(problem.replace("deploy:", "teardown:", 1))
        order = [stack.name for stack in assembly.stacks_of(synthesize(settings, options.target))]
        with locks.exclusive(settings.root, "make teardown"):
            return _tear_down(Teardown(Aws(REGION), order), confirmed=options.confirm == "yes")
    except (TeardownFailed, BotoCoreError, ClientError, locks.Busy) as error:
        print(console.red(str(error)), file=sys.stderr)
        return 1


def _tear_down(work: Teardown, *, confirmed: bool) -> int:
    plan = work.plan()
    if not plan.stacks:
        print("teardown: no stack of this system is there")
        return 0
    for line in plan.lines():
        print(line)
    if not confirmed:
        print("Nothing was deleted. To delete it: make teardown TARGET=aws CONFIRM=yes")
        return 3
    work.run(plan)
    return 0


if __name__ == "__main__":
    sys.exit(main())
