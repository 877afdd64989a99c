"""Rules of DynamoDB, S3, SQS, SNS, Kinesis, Secrets Manager and OpenSearch."""

from __future__ import annotations

import math
import re
from typing import Any

from tests.infra.templates import Templates, as_list

Json = dict[str, Any]
_DAY = 24 * 3600


def test_tables_define_just_their_keys_and_at_most_20_indexes(plain: Templates) -> None:
    """https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"""
    for row in plain.resources("AWS::DynamoDB::Table").values():
        assert re.fullmatch(r"[a-zA-Z0-9_.-]{3,255}", row["TableName"])
        assert len(row.get("GlobalSecondaryIndexes", ())) <= 20
        keys = {key["AttributeName"] for schema in _schemas(row) for key in schema}
        assert keys == {one["AttributeName"] for one in row["AttributeDefinitions"]}, "only keys are defined"


def test_bucket_names_are_valid_and_unique_to_the_account(plain: Templates) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"""
    names = [row["BucketName"] for row in plain.resources("AWS::S3::Bucket").values()]
    assert names
    for name in names:
        assert re.fullmatch(r"(?!xn--|sthree-|amzn-s3-demo-)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", name), name
        assert not name.endswith(("-s3alias", "--ol-s3", "--x-s3", "--table-s3")), name
        assert re.search(r"\d{12}", name), f"{name}: names are global, another account may have it"


def test_every_message_is_hidden_for_six_timeouts(plain: Templates) -> None:
    """https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""
    queues = {row["QueueName"]: row for row in plain.resources("AWS::SQS::Queue").values()}
    timeouts = {f"asyncsns-{name}": row["Timeout"] for name, row in plain.functions().items()}
    mappings = plain.resources("AWS::Lambda::EventSourceMapping").values()
    consumed = [row for row in mappings if ":sqs:" in row["EventSourceArn"]]
    assert consumed
    for row in consumed:
        queue = queues[row["EventSourceArn"].rpartition(":")[2]]
        window = row.get("MaximumBatchingWindowInSeconds", 0)
        assert queue["VisibilityTimeout"] >= 6 * timeouts[row["FunctionName"]] + window, queue["QueueName"]


def test_queues_fit_sqs_and_their_dead_letters_are_kept_longer(plain: Templates) -> None:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html"""
    queues = plain.resources("AWS::SQS::Queue").values()
    arns = {row["QueueName"] for row in queues}
    for row in queues:
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,80}", row["QueueName"])
        assert row.get("VisibilityTimeout", 30) <= _DAY // 2
        assert 60 <= row.get("MessageRetentionPeriod", 4 * _DAY) <= 14 * _DAY
        assert row.get("DelaySeconds", 0) <= 900
        if "RedrivePolicy" in row:
            # A moved message keeps its age: a shorter retention there would delete it early.
            dead = row["RedrivePolicy"]["deadLetterTargetArn"].rpartition(":")[2]
            assert dead in arns
            (kept,) = [one.get("MessageRetentionPeriod", 4 * _DAY) for one in queues if one["QueueName"] == dead]
            assert kept > row.get("MessageRetentionPeriod", 4 * _DAY), row["QueueName"]


def test_filter_policies_stay_within_the_limits_of_sns(plain: Templates) -> None:
    """150 combinations, 200 of them on a topic: https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html"""
    subscriptions = list(plain.resources("AWS::SNS::Subscription").values())
    for row in subscriptions:
        policy = row.get("FilterPolicy", {})
        assert len(policy) <= 5
        assert math.prod(len(values) for values in policy.values()) <= 150
    topics = [row["TopicArn"] for row in subscriptions if "FilterPolicy" in row]
    assert max(topics.count(topic) for topic in topics) <= 200


def test_a_topic_may_send_to_its_queues_and_to_their_dead_letter_queues(plain: Templates) -> None:
    """https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html"""
    allowed = {
        queue.rpartition("/")[2]
        for row in plain.resources("AWS::SQS::QueuePolicy").values()
        for queue in row["Queues"]
        for statement in row["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow" and "sns.amazonaws.com" in str(statement["Principal"])
    }
    for row in plain.resources("AWS::SNS::Subscription").values():
        if row["Protocol"] == "sqs":
            assert row["Endpoint"].rpartition(":")[2] in allowed
            assert row["RedrivePolicy"]["deadLetterTargetArn"].rpartition(":")[2] in allowed


def test_a_topic_with_a_policy_lets_alarms_and_budgets_in(plain: Templates) -> None:
    """Our policy replaces the default one, which lets the account's alarms publish.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
    https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html
    """
    alarms = plain.resources("AWS::CloudWatch::Alarm").values()
    (topic,) = {action for row in alarms for action in (*row["AlarmActions"], *row["OKActions"])}
    principals = {
        service
        for row in plain.resources("AWS::SNS::TopicPolicy").values()
        if topic in row["Topics"]
        for statement in row["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
        for service in as_list(statement["Principal"].get("Service", []))
    }
    assert {"cloudwatch.amazonaws.com", "budgets.amazonaws.com"} <= principals


def test_secret_names_do_not_end_like_their_suffix(plain: Templates) -> None:
    """ "Don't end your secret name with a hyphen followed by six characters."

    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
    """
    names = [row["Name"] for row in plain.resources("AWS::SecretsManager::Secret").values()]
    found = re.findall(r"secret:([\w/-]+)-\?{6}", str(plain.stacks))
    assert found
    for name in {*names, *found}:
        assert not re.search(r"-\w{6}$", name), name


def test_a_search_domain_has_a_valid_name_and_volume(plain: Templates) -> None:
    """https://docs.aws.amazon.com/opensearch-service/latest/developerguide/limits.html (gp3 of t3.small)"""
    for row in plain.resources("AWS::OpenSearchService::Domain").values():
        assert re.fullmatch(r"[a-z][a-z0-9-]{2,27}", row["DomainName"])
        if row["ClusterConfig"]["InstanceType"] == "t3.small.search":
            assert 10 <= row["EBSOptions"]["VolumeSize"] <= 100


def test_a_stream_keeps_between_a_day_and_a_year(plain: Templates) -> None:
    """https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html (five reads a second)"""
    mappings = [row["EventSourceArn"] for row in plain.resources("AWS::Lambda::EventSourceMapping").values()]
    for row in plain.resources("AWS::Kinesis::Stream").values():
        assert 24 <= row["RetentionPeriodHours"] <= 8_760
        readers = [arn for arn in mappings if arn.endswith(f"stream/{row['Name']}")]
        assert 1 <= len(readers) <= 5


def _schemas(table: Json) -> list[list[Json]]:
    return [table["KeySchema"], *(index["KeySchema"] for index in table.get("GlobalSecondaryIndexes", ()))]
