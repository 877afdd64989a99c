"""Whether a bucket policy lets a distribution read an object.

The emulator evaluates this only for its own data plane; over HTTP nobody can be the service principal
``cloudfront.amazonaws.com``. So the edge evaluates the deployed policy itself before it fetches the object.
Source: "Restrict access to an Amazon S3 origin" (OAC), "IAM JSON policy elements".
"""

from __future__ import annotations

import re
from typing import Any

SERVICE = "cloudfront.amazonaws.com"


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _glob(pattern: str, text: str) -> bool:
    body = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return re.fullmatch(body, text, re.DOTALL) is not None


def _principal(statement: dict[str, Any]) -> bool:
    principal = statement.get("Principal")
    if principal == "*":
        return True
    if not isinstance(principal, dict):
        return False
    return SERVICE in _list(principal.get("Service")) or "*" in _list(principal.get("AWS"))


def _action(statement: dict[str, Any], action: str) -> bool:
    return any(_glob(str(a).lower(), action.lower()) for a in _list(statement.get("Action")))


def _conditions(statement: dict[str, Any], context: dict[str, str], unknown: bool) -> bool:
    """``unknown`` is the result of a condition whose operator or key is unknown here."""
    for operator, tests in (statement.get("Condition") or {}).items():
        for key, wanted in tests.items():
            actual = context.get(key.lower())
            if actual is None:
                return unknown
            values = [str(v) for v in _list(wanted)]
            if operator in ("StringEquals", "Bool"):
                held = actual in values
            elif operator in ("StringLike", "ArnEquals", "ArnLike"):
                held = any(_glob(v, actual) for v in values)
            elif operator == "StringNotEquals":
                held = actual not in values
            else:
                return unknown
            if not held:
                return False
    return True


def allows(policy: dict[str, Any] | None, action: str, resource: str, distribution_arn: str) -> bool:
    """Whether CloudFront, for that distribution, may do ``action`` (``s3:GetObject``) on ``resource`` (an ARN)."""
    if not policy:
        return False
    context = {
        "aws:sourcearn": distribution_arn,
        "aws:sourceaccount": distribution_arn.split(":")[4] if distribution_arn.count(":") > 4 else "",
        "aws:securetransport": "true",
    }
    allowed = False
    for statement in _list(policy.get("Statement")):
        if not (_principal(statement) and _action(statement, action)):
            continue
        if not any(_glob(str(r), resource) for r in _list(statement.get("Resource"))):
            continue
        deny = statement.get("Effect") == "Deny"
        if _conditions(statement, context, unknown=deny):
            if deny:
                return False
            allowed = True
    return allowed
