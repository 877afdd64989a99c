"""Templates for AWS with every reference resolved: rules of AWS are about values.

Each test here holds one rule that a deployment to MiniStack would not notice, and names the document that has it.
"""

from __future__ import annotations

import pytest

from kit.template_checks.resolve import Resolver
from tests.infra.templates import Templates


@pytest.fixture(scope="session")
def resolver(aws: Templates) -> Resolver:
    return Resolver(aws.stacks)


@pytest.fixture(scope="session")
def plain(aws: Templates, resolver: Resolver) -> Templates:
    """The same templates without intrinsic functions in their resources."""
    return Templates(
        {
            stack: template | {"Resources": resolver.plain(stack, template["Resources"])}
            for stack, template in aws.stacks.items()
        }
    )
