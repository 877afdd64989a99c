"""IAM documents of the table, as plain JSON: stacks put them into templates, tests into an emulator.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from __future__ import annotations

from typing import Any, Final

from infra.access import table
from infra.access.model import Person, Refusal, Right, Scope

Json = dict[str, Any]
_VERSION: Final = "2012-10-17"
#: The maximum rights of every role of this system, the functions' and people's, no matter who made the role.
_AT_MOST: Final[tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]] = (
    (
        "ThisSystem",
        ("dynamodb:*", "s3:*", "sqs:*", "sns:*", "kinesis:*", "es:*", "lambda:*", "secretsmanager:*", "ssm:*"),
        (
            *table.TABLES, *table.BUCKETS, *table.QUEUES, *table.TOPICS, *table.STREAMS, *table.DOMAINS,
            *table.FUNCTIONS, *table.SECRETS, *table.PARAMETERS,
        ),
    ),
    ("Phones", ("sns:*",), tuple(f"{table.SNS}:{kind}/*" for kind in ("app", "endpoint"))),
    ("People", ("cognito-idp:*",), table.POOL),
    ("Roles", ("iam:GetRole", "iam:GetRolePolicy", "iam:ListRolePolicies"), table.ROLES),
    ("Deploying", ("sts:AssumeRole",), table.DEPLOYING_ROLE),
    ("Deliveries", ("firehose:PutRecord", "firehose:PutRecordBatch"), table.DELIVERIES),
    ("Questions", ("athena:*",), table.WORKGROUPS),
    ("Catalog", ("glue:Get*",), table.CATALOG),
    ("WebAcl", ("wafv2:GetWebACL", "wafv2:UpdateWebACL"), table.WEB_ACLS),
    (
        "Unnamed",
        (
            "cloudfront:CreateInvalidation", "cloudfront:GetDistributionConfig", "cloudfront:UpdateDistribution",
            "cloudtrail:LookupEvents", "cloudwatch:*", "cognito-idp:ListUserPools", "dynamodb:ListStreams",
            "ec2:*NetworkInterface*", "ec2:*PrivateIpAddresses", "ec2:DescribeSubnets", "execute-api:ManageConnections",
            "iam:ListRoles",
            "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey", "logs:*",
            "secretsmanager:ListSecrets", "wafv2:ListWebACLs", "xray:*",
        ),
        ("*",),
    ),
)  # fmt: skip


def policy(person: Person, scope: Scope) -> Json | None:
    """The policy of this person's role in this stage; None without rights."""
    rows = [_allowed(right, scope) for right in table.RIGHTS if right.allows(person, is_test=scope.is_test)]
    return _document(rows) if rows else None


def boundary(scope: Scope) -> Json:
    """The permissions boundary of every role that a deployment makes."""
    rows = [_statement(sid, "Allow", actions, resources, scope) for sid, actions, resources in _AT_MOST]
    return _document(rows)


def deployer_boundary(scope: Scope) -> Json:
    """The boundary of the deploying role: everything in this region except the refusals, within the role's policy."""
    here = {"StringEquals": {"aws:RequestedRegion": scope.region}}
    rows = [{"Sid": "Here", "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": here}]
    rows += [_refused(one, scope) for one in table.REFUSALS if not (one.only_prod and scope.is_test)]
    return _document(rows)


def _document(rows: list[Json]) -> Json:
    return {"Version": _VERSION, "Statement": rows}


def _allowed(right: Right, scope: Scope) -> Json:
    return _statement(right.sid, "Allow", right.actions, right.resources, scope)


def _refused(one: Refusal, scope: Scope) -> Json:
    row = _statement(one.sid, "Deny", one.actions, one.resources, scope)
    if one.bounded_by:
        row["Condition"] = {"StringNotEquals": {"iam:PermissionsBoundary": scope.arn(one.bounded_by)}}
    return row


def _statement(sid: str, effect: str, actions: tuple[str, ...], resources: tuple[str, ...], scope: Scope) -> Json:
    """Objects of a bucket and indexes of a table are below its ARN, which ends with ``*``."""
    named = [scope.arn(resource) for resource in resources]
    return {"Sid": sid, "Effect": effect, "Action": list(actions), "Resource": named}
