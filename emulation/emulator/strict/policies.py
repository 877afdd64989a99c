"""Rules of IAM: the size of policies, and their number per role. White space does not count.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from emulation.emulator.strict.refused import Account, Properties, Refused

INLINE, MANAGED, TRUST, ATTACHED = 10_240, 6_144, 2_048, 10


def characters(document: Any) -> int:
    """The size of a policy, given as JSON text or as an object."""
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except ValueError:
            return len(re.sub(r"\s", "", document))
    return len(json.dumps(document, separators=(",", ":"), ensure_ascii=False))


def role(properties: Properties, account: Account) -> Iterator[Refused]:
    """``AWS::IAM::Role`` with its trust policy, its inline policies and those attached to it."""
    if characters(properties.get("AssumeRolePolicyDocument") or {}) > TRUST:
        yield _exceeded("ACLSizePerRole", TRUST)
    if len(properties.get("ManagedPolicyArns") or ()) > ATTACHED:
        yield _exceeded("PoliciesPerRole", ATTACHED)
    inline = sum(characters(policy.get("PolicyDocument") or {}) for policy in properties.get("Policies") or ())
    if inline > INLINE:
        yield _inline(str(properties.get("RoleName", "")))


def inline(properties: Properties, account: Account) -> Iterator[Refused]:
    """``AWS::IAM::Policy``, which counts with the other inline policies of each of its roles."""
    size = characters(properties.get("PolicyDocument") or {})
    for name in properties.get("Roles") or ():
        if size + account.inline_characters(name, without=str(properties.get("PolicyName", ""))) > INLINE:
            yield _inline(name)


def managed(properties: Properties, account: Account) -> Iterator[Refused]:
    """``AWS::IAM::ManagedPolicy``."""
    if characters(properties.get("PolicyDocument") or {}) > MANAGED:
        yield _exceeded("PolicySize", MANAGED)


def _inline(name: str) -> Refused:
    return Refused("LimitExceeded", f"Maximum policy size of {INLINE} bytes exceeded for role {name}", 409)


def _exceeded(quota: str, most: int) -> Refused:
    return Refused("LimitExceeded", f"Cannot exceed quota for {quota}: {most}", 409)
