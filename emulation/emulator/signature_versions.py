"""S3 accepts only Signature Version 4, as for every bucket made since June 2020.

MiniStack also accepts forms and links signed by Version 2, which would fail on AWS. Source: Amazon S3 API Reference,
"Specifying the Signature Version in request authentication", "AWS Signature Version 2 turned off".
"""

from __future__ import annotations

from typing import Any

from emulation.emulator import seams

REFUSED = (
    "InvalidRequest",
    "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
)


def refuse_version_2() -> None:
    """Replace the check of Version 2 signatures, and refuse forms that have one."""
    storage, evaluator = seams.module("services.s3"), seams.module("core.iam_evaluator")
    check = storage._enforce_signed_post_policy

    def check_version_4(fields: dict[str, str], bucket_name: str, region: str, size: int, sigv4: bool) -> Any:
        return check(fields, bucket_name, region, size, sigv4) if sigv4 else storage._error(*REFUSED, 400)

    def refuse(request: Any, account_id: str) -> Any:
        return evaluator.AuthError("UnsupportedSignature", REFUSED[1])

    storage._enforce_signed_post_policy = check_version_4
    evaluator._sigv2_check = refuse
