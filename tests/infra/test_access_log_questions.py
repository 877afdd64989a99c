"""Athena on the access logs: tables at the logs' locations, named queries that parse, results that expire."""

from __future__ import annotations

import json

import sqlglot

from infra.access_logs.questions import QUESTIONS
from tests.infra.templates import Json, Templates


def _only(found: dict[str, Json]) -> Json:
    (row,) = found.values()
    return row


def test_each_question_is_a_named_query_of_the_workgroup(aws: Templates) -> None:
    rows = list(aws.resources("AWS::Athena::NamedQuery").values())
    assert {row["Name"] for row in rows} == {f"asyncsns-{one.name}" for one in QUESTIONS}
    group, database = _only(aws.resources("AWS::Athena::WorkGroup")), _only(aws.resources("AWS::Glue::Database"))
    for row in rows:
        assert row["WorkGroup"] == group["Name"]
        assert row["Database"] == database["DatabaseInput"]["Name"]
        # https://docs.aws.amazon.com/athena/latest/APIReference/API_CreateNamedQuery.html: 262,144 bytes
        assert len(row["QueryString"].encode()) < 262_144
        assert sqlglot.parse_one(row["QueryString"], read="trino")


def test_athena_results_are_encrypted_limited_and_deleted_after_seven_days(aws: Templates) -> None:
    settings = _only(aws.resources("AWS::Athena::WorkGroup"))["WorkGroupConfiguration"]
    assert settings["EnforceWorkGroupConfiguration"] is True
    assert settings["BytesScannedCutoffPerQuery"] == 10 * 1024**3
    assert settings["ResultConfiguration"]["EncryptionConfiguration"] == {"EncryptionOption": "SSE_S3"}
    bucket = next(
        row for row in aws.resources("AWS::S3::Bucket").values() if "athena-results" in json.dumps(row["BucketName"])
    )
    assert [rule["ExpirationInDays"] for rule in bucket["LifecycleConfiguration"]["Rules"]] == [7]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}


def test_tables_are_where_the_logs_are_written(aws: Templates) -> None:
    tables = {row["TableInput"]["Name"]: row["TableInput"] for row in aws.resources("AWS::Glue::Table").values()}
    logging = _only(aws.resources("AWS::CloudFront::Distribution"))["DistributionConfig"]["Logging"]
    viewer = json.dumps(tables["cloudfront_access_log"]["StorageDescriptor"]["Location"])
    assert logging["Prefix"] == "cloudfront/"
    assert "asyncsns-access-logs-" in viewer
    assert "/cloudfront/" in viewer
    stream = _only(aws.resources("AWS::KinesisFirehose::DeliveryStream"))["ExtendedS3DestinationConfiguration"]
    gateway = tables["gateway_access_log"]
    assert stream["Prefix"] == "gateway/!{timestamp:yyyy/MM/dd}/"
    assert "/gateway/${day}" in json.dumps(gateway["Parameters"]["storage.location.template"])
    assert gateway["PartitionKeys"] == [{"Name": "day", "Type": "string"}]


def test_lines_of_the_gateway_go_through_firehose(aws: Templates) -> None:
    subscription = _only(aws.resources("AWS::Logs::SubscriptionFilter"))
    stage = next(row for row in aws.resources("AWS::ApiGatewayV2::Stage").values() if row["StageName"] == "$default")
    assert subscription["LogGroupName"] == "/aws/apigateway/asyncsns-api"
    written = {name.lower() for name in json.loads(stage["AccessLogSettings"]["Format"])}
    tables = {row["TableInput"]["Name"]: row["TableInput"] for row in aws.resources("AWS::Glue::Table").values()}
    columns = {one["Name"] for one in tables["gateway_access_log"]["StorageDescriptor"]["Columns"]}
    assert written == columns
    processors = _only(aws.resources("AWS::KinesisFirehose::DeliveryStream"))["ExtendedS3DestinationConfiguration"][
        "ProcessingConfiguration"
    ]["Processors"]
    assert [one["Type"] for one in processors] == [
        "Decompression",
        "CloudWatchLogProcessing",
        "AppendDelimiterToRecord",
    ]


def test_emulators_get_no_access_log_queries(embedded: Templates) -> None:
    for kind in ("Athena::NamedQuery", "Athena::WorkGroup", "Glue::Table", "KinesisFirehose::DeliveryStream"):
        assert not embedded.resources(f"AWS::{kind}")
