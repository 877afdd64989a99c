"""Quotas that this system needs in an AWS account."""

from __future__ import annotations

from typing import Any

from infra.constants import ACCOUNT_CONCURRENCY


def quota_problem(functions: Any) -> str | None:
    """The problem with the account's limits, or None.

    Args:
        functions: a Lambda client.

    https://docs.aws.amazon.com/lambda/latest/api/API_GetAccountSettings.html
    """
    allowed = int(functions.get_account_settings()["AccountLimit"]["ConcurrentExecutions"])
    if allowed >= ACCOUNT_CONCURRENCY:
        return None
    return (
        f"deploy: this account allows {allowed} concurrent executions of Lambda in this region, expected at least "
        f"{ACCOUNT_CONCURRENCY}: the functions that people wait for reserve most of them. Raise the quota first "
        "(Service Quotas, AWS Lambda, Concurrent executions). Nothing was deployed."
    )
