"""Resolves expressions of templates to resources, across stacks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

Json = dict[str, Any]

#: Properties that hold the name under which others may speak of a resource without a reference.
_NAMES = ("BucketName", "FunctionName", "QueueName", "TableName", "TopicName", "DomainName")
_NAMED = frozenset(("AWS::S3::Bucket", "AWS::OpenSearchService::Domain"))
_IMPORT = re.compile(r"(?P<stack>[\w-]+):(?P<export>\w+)")


@dataclass(frozen=True)
class Found:
    """One resource of the templates."""

    stack: str
    logical_id: str
    type: str
    properties: Mapping[str, Any] = field(repr=False, hash=False, compare=False)

    @property
    def name(self) -> str:
        """Physical where the template gives one."""
        given = next((self.properties[key] for key in _NAMES if isinstance(self.properties.get(key), str)), None)
        return str(given or self.properties.get("Name") or self.logical_id)


@dataclass(frozen=True)
class Stacks:
    """Templates by stack name."""

    templates: Mapping[str, Json]

    @cached_property
    def all(self) -> list[Found]:
        return [
            Found(stack, key, row["Type"], row.get("Properties") or {})
            for stack, template in self.templates.items()
            for key, row in template["Resources"].items()
        ]

    def of_type(self, kind: str) -> list[Found]:
        return [one for one in self.all if one.type == kind]

    @cached_property
    def _by_id(self) -> dict[tuple[str, str], Found]:
        return {(one.stack, one.logical_id): one for one in self.all}

    @cached_property
    def _by_name(self) -> dict[str, Found]:
        """Resources that are named without a reference: their names are unique among all types."""
        return {one.name: one for one in self.all if one.type in _NAMED}

    def meant(self, stack: str, expression: Any) -> Iterator[tuple[Found, str]]:
        """Each resource that ``expression`` (in a template of ``stack``) names, with the attribute that is asked."""
        if isinstance(expression, str):
            yield from self._named(expression)
        elif isinstance(expression, list):
            for part in expression:
                yield from self.meant(stack, part)
        elif isinstance(expression, dict):
            yield from self._referred(stack, expression)

    def one(self, stack: str, expression: Any) -> Found | None:
        """The only or first resource that is meant."""
        return next((found for found, _ in self.meant(stack, expression)), None)

    def function(self, stack: str, expression: Any) -> Found | None:
        """A function, also where its alias is named."""
        found = self.one(stack, expression)
        if found is not None and found.type == "AWS::Lambda::Alias":
            return self.one(found.stack, found.properties["FunctionName"])
        return found

    def _referred(self, stack: str, expression: Json) -> Iterator[tuple[Found, str]]:
        if "Ref" in expression:
            yield from self._known(stack, expression["Ref"], "")
        elif "Fn::GetAtt" in expression:
            logical_id, attribute = expression["Fn::GetAtt"]
            yield from self._known(stack, logical_id, attribute)
        elif "Fn::ImportValue" in expression:
            yield from self._imported(str(expression["Fn::ImportValue"]))
        else:
            for part in expression.values():
                yield from self.meant(stack, part)

    def _known(self, stack: str, logical_id: str, attribute: str) -> Iterator[tuple[Found, str]]:
        if found := self._by_id.get((stack, logical_id)):
            yield found, attribute

    def _imported(self, name: str) -> Iterator[tuple[Found, str]]:
        found = _IMPORT.fullmatch(name)
        output = self.templates.get(found["stack"], {}).get("Outputs", {}).get(found["export"]) if found else None
        if found and output:
            yield from self.meant(found["stack"], output["Value"])

    def _named(self, text: str) -> Iterator[tuple[Found, str]]:
        """A name, alone or within an ARN or a host name."""
        for part in re.split(r"[:/.]", text):
            if found := self._by_name.get(part):
                yield found, ""
