"""Findings of the tools that are accepted, each with its reason; an entry without a finding is an error."""

from __future__ import annotations

from typing import Final

from kit.template_checks.finding import Accepted

ACCEPTED: Final[tuple[Accepted, ...]] = (
    Accepted("cfn-lint", "W3005", "asyncsns-*", "CDK writes DependsOn beside the reference that already orders both."),
    Accepted(
        "checkov",
        "CKV_AWS_115",
        "asyncsns-*/Function*",
        "What people wait for has reserved concurrency, queues have a maximum: more reservations would share less.",
    ),
    Accepted(
        "checkov",
        "CKV_AWS_116",
        "asyncsns-*/Function*",
        "This dead-letter queue is of asynchronous invocations. Those have an on-failure destination, streams and "
        "queues their own.",
    ),
    Accepted(
        "checkov",
        "CKV_AWS_117",
        "asyncsns-*/Function*",
        "They talk to AWS's public endpoints only; a VPC would need a NAT gateway and protect nothing.",
    ),
    Accepted(
        "checkov",
        "CKV_AWS_119",
        "asyncsns-data/Table*",
        "Encrypted by a key that DynamoDB owns; a key of ours would be paid for with each request.",
    ),
    Accepted(
        "checkov",
        "CKV_AWS_149",
        "asyncsns-*/*",
        "Encrypted by Secrets Manager's key of the account, read by roles only.",
    ),
    Accepted(
        "checkov",
        "CKV_AWS_158",
        "asyncsns-*/*Log*",
        "CloudWatch Logs encrypts with its own key; logs hold ids, no texts.",
    ),
    Accepted(
        "checkov", "CKV_AWS_173", "asyncsns-*/Function*", "Encrypted by Lambda's key; variables hold names, no secrets."
    ),
    Accepted(
        "checkov",
        "CKV_AWS_174",
        "asyncsns-edge/Distribution*",
        "TLS 1.2 holds with a domain and certificate; CloudFront decides for *.cloudfront.net.",
    ),
    Accepted("checkov", "CKV_AWS_18", "asyncsns-*/*Bucket*", "Reached through CloudFront, which writes an access log."),
    Accepted("checkov", "CKV_AWS_18", "asyncsns-edge/AccessLogs*", "It holds the access logs."),
    Accepted(
        "checkov",
        "CKV_AWS_18",
        "asyncsns-observability/Answers*",
        "Athena's answers for a week; who asked what is in CloudTrail.",
    ),
    Accepted(
        "checkov",
        "CKV_AWS_192",
        "asyncsns-edge/WebAcl",
        "Bodies and query strings are what people write; the same patterns in headers and paths are blocked by labels.",
    ),
    Accepted("checkov", "CKV_AWS_21", "asyncsns-*/*", "What people delete must be gone; versions would keep it."),
    Accepted(
        "checkov",
        "CKV_AWS_26",
        "asyncsns-*/*",
        "Messages hold ids and short texts on their way; SNS encrypts the disks.",
    ),
    Accepted(
        "checkov",
        "CKV_AWS_27",
        "asyncsns-*/Queue*",
        "Encrypted by SQS's own key (SqsManagedSseEnabled), which the rule ignores.",
    ),
    Accepted(
        "checkov",
        "CKV_AWS_317",
        "asyncsns-search/Domain",
        "Audit logs need fine-grained access control; here IAM decides, and each caller is a function's role.",
    ),
    Accepted(
        "parliament",
        "RESOURCE_STAR",
        "asyncsns-auth/Role*",
        "CloudWatch's console lists all alarms and dashboards before it opens one; read-only.",
    ),
    *(
        Accepted(
            "checkov",
            rule,
            "asyncsns-access/*",
            "Who deploys changes rights and resources; each is below the system's prefix or a permissions boundary.",
        )
        for rule in ("CKV_AWS_107", "CKV_AWS_109", "CKV_AWS_111")
    ),
    Accepted(
        "parliament",
        "RESOURCE_STAR",
        "asyncsns-access/*",
        "AWS gives these resources their ids, so that no prefix can be named.",
    ),
    Accepted(
        "parliament",
        "RESOURCE_MISMATCH",
        "asyncsns-access/*",
        "A wildcard of actions also covers some that have other resources; those stay refused, as is meant.",
    ),
    Accepted(
        "parliament",
        "MISMATCHED_TYPE_BUT_USABLE",
        "asyncsns-access/DeployerBoundary*",
        "AWS's own examples compare iam:PermissionsBoundary as a string.",
    ),
)
