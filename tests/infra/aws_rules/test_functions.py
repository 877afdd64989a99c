"""Rules of Lambda and IAM, and the timeouts of the services that call functions."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from typing import Any

import pytest

from kit.template_checks.policies import identity_policies
from kit.template_checks.resolve import Resolver
from tests.infra.templates import Templates, as_list

Json = dict[str, Any]
#: Keys that functions may not set.
#: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
RESERVED_VARIABLES = {
    "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
}  # fmt: skip
#: Rights of the role that Lambda requires before it creates a mapping, by the source's service.
#: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-permissions
#: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html#events-dynamodb-permissions
#: https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html
POLLED_BY = {
    "sqs": ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"),
    "dynamodb": ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"),
    "kinesis": ("DescribeStream", "DescribeStreamSummary", "GetRecords", "GetShardIterator", "ListShards"),
}
#: Services that wait for an answer, and their timeouts in seconds.
#: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
#: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
#: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html
PATIENCE = {"apigateway.amazonaws.com": 29, "cognito-idp.amazonaws.com": 5}


@pytest.fixture(scope="module")
def policies(aws: Templates) -> dict[str, Json]:
    return dict(identity_policies(aws.stacks))


def test_functions_stay_within_the_quotas_of_lambda(plain: Templates) -> None:
    """https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
    for name, row in plain.functions().items():
        assert len(f"asyncsns-{name}") <= 64
        assert 1 <= row["Timeout"] <= 900, name
        assert 128 <= row["MemorySize"] <= 10_240, name
        assert len(row.get("Layers", ())) <= 5, name


def test_the_environment_of_a_function_fits(plain: Templates) -> None:
    """4 KB for all variables together: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html"""
    for name, row in plain.functions().items():
        variables = row.get("Environment", {}).get("Variables", {})
        assert len(json.dumps(variables, separators=(",", ":")).encode()) <= 4096, name
        assert all(re.fullmatch(r"[a-zA-Z][a-zA-Z0-9_]+", key) for key in variables), name
        assert not set(variables) & RESERVED_VARIABLES, name


def test_the_policies_of_a_role_fit(policies: dict[str, Json]) -> None:
    """10,240 characters of inline policies: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
    for place, document in policies.items():
        assert len(json.dumps(document, separators=(",", ":"))) <= 10_240, place


def test_sids_are_alphanumeric_and_unique_in_their_policy(policies: dict[str, Json]) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html"""
    for place, document in policies.items():
        sids = [row["Sid"] for row in as_list(document["Statement"]) if "Sid" in row]
        assert all(re.fullmatch(r"[A-Za-z0-9]+", sid) for sid in sids), place
        assert len(sids) == len(set(sids)), place


def test_functions_time_out_before_their_callers_do(aws: Templates) -> None:
    for key, permission in aws.resources("AWS::Lambda::Permission").items():
        patience = PATIENCE.get(permission["Principal"])
        if patience is None:
            continue
        stack, _, _ = key.partition("/")
        row = _function_of(aws, stack, permission["FunctionName"])
        assert row["Timeout"] <= patience, f"{row['FunctionName']}: {permission['Principal']} waits {patience} s"


def test_a_role_has_the_permissions_that_its_event_sources_need(plain: Templates, policies: dict[str, Json]) -> None:
    """Otherwise Lambda refuses to create the mapping."""
    roles = {row["FunctionName"]: row["Role"] for row in plain.resources("AWS::Lambda::Function").values()}
    named = {place.partition("/")[2]: document for place, document in policies.items()}
    mappings = plain.resources("AWS::Lambda::EventSourceMapping").values()
    assert mappings
    for row in mappings:
        document = named[roles[row["FunctionName"]].rpartition("/")[2]]
        source = row["EventSourceArn"]
        service = source.split(":")[2]
        needed = [(f"{service}:{verb}", source) for verb in POLLED_BY[service]]
        if "DestinationConfig" in row:
            needed.append(("sqs:SendMessage", row["DestinationConfig"]["OnFailure"]["Destination"]))
        for action, resource in needed:
            assert _allows(document, action, resource), f"{row['FunctionName']}: {action} on {resource}"


def test_event_source_mappings_stay_within_their_bounds(plain: Templates) -> None:
    """Batches of more than ten SQS messages need a batching window, and the maximum concurrency is at least two.

    https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
    """
    for row in plain.resources("AWS::Lambda::EventSourceMapping").values():
        of_queue = ":sqs:" in row["EventSourceArn"]
        assert 1 <= row["BatchSize"] <= 10_000
        assert row["BatchSize"] <= 10 or not of_queue or row.get("MaximumBatchingWindowInSeconds", 0) >= 1
        assert ("StartingPosition" in row) is not of_queue
        assert 2 <= row.get("ScalingConfig", {}).get("MaximumConcurrency", 2) <= 1_000


def test_two_functions_at_most_read_a_table_s_stream(plain: Templates) -> None:
    """https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html: "No more than two processes at
    most should be reading from the same stream's shard at the same time.\""""
    sources = [row["EventSourceArn"] for row in plain.resources("AWS::Lambda::EventSourceMapping").values()]
    readers = {source: sources.count(source) for source in sources if ":dynamodb:" in source}
    assert readers
    assert max(readers.values()) <= 2, readers


def test_permissions_name_their_source(plain: Templates) -> None:
    """Without a source, any API or bucket of any account could call the function (the confused deputy).

    https://docs.aws.amazon.com/lambda/latest/dg/permissions-function-services.html
    """
    for key, row in plain.resources("AWS::Lambda::Permission").items():
        assert row.get("SourceArn") or row.get("SourceAccount"), key
        assert row["Principal"] != "s3.amazonaws.com" or row.get("SourceAccount"), f"{key}: bucket names are global"


def _function_of(aws: Templates, stack: str, name: Json) -> Json:
    resolver = Resolver(aws.stacks)
    wanted = resolver.text(stack, name).rpartition(":")[2]
    (row,) = [row for row in aws.resources("AWS::Lambda::Function").values() if row["FunctionName"] == wanted]
    return row


def _allows(document: Json, action: str, resource: str) -> bool:
    return any(
        row["Effect"] == "Allow"
        and action in as_list(row["Action"])
        and any(fnmatchcase(resource, pattern) for pattern in as_list(row["Resource"]))
        for row in as_list(document["Statement"])
    )
