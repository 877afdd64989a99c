"""Templates for AWS with every reference resolved, because AWS's rules apply to values.

Each test here checks one rule that a deployment to MiniStack would not enforce, and names the document that states it.
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
