"""Queries on synthesized templates."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk

ROOT = Path(__file__).resolve().parent.parent.parent
Json = dict[str, Any]
#: The environment of the fixture ``with_options``.
OPTIONS = {
    "ASYNCSNS_DOMAIN": "social.example.com",
    "ASYNCSNS_HOSTED_ZONE_ID": "Z0EXAMPLE",
    "ASYNCSNS_MAIL_FROM": "no-reply@social.example.com",
    "ASYNCSNS_REALTIME_REGISTRY": "elasticache",
    "ASYNCSNS_GITHUB_REPOSITORY": "somebody/asyncsns",
}


@dataclass(frozen=True)
class Templates:
    """Templates by stack name."""

    stacks: dict[str, Json]

    @classmethod
    def of(cls, app: cdk.App) -> Templates:
        """Synthesize, and read the files: much faster than reading them through jsii."""
        app.synth()
        files = sorted(Path(app.outdir).glob("*.template.json"))
        return cls({file.name.removesuffix(".template.json"): json.loads(file.read_text("utf-8")) for file in files})

    def resources(self, cfn_type: str) -> dict[str, Json]:
        """``Properties`` by ``<stack>/<logical id>``."""
        return {
            f"{stack}/{logical_id}": resource.get("Properties", {})
            for stack, template in self.stacks.items()
            for logical_id, resource in template["Resources"].items()
            if resource["Type"] == cfn_type
        }

    def all(self) -> Iterator[tuple[str, Json]]:
        for template in self.stacks.values():
            yield from template["Resources"].items()

    def outputs(self) -> dict[str, str]:
        """Output → stack. Exports between stacks are omitted.

        Raises:
            AssertionError: two stacks have an output of the same name.
        """
        found: dict[str, str] = {}
        for stack, template in self.stacks.items():
            for name, output in template.get("Outputs", {}).items():
                if "Export" in output:
                    continue
                assert name not in found, f"{name}: an output of {stack} and of {found[name]}"
                found[name] = stack
        return found

    def functions(self) -> dict[str, Json]:
        """Functions by short name (without ``asyncsns-``)."""
        found = self.resources("AWS::Lambda::Function").values()
        return {row["FunctionName"].removeprefix("asyncsns-"): row for row in found}

    def statements(self, function: str) -> list[Json]:
        """The policy statements of a function's role."""
        stack, _, row = self._find(function)
        role = self.stacks[stack]["Resources"][row["Role"]["Fn::GetAtt"][0]]["Properties"]
        return [statement for policy in role["Policies"] for statement in policy["PolicyDocument"]["Statement"]]

    def event_sources(self, function: str) -> list[Json]:
        """Event source mappings of a function."""
        stack, logical_id, _ = self._find(function)
        mappings = self.resources("AWS::Lambda::EventSourceMapping").items()
        return [row for key, row in mappings if key.startswith(stack) and row["FunctionName"] == {"Ref": logical_id}]

    def _find(self, function: str) -> tuple[str, str, Json]:
        for key, row in self.resources("AWS::Lambda::Function").items():
            if row["FunctionName"] == f"asyncsns-{function}":
                stack, _, logical_id = key.partition("/")
                return stack, logical_id, row
        raise LookupError(f"no function {function}")


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def text(value: Any) -> str:
    """Any part of a template as text, to search for names."""
    return json.dumps(value, sort_keys=True)
