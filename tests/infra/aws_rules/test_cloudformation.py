"""Rules of CloudFormation: sizes, counts, dependency cycles, exports that block updates."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from typing import Any

from kit.template_checks.resolve import Resolver
from tests.infra.templates import Templates, text

Json = dict[str, Any]
#: Resources that every change replaces: a stack that imports one of them would block each update.
REPLACED_BY_UPDATES = {"AWS::Lambda::LayerVersion", "AWS::Lambda::Version", "AWS::ApiGatewayV2::Deployment"}


def test_a_template_stays_within_the_quotas(aws: Templates) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""
    for stack, template in aws.stacks.items():
        assert len(json.dumps(template).encode()) <= 1_000_000, f"{stack}: 1 MB in a bucket"
        assert len(template["Resources"]) <= 500, stack
        assert len(template.get("Outputs", {})) <= 200, stack
        assert len(template.get("Parameters", {})) <= 200, stack


def test_names_have_the_letters_that_are_allowed(aws: Templates) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html"""
    for stack, template in aws.stacks.items():
        assert re.fullmatch(r"[a-zA-Z][-a-zA-Z0-9]{0,127}", stack)
        for logical_id in (*template["Resources"], *template.get("Outputs", {})):
            assert re.fullmatch(r"[a-zA-Z0-9]{1,255}", logical_id), f"{stack}/{logical_id}"


def test_dynamic_references_are_at_most_sixty(aws: Templates) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html"""
    for stack, template in aws.stacks.items():
        assert text(template).count("{{resolve:") <= 60, stack


def test_no_secret_is_resolved_where_people_could_read_it(aws: Templates) -> None:
    """A resolved value appears in the function's configuration and in the resource's id or output.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
    """
    for stack, template in aws.stacks.items():
        assert "{{resolve:secretsmanager" not in text(template.get("Outputs", {})), stack
    for name, row in aws.functions().items():
        assert "{{resolve:secretsmanager" not in text(row.get("Environment", {})), name


def test_resources_of_a_stack_have_no_circular_dependency(aws: Templates) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html (circular dependency)"""
    for template in aws.stacks.values():
        rows = template["Resources"]
        graph = {key: {need for need in _needs(row) if need in rows} for key, row in rows.items()}
        tuple(TopologicalSorter(graph).static_order())


def test_stacks_have_no_circular_dependency(aws: Templates) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html"""
    graph = {stack: {source for source, _ in _imports(aws, stack)} for stack in aws.stacks}
    tuple(TopologicalSorter(graph).static_order())


def test_nothing_that_updates_replace_is_exported(aws: Templates) -> None:
    """ "You can't modify or remove an output value that is referenced by another stack."

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
    """
    for stack, template in aws.stacks.items():
        for name, output in template.get("Outputs", {}).items():
            if "Export" not in output:
                continue
            exported = {template["Resources"][key]["Type"] for key in _needs(output) if key in template["Resources"]}
            assert not exported & REPLACED_BY_UPDATES, f"{stack}/{name}"


def test_every_import_has_its_export(aws: Templates, resolver: Resolver) -> None:
    for stack in aws.stacks:
        assert all(source for source, _ in _imports(aws, stack)), stack


def _needs(value: Any) -> Iterator[str]:
    """Logical ids that a value refers to, by reference or by ``DependsOn``."""
    if isinstance(value, list):
        for one in value:
            yield from _needs(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            if key == "Ref":
                yield str(one)
            elif key == "Fn::GetAtt":
                yield str(one[0])
            elif key == "Fn::Sub":
                yield from re.findall(r"\$\{([A-Za-z0-9]+)", one if isinstance(one, str) else one[0])
            elif key == "DependsOn":
                yield from [one] if isinstance(one, str) else one
            else:
                yield from _needs(one)


def _imports(aws: Templates, stack: str) -> Iterator[tuple[str, str]]:
    """Stacks that this one imports from, with the names of the exports."""
    exported = {
        text(output["Export"]["Name"]).strip('"'): source
        for source, template in aws.stacks.items()
        for output in template.get("Outputs", {}).values()
        if "Export" in output
    }
    for name in re.findall(r'"Fn::ImportValue": "([^"]+)"', text(aws.stacks[stack])):
        yield exported.get(name, ""), name
