"""The companion's CloudFormation: each resource that LocalStack lacks is a stack of one resource there."""

from __future__ import annotations

import functools
import json
import os
import re
import time
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from emulation.settings import REGION, Settings

#: Where the companion answers, and no default: an address that is only guessed would be LocalStack's own.
URL_VARIABLE = "EMULATION_URL_COMPANION"
_REF = "Ref"
_SECONDS = 60.0
_PAUSE_SECONDS = 0.02


class CompanionError(RuntimeError):
    """The companion refused or did not finish; the message names the resource type and says why."""


def companion_url() -> str:
    """Without a trailing slash.

    Raises:
        CompanionError: the variable is not set.
    """
    url = os.environ.get(URL_VARIABLE, "").rstrip("/")
    if not url:
        raise CompanionError(f"{URL_VARIABLE}: expected the companion's address, like http://127.0.0.1:4567")
    return url


@dataclass(frozen=True)
class Made:
    """The values of ``Ref`` and ``Fn::GetAtt``."""

    ref: str
    attributes: dict[str, str]


@dataclass(frozen=True)
class OneResource:
    """A resource in the companion; its stack is named after LocalStack's stack and the logical id."""

    stack: str
    logical_id: str
    type_name: str
    attributes: tuple[str, ...]

    @property
    def name(self) -> str:
        return re.sub(r"[^A-Za-z0-9-]", "-", f"{self.stack}--{self.logical_id}")[:128]

    def make(self, properties: dict[str, Any]) -> Made:
        """Create or update the resource.

        Raises:
            CompanionError: it was not made.
        """
        body = self._template(properties)
        # A stack that failed to be made can't be updated.
        if (status := self._status()) is not None and status.endswith(("ROLLBACK_COMPLETE", "CREATE_FAILED")):
            self.remove()
            status = None
        try:
            if status is None:
                _cloudformation().create_stack(StackName=self.name, TemplateBody=body)
            else:
                _cloudformation().update_stack(StackName=self.name, TemplateBody=body)
        except ClientError as error:
            if "No updates are to be performed" not in str(error):
                raise self._failed(str(error)) from error
        return self._outputs()

    def remove(self) -> None:
        """Delete the resource; no effect when it is gone already.

        Raises:
            CompanionError: it is still there.
        """
        _cloudformation().delete_stack(StackName=self.name)
        deadline = time.monotonic() + _SECONDS
        while (status := self._status()) is not None:
            if status.endswith("FAILED") or time.monotonic() > deadline:
                raise self._failed(f"is still there: {status}")
            time.sleep(_PAUSE_SECONDS)

    def _template(self, properties: dict[str, Any]) -> str:
        wanted = {_name_of(one): {"Value": {"Fn::GetAtt": ["Made", one]}} for one in self.attributes}
        made = {"Type": self.type_name, "Properties": properties}
        return json.dumps({"Resources": {"Made": made}, "Outputs": {_REF: {"Value": {"Ref": "Made"}}, **wanted}})

    def _status(self) -> str | None:
        """None without a stack."""
        try:
            stack = _cloudformation().describe_stacks(StackName=self.name)["Stacks"][0]
        except ClientError:
            return None
        return None if stack["StackStatus"] == "DELETE_COMPLETE" else str(stack["StackStatus"])

    def _outputs(self) -> Made:
        deadline = time.monotonic() + _SECONDS
        while True:
            stack = _cloudformation().describe_stacks(StackName=self.name)["Stacks"][0]
            if stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
                break
            if not stack["StackStatus"].endswith("IN_PROGRESS") or time.monotonic() > deadline:
                raise self._failed(f"{stack['StackStatus']}: {self._reason()}")
            time.sleep(_PAUSE_SECONDS)
        found = {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", [])}
        return Made(found[_REF], {one: found[_name_of(one)] for one in self.attributes})

    def _reason(self) -> str:
        """The reason of the first failed event."""
        events = _cloudformation().describe_stack_events(StackName=self.name)["StackEvents"]
        failed = [one for one in events if one["ResourceStatus"].endswith("FAILED")]
        return str(failed[-1].get("ResourceStatusReason", "")) if failed else "no reason given"

    def _failed(self, why: str) -> CompanionError:
        return CompanionError(f"{self.type_name} {self.logical_id} in the companion at {companion_url()}: {why}")


def _name_of(attribute: str) -> str:
    """An output's key is letters and digits."""
    return "At" + attribute.replace(".", "Dot")


@functools.cache
def _cloudformation() -> Any:
    """One client: to make it takes half a second, to share it between threads is safe."""
    return boto3.Session(**Settings().credentials.for_boto3(), region_name=REGION).client(
        "cloudformation", endpoint_url=companion_url(), config=Config(retries={"mode": "standard"})
    )
