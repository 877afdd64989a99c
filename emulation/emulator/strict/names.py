"""Rules on names in templates that the service would refuse; MiniStack checks most of them only in its APIs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from emulation.emulator.strict.refused import Account, Properties, Refused, Rule


@dataclass(frozen=True)
class Name:
    """``property`` has ``least`` to ``most`` characters of ``pattern``."""

    property: str
    pattern: str
    least: int
    most: int
    code: str = "ValidationException"


#: https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
#: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
#: https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
#: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
#: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html
#: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
#: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
#: https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_CreateDomain.html
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
NAMES = {
    "AWS::Lambda::Function": Name("FunctionName", r"[a-zA-Z0-9-_]+", 1, 64),
    "AWS::SQS::Queue": Name("QueueName", r"[A-Za-z0-9_-]+(\.fifo)?", 1, 80, "InvalidParameterValue"),
    "AWS::SNS::Topic": Name("TopicName", r"[A-Za-z0-9_-]+(\.fifo)?", 1, 256, "InvalidParameter"),
    "AWS::DynamoDB::Table": Name("TableName", r"[a-zA-Z0-9_.-]+", 3, 255),
    "AWS::Kinesis::Stream": Name("Name", r"[a-zA-Z0-9_.-]+", 1, 128),
    "AWS::IAM::Role": Name("RoleName", r"[\w+=,.@-]+", 1, 64, "ValidationError"),
    "AWS::Logs::LogGroup": Name("LogGroupName", r"[\.\-_/#A-Za-z0-9]+", 1, 512, "InvalidParameterException"),
    "AWS::OpenSearchService::Domain": Name("DomainName", r"[a-z][a-z0-9\-]+", 3, 28),
    "AWS::S3::Bucket": Name("BucketName", r"[a-z0-9][a-z0-9.-]*[a-z0-9]", 3, 63, "InvalidBucketName"),
}


def rule_of(name: Name) -> Rule:
    """The rule for one type; a resource without a name gets a valid one."""

    def named(properties: Properties, account: Account) -> Iterator[Refused]:
        given = properties.get(name.property)
        wrong = problem(name, str(given)) if given is not None else None
        if wrong:
            at = f"Value '{given}' at '{name.property[:1].lower()}{name.property[1:]}'"
            yield Refused(name.code, f"1 validation error detected: {at} failed to satisfy constraint: Member {wrong}")

    return named


def problem(name: Name, given: str) -> str:
    """The violated requirement of a name; empty when the name is valid."""
    if len(given) > name.most:
        return f"must have length less than or equal to {name.most}"
    if len(given) < name.least:
        return f"must have length greater than or equal to {name.least}"
    if not re.fullmatch(name.pattern, given, re.ASCII):
        return f"must satisfy regular expression pattern: {name.pattern}"
    return ""
