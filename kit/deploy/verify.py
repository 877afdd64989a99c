"""Checks before and after a deployment: does the target accept the templates, and do all resources exist?

An emulator may answer "created" for what it does not have (physical id ``unknown``, "deployed as a fallback"), so every
resource is checked, those with a data plane at their own service.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from botocore.exceptions import BotoCoreError, ClientError

from kit.deploy.assembly import Stack
from kit.deploy.resources import Aws, Deployed, Resource

_FALLBACK_MARKS = ("fallback", "not supported", "not yet implemented", "mock")
_EMPTY_IDS = ("", "unknown", "none", "null")
#: ``ValidateTemplate`` takes this many bytes inline
#: (https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ValidateTemplate.html).
_INLINE_TEMPLATE_BYTES = 51_200

Probe = Callable[[Aws, str], object]

#: How each service is asked whether a resource exists; raises when it does not.
PROBES: dict[str, Probe] = {
    "AWS::DynamoDB::Table": lambda aws, name: aws.client("dynamodb").describe_table(TableName=name),
    "AWS::Lambda::Function": lambda aws, name: aws.client("lambda").get_function_configuration(FunctionName=name),
    "AWS::S3::Bucket": lambda aws, name: aws.client("s3").head_bucket(Bucket=name),
    "AWS::SQS::Queue": lambda aws, url: aws.client("sqs").get_queue_attributes(QueueUrl=url),
    "AWS::SNS::Topic": lambda aws, arn: aws.client("sns").get_topic_attributes(TopicArn=arn),
    "AWS::Kinesis::Stream": lambda aws, name: aws.client("kinesis").describe_stream_summary(StreamName=name),
    "AWS::Cognito::UserPool": lambda aws, pool: aws.client("cognito-idp").describe_user_pool(UserPoolId=pool),
    "AWS::Cognito::IdentityPool": lambda aws, pool: aws.client("cognito-identity").describe_identity_pool(
        IdentityPoolId=pool
    ),
    "AWS::ApiGatewayV2::Api": lambda aws, api: aws.client("apigatewayv2").get_api(ApiId=api),
    "AWS::CloudFront::Distribution": lambda aws, distribution: aws.client("cloudfront").get_distribution(
        Id=distribution
    ),
}


def refused_templates(aws: Aws, stacks: Iterable[Stack], *, inline_limit: bool) -> list[str]:
    """The target's objections to the templates, one line per stack; empty when it accepts all."""
    client = aws.client("cloudformation")
    found = []
    for stack in stacks:
        body = json.dumps(stack.template, separators=(",", ":"))
        if len(body.encode()) > _INLINE_TEMPLATE_BYTES:
            if inline_limit:
                continue
            # What an emulator may refuse are types: of a template that is too long they alone are asked for.
            types = {name: {"Type": row["Type"]} for name, row in stack.template["Resources"].items()}
            body = json.dumps({"Resources": types}, separators=(",", ":"))
        try:
            client.validate_template(TemplateBody=body)
        except ClientError as error:
            found.append(f"{stack.name}: {error.response['Error'].get('Message', error)}")
    return found


def verify_deployment(aws: Aws, deployed: Deployed) -> list[str]:
    """Missing resources, one line each with the reason; empty when all exist."""
    doubtful = [(resource, reason) for resource in deployed.resources if (reason := _doubt(resource))]
    certain = [r for r in deployed.resources if r.type in PROBES and not _doubt(r)]
    for resource in certain:
        aws.client(_service_of(resource))
    with ThreadPoolExecutor(max_workers=4) as pool:
        answers = pool.map(lambda resource: _probe(aws, resource), certain)
        doubtful += [(r, reason) for r, reason in zip(certain, answers, strict=True) if reason]
    return [f"{r.stack}/{r.logical_id} ({r.type}): {reason}" for r, reason in doubtful]


def _service_of(resource: Resource) -> str:
    names = {"AWS::Cognito::UserPool": "cognito-idp", "AWS::Cognito::IdentityPool": "cognito-identity"}
    return names.get(resource.type, resource.type.split("::")[1].lower())


def _doubt(resource: Resource) -> str | None:
    """Why CloudFormation's own record of a resource is implausible."""
    if not resource.status.endswith("_COMPLETE") or resource.status.startswith(("DELETE", "ROLLBACK")):
        return f"{resource.status} {resource.reason}".strip()
    if resource.physical_id.strip().lower() in _EMPTY_IDS:
        return f"has no physical id ({resource.physical_id or 'empty'})"
    if any(mark in resource.reason.lower() for mark in _FALLBACK_MARKS):
        return f"is a stand-in: {resource.reason}"
    return None


def _probe(aws: Aws, resource: Resource) -> str | None:
    try:
        PROBES[resource.type](aws, resource.physical_id)
    except (ClientError, BotoCoreError) as error:
        return f"is said to be made, but its service answers: {error}"
    return None
