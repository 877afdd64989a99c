"""A request is signed for the region of the endpoint that it is sent to.

On AWS each region has endpoints of its own; here one address serves all of them, and MiniStack uses the region of the
signature, so a request signed for another region finds an empty account. Source: IAM User Guide, "Troubleshoot
Signature Version 4 for AWS API requests" ("Credential should be scoped to a valid region"). Buckets have a region of
their own, which MiniStack checks itself.
"""

from __future__ import annotations

from typing import Any

from emulation.emulator import seams
from emulation.emulator.signatures import Pinned

#: Where services are that have one endpoint for the world, and what is given to CloudFront.
GLOBAL_REGION = "us-east-1"
#: https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/global-services.html
GLOBAL = frozenset((
    "acm", "account", "budgets", "ce", "cloudfront", "globalaccelerator", "iam", "organizations", "route53", "shield",
    "sts", "wafv2",
))  # fmt: skip


def refuse_other_regions(region: str) -> None:
    """Check the region before the signature."""
    evaluator = seams.module("core.iam_evaluator")
    authenticate = evaluator.authenticate

    def authenticate_here(access_key_id: str, account_id: str) -> Any:
        signed_for, service = scope_of(evaluator._signed_request.get())
        found = problem(signed_for, service, region)
        if found is not None:
            return evaluator.AuthError("SignatureDoesNotMatch", found)
        return authenticate(access_key_id, account_id)

    evaluator.authenticate = authenticate_here


def problem(signed_for: str, service: str, region: str) -> str | None:
    """AWS's message when a signature is for another region; None otherwise, and without a Version 4 signature."""
    if not signed_for or service == "s3" or signed_for == region:
        return None
    if service in GLOBAL and signed_for == GLOBAL_REGION:
        return None
    return f"Credential should be scoped to a valid region, not '{signed_for}'. "


def scope_of(request: Any) -> tuple[str, str]:
    """Region and service of the credential, empty where there is none."""
    if request is None:
        return "", ""
    if isinstance(request, Pinned):
        return request.authorization.scope.region, request.authorization.scope.service
    header = request.headers.get("authorization", "")
    credential = header.partition("Credential=")[2].partition(",")[0]
    if not credential:
        credential = (request.query_params.get("X-Amz-Credential") or [""])[0]
    parts = credential.split("/")
    return (parts[-3], parts[-2]) if len(parts) == 5 else ("", "")
