"""Checks the AWS region: it has to be the one where CloudFront reads certificates and web ACLs."""

from __future__ import annotations

import os
from collections.abc import Mapping

import boto3

from emulation.settings import REGION

#: Variables that set the region for the CDK CLI, the AWS CLI and SDKs, in the CDK CLI's order.
_VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION")


def region_problem(environ: Mapping[str, str] = os.environ) -> str | None:
    """The problem with the region of the caller's environment, or None. The default is us-east-1.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
    """
    named = {name: environ[name] for name in _VARIABLES if environ.get(name)}
    if not named:
        profile = boto3.Session().region_name
        named = {f"the profile {environ.get('AWS_PROFILE') or 'default'}": profile} if profile else {}
    wrong = {name: region for name, region in named.items() if region != REGION}
    if not wrong:
        return None
    found = " and ".join(f"{name} says {region}" for name, region in wrong.items())
    return (
        f"deploy: {found}, but the templates can go to {REGION} only: CloudFront takes web ACLs and certificates from "
        f"there. Set AWS_REGION={REGION} and AWS_DEFAULT_REGION={REGION}. Nothing was bootstrapped or deployed."
    )
